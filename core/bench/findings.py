"""What a run shows, in sentences. Plain text: whoever draws it escapes it."""

from __future__ import annotations

from core.bench.record import Run, Summary

# Published with the tutorial: seconds, one run, a server some 60 ms away, Strong consistency.
TUTORIAL_S: dict[str, dict[int, dict[str, float]]] = {
    "add": {
        10: {"async": 0.19, "sync": 0.56},
        100: {"async": 0.48, "sync": 5.85},
        1000: {"async": 3.22, "sync": 62.91},
    },
    "search": {
        10: {"async": 0.55, "sync": 3.29},
        100: {"async": 1.39, "sync": 30.80},
        1000: {"async": 8.81, "sync": 308.80},
    },
}


def tutorial_speedup(operation: str, count: int) -> float | None:
    """The speed-up that the tutorial's published times give, to one decimal as usually quoted.

    Returns None for a count that the tutorial did not measure.
    """
    times = TUTORIAL_S.get(operation, {}).get(count)
    return None if times is None else round(times["sync"] / times["async"], 1)


def headline(run: Run) -> str:
    """One sentence on what was found: the strongest claim that the record supports."""
    known = [row for row in run.summary if row.speedup is not None]
    if not known:
        return _nothing_known(run)
    operations = {row.operation for row in known}
    operation = "search" if "search" in operations else "add"
    row = max((row for row in known if row.operation == operation), key=lambda row: row.count)
    return f"{_claim(row)} ({_uncertainty(run, row)}){_reservations(run, row)}."


def comparison(run: Run, operation: str) -> str:
    """The same for one operation, short enough for a chart's title."""
    rows = [row for row in run.summary if row.operation == operation and row.speedup is not None]
    if not rows:
        return f"{operation.capitalize()}: no comparison yet"
    row = max(rows, key=lambda row: row.count)
    return _claim(row)


def explain(run: Run) -> str | None:
    """Why the numbers are as they are, where the plan alone tells; None where it does not."""
    if not run.trials:
        return None
    if run.plan.target == "lite":
        return (
            "On Milvus Lite async gains little: the engine is pure Python in the same process as the "
            "client, so there is no network to wait for and no second machine to work meanwhile. "
            "Use a Milvus server to see waiting overlap."
        )
    if run.plan.consistency == "Strong" and "search" in run.plan.operations:
        return (
            "With Strong consistency every search waits until the server has caught up with all earlier "
            "writes. The sync lane waits once per search, one after another; the async lane waits for all "
            "of them at the same time. No single search gets faster."
        )
    return (
        "Async makes no single call faster: it overlaps the waiting for the server and the network. "
        "The longer one call waits, the more there is to gain."
    )


def _claim(row: Summary) -> str:
    name = f"{row.lane.capitalize()} {row.operation}"
    at = f"{row.baseline} at {row.count:,} operations"
    if row.speedup is None:
        return f"How {name.lower()} compares with {at} is not known"
    if row.ci95 is not None and row.ci95[0] <= 1 <= row.ci95[1]:
        return f"No difference was found between {row.lane} {row.operation} and {at}"
    if row.speedup < 0.95:
        return f"{name} was {_times(1 / row.speedup)} times slower than {at}"
    if row.speedup < 1.05:
        return f"{name} took about as long as {at}"
    return f"{name} was {_times(row.speedup)} times faster than {at}"


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 2 else f"{ratio:.1f}"


def _uncertainty(run: Run, row: Summary) -> str:
    if row.ci95 is not None:
        low, high = row.ci95
        return (
            f"{_times(row.speedup or 0)}x, 95 % interval {low:.2f} to {high:.2f}, {run.plan.repeats} repeats"
        )
    return "one run, no repeats: no uncertainty known"


def _reservations(run: Run, row: Summary) -> str:
    parts = []
    if row.is_projected:
        parts.append("a trial was cut, so this is a projection from the operations that were done")
    mine = [
        check
        for check in run.checks
        if _concerns(check.name, row) and check.details.get("count") == row.count
    ]
    if not mine:
        parts.append("no check proves yet that both lanes did the same work")
    elif not all(check.passed for check in mine):
        parts.append("but the lanes did not do the same work: a check failed, so this is no fair comparison")
    return "".join(f"; {part}" for part in parts)


def _concerns(check: str, row: Summary) -> bool:
    return check == ("row_count_after_add" if row.operation == "add" else "identical_ids")


def _nothing_known(run: Run) -> str:
    reasons = [row.reason for row in run.summary if row.reason]
    if reasons:
        return f"The lanes can't be compared: {reasons[-1]}."
    if run.num_failed:
        return f"The lanes can't be compared: {run.num_failed} operations failed."
    lanes = {trial.lane for trial in run.trials}
    if len(lanes) == 1:
        return f"Only the {lanes.pop()} lane was measured, so there is nothing to compare it with."
    return "Nothing was measured that could be compared."

"""What a run shows, in sentences. Plain text: whoever draws it escapes it."""

from __future__ import annotations

from dataclasses import dataclass

from core.bench.analysis import steps, sweep_findings
from core.bench.analysis.factor_words import ended_early, interval_ends, interval_text, times
from core.bench.analysis.sweeps import told_point
from core.bench.analysis.trust import doubts
from core.bench.plan.plan import OPERATIONS, Plan, counted_operations
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Verdict
from core.runtime.words import counted

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What a run found, in the sizes in which a page says it.

    Attributes:
        figure: Such as "8.9x"; "" where no single figure says it.
        sentence: Short; goes on from the figure.
        details: The uncertainty, and what else has to be known, in small type; may be "".
    """

    figure: str
    sentence: str
    details: str


def tutorial_speedup(operation: str, count: int) -> float | None:
    """The speed-up that the tutorial's published times give, to one decimal as usually quoted.

    Returns:
        None for a count that the tutorial did not measure.
    """
    times = TUTORIAL_S.get(operation, {}).get(count)
    return None if times is None else round(times["sync"] / times["async"], 1)


def headline(run: Run) -> str:
    """One sentence on what was found: the strongest claim that the record supports."""
    swept = sweep_findings.headline(run)
    if swept is not None:
        return swept
    rows = [row for row in run.summary if row.speedup is not None]
    if not rows:
        return _nothing_known(run)
    row = _most_telling(rows)
    # Where the sentence has the factor itself, it is not said twice.
    is_said = f"{times(row.speedup)} times" in (said := claim(row))
    return f"{said} ({_uncertainty(run, row, with_ratio=not is_said)}){_reservations(run, row)}."


def finding(run: Run) -> Finding:
    """The same as `headline`, in parts of which the largest carries to the last row."""
    parts = sweep_findings.in_parts(run)
    if parts is not None:
        return Finding(figure=parts[0], sentence=parts[1], details=parts[2])
    row = _told_row(run)
    if row is None or row.speedup is None:
        return Finding(figure="", sentence=headline(run), details="")
    how_many = f", {counted_operations(row.operation, row.count)}" if len(run.plan.counts) > 1 else ""
    where = f", {row.case.rtt_ms} ms away (simulated)" if row.case.rtt_ms else ""
    projected = " (projected)" if row.is_projected else ""
    figure, word = ("", "") if ended_early(run, row) else _figure(row)
    uncertainty = _uncertainty(run, row, with_ratio=False, is_slower=word == "slower")
    details = f"{uncertainty}{_not_known_beyond(run, row)}{doubts(run, [row])}"
    details = f"Against {row.baseline}: {details}"
    nearer = sweep_findings.nearer_text(run)
    details += f"; {nearer}." if nearer else "."
    what = f"{row.lane} {row.operation}"
    if not figure:
        sentence = f"{claim(row)}{where}{projected}{_so_far(run, row)}."
        return Finding(figure="", sentence=sentence, details=details)
    return Finding(figure=figure, sentence=f"{word}: {what}{how_many}{where}{projected}", details=details)


def brief(run: Run) -> str:
    """The same in a line of a list: "7.9x faster: async search, 60 ms away (simulated); 4.80 to 12.86".

    The figure and what it is of come first: of a narrow list only the beginning is seen. A run that was
    stopped or failed before it found anything says why.
    """
    found, row = finding(run), _told_row(run)
    if not found.figure:
        if run.status == "failed" and run.note and not run.measured:
            return run.note
        if row is None:
            return f"{found.sentence} {run.note}".rstrip()
        return f"{claim(row)}{_so_far(run, row)}{_not_known_beyond(run, row, with_reason=False)}."
    if row is None or sweep_findings.in_parts(run) is not None:
        return f"{found.figure} {found.sentence}"
    how_sure = "uncertainty not known"
    if row.ci95 is not None:
        how_sure = interval_ends(row.ci95, is_slower=_figure(row)[1] == "slower")
    beyond = _not_known_beyond(run, row, with_reason=False)
    return f"{found.figure} {found.sentence}; {how_sure}{beyond}"


def _told_row(run: Run) -> Summary | None:
    return sweep_findings.telling_row(run) if run.plan.sweep == "distance" else _telling_row(run)


def _so_far(run: Run, row: Summary) -> str:
    if not ended_early(run, row):
        return ""
    return f", in {counted(row.num_repeats, 'repeat')} of {run.plan.repeats} that were planned"


def _figure(row: Summary) -> tuple[str, str]:
    """The factor and what it means; "" where there is no difference to speak of."""
    ratio = row.speedup or 1.0
    if row.is_no_difference or 0.95 <= ratio < 1.05:
        return "", ""
    if ratio < 1:
        return f"{times(1 / ratio)}x", "slower"
    return f"{times(ratio)}x", "faster"


def _telling_row(run: Run) -> Summary | None:
    rows = [row for row in run.summary if row.speedup is not None]
    return _most_telling(rows) if rows and run.plan.sweep == "none" and not run.plan.is_open_loop else None


def explain(run: Run) -> str | None:
    """Why the numbers are as they are, where plan or steps tell; None where they do not."""
    plan = run.plan
    if plan.is_ingest:
        return steps.reasons(run)
    if plan.sweep in {"none", "distance"} and not plan.is_open_loop and told_point(run)[1] == 1:
        return "A single operation has nothing to overlap: async gains where several wait at the same time."
    if run.trials and plan.sweep == "distance":
        return (
            f"{_who_waits(plan, 'one round trip per operation')} "
            "Where there is nothing to wait for, there is little to gain."
        )
    if not run.trials or plan.sweep != "none" or plan.is_open_loop:
        return None
    if plan.stall_s:
        return (
            f"The link froze for {plan.stall_s:g} s once half of a trial's requests were sent (simulated): "
            "what was not answered by then waited for its end, and what came later began late."
        )
    row = _telling_row(run)
    operation = told_point(run)[0] if row is None else row.operation
    return f"{_what_waits(plan, operation)}{_no_gain(row)}"


def _what_waits(plan: Plan, operation: str) -> str:
    """What there is to overlap in a comparison without a sweep, and who does."""
    if plan.target == "lite" and not plan.rtt_ms:
        where = "on this machine" if plan.processes > 1 else "in the same process as the client"
        return (
            f"On Milvus Lite async has little to overlap: the engine is pure Python {where}, so there is no "
            "network to wait for and no second machine to work meanwhile. Use a Milvus server to see waiting "
            "overlap, or add a simulated distance."
        )
    if plan.rtt_ms:
        return (
            f"Every request travels {plan.rtt_ms} ms (simulated). "
            f"{_who_waits(plan, 'that once per operation')}"
        )
    if plan.consistency == "Strong" and operation == "search":
        return (
            "With Strong consistency every search waits until the server has caught up with all earlier "
            f"writes. {_who_waits(plan, 'that once per search')} No single search gets faster."
        )
    return (
        "Async makes no single call faster: it overlaps the waiting for the server and the network. "
        "The longer one call waits, the more there is to gain."
    )


def _no_gain(row: Summary | None) -> str:
    """Goes on from what is overlapped where that did not pay: it must not be read as the reason of a gain."""
    if row is None or row.lane != "async":
        return ""
    if row.is_no_difference:
        return " In this run the gain can't be told from noise."
    return " In this run async cost more time than it saved." if row.verdict == Verdict.SLOWER else ""


def _who_waits(plan: Plan, what: str) -> str:
    if {"sync", "async"} <= set(plan.lanes):
        return (
            f"The sync lane waits for {what}, one after another; the async lane waits for all of them at the "
            "same time."
        )
    return (
        "A lane that sends one request after another waits for each in turn; one with many requests under "
        "way waits for many at the same time."
    )


def claim(row: Summary) -> str:
    """What one comparison shows, without its uncertainty."""
    name = f"{row.lane.capitalize()} {row.operation}"
    at = f"{row.baseline} at {counted_operations(row.operation, row.count)}"
    if row.speedup is None:
        return f"How {name.lower()} compares with {at} is not known"
    if row.is_no_difference:
        return f"No detectable difference between {row.lane} {row.operation} and {at}"
    if row.speedup < 0.95:
        return f"{name} took {times(1 / row.speedup)} times as long as {at}"
    if row.speedup < 1.05:
        return f"{name} took about as long as {at}"
    return f"{name} was {times(row.speedup)} times as fast as {at}"


def _most_telling(rows: list[Summary]) -> Summary:
    """The async lane that gained most at the largest count; searches are preferred to adds."""
    place = max(map(_place, rows))
    mine = [row for row in rows if _place(row) == place]
    plain = [row for row in mine if row.lane == "async"]
    return max(plain or mine, key=lambda row: row.speedup or 0.0)


def _uncertainty(run: Run, row: Summary, *, with_ratio: bool = True, is_slower: bool = False) -> str:
    ratio = f"{times(row.speedup)}x, " if with_ratio and row.ci95 is not None else ""
    text = f"{ratio}{interval_text(run, row, is_slower=is_slower)}"
    if row.ci95 is None or row.noise is None:
        return text
    return f"{text}; trials of one lane differ by up to {row.noise:.2f}x"


def _reservations(run: Run, row: Summary) -> str:
    where = f"; with a simulated distance of {row.case.rtt_ms} ms" if row.case.rtt_ms else ""
    if run.plan.sweep == "concurrency":
        where += f"; with {row.case.concurrency:,} at once at most"
    return where + _not_known_beyond(run, row) + doubts(run, [row])


def _not_known_beyond(run: Run, row: Summary, *, with_reason: bool = True) -> str:
    """That the lane has no factor at a larger count, or of searches where there are any, and why.

    It may have lost there: what is told instead must not hide that.
    """
    beyond = [
        other
        for other in run.summary
        if (other.lane, other.baseline, other.case) == (row.lane, row.baseline, row.case)
        and _place(other) > _place(row)
        and other.speedup is None
    ]
    if not beyond:
        return ""
    most = max(beyond, key=_place)
    which = "" if most.operation == row.operation else f"of {most.operation} "
    why = f": {most.reason}" if with_reason and most.reason else ""
    return f"; not known {which}at {counted_operations(most.operation, most.count)}{why}"


def _place(row: Summary) -> tuple[int, int]:
    """The greater it is, the more a comparison is what a run is about."""
    return OPERATIONS.index(row.operation), row.count


def _nothing_known(run: Run) -> str:
    reasons = [row.reason for row in run.summary if row.reason]
    if reasons:
        return f"The lanes can't be compared: {reasons[-1]}."
    if run.num_failed:
        return f"The lanes can't be compared: {run.num_failed} operations failed."
    lanes = {trial.lane for trial in run.measured}
    if len(lanes) == 1:
        return f"Only the {lanes.pop()} lane was measured, so there is nothing to compare it with."
    return "Nothing was measured that could be compared."

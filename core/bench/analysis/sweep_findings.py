"""What a sweep or an open loop found, in sentences; `core.bench.analysis.findings` tells other runs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import median

from core.bench.analysis.factor_words import ended_early, interval_text, times
from core.bench.analysis.stats import response_figures
from core.bench.analysis.sweeps import (
    distance_rows,
    factor_rows,
    knee,
    longest_gap_s,
    pays_from_ms,
    throughputs,
    told_point,
)
from core.bench.analysis.trust import doubts, is_disproven, lane_doubts
from core.bench.plan.conditions import Case, Step
from core.bench.plan.plan import OPERATIONS, counted_operations
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Trial, Verdict
from core.runtime.words import counted


def headline(run: Run) -> str | None:
    """One sentence on a sweep or an open loop; None for other runs, or when nothing was measured."""
    if not run.measured:
        return None
    if run.plan.is_open_loop:
        return _open_loop(run)
    sentences = {
        "factor": _factor,
        "distance": _distance,
        "concurrency": _concurrency,
        "blocking": _blocking,
    }
    sentence = sentences.get(run.plan.sweep)
    return sentence(run) if sentence is not None else None


def in_parts(run: Run) -> tuple[str, str, str] | None:
    """A figure, a short sentence that goes on from it, and the rest; None where one sentence has to do."""
    parts = {"factor": _factor_parts, "concurrency": _concurrency_parts, "blocking": _blocking_parts}
    find = parts.get(run.plan.sweep)
    return find(run) if find is not None and run.measured and not run.plan.is_open_loop else None


def _factor(run: Run) -> str | None:
    known = _known_steps(run)
    if not known:
        return None
    (first, row), *rest = known
    what, how = f"{first.lane} {row.operation}{_how_many(run, row.count)}", _how_sure(run, row)
    if row.is_no_difference:
        start = f"No detectable difference between {what} and {first.baseline} with {first.change} {how}"
    else:
        start = f"{what.capitalize()} was {times(row.speedup)}x as fast with {first.change} {how}"
    doubtful = doubts(run, [row for _, row in known])
    if not rest:
        return f"{start}{doubtful}."
    *parts, last = [f"{_gain(row)} with {step.change}" for step, row in rest]
    left = f"{', '.join(parts)} and {last}" if parts else last
    return f"{start}; of that is left {left}{doubtful}."


def _factor_parts(run: Run) -> tuple[str, str, str] | None:
    known = _known_steps(run)
    if len(known) < 2 or known[0][1].is_no_difference:
        return None
    (first, row), (last, end) = known[0], known[-1]
    if ended_early(run, row):
        return None
    marks = ["simulated"] * (row.case.rtt_ms > 0) + ["projected"] * row.is_projected
    marked = f" ({', '.join(marks)})" if marks else ""
    sentence = f"with {first.change}{marked}; {_gain(end)} with {last.change}"
    what = f"{first.lane.capitalize()} {row.operation}, {counted_operations(row.operation, row.count)}"
    doubtful = doubts(run, [row for _, row in known])
    return f"{times(row.speedup)}x", sentence, f"{what}: {interval_text(run, row)}{doubtful}."


def _known_steps(run: Run) -> list[tuple[Step, Summary]]:
    operation, count = told_point(run)
    return [(step, row) for step, row in factor_rows(run, operation, count) if row and row.speedup]


def _how_many(run: Run, count: int) -> str:
    """The count where the run has others; "" where it is the only one."""
    return f" of {counted_operations(told_point(run)[0], count)}" if len(run.plan.counts) > 1 else ""


def _how_sure(run: Run, row: Summary) -> str:
    return f"({'simulated; ' if row.case.rtt_ms else ''}{interval_text(run, row)})"


def _gain(row: Summary) -> str:
    if row.is_no_difference:
        return Verdict.NO_DIFFERENCE
    return f"{times(row.speedup)}x{' (projected)' if row.is_projected else ''}"


def telling_row(run: Run) -> Summary | None:
    """What a sweep over distance found at the greatest one; None when it is not known."""
    rows = _rows_over_distance(run)
    return rows[-1] if rows else None


def nearer_text(run: Run) -> str:
    """What a sweep over distance found at the nearest one, and from where on it pays; "" when nothing."""
    rows = _rows_over_distance(run)
    if len(rows) < 2:
        return ""
    pays = pays_from_ms(rows)
    start = f"; beyond noise from {pays} ms on" if pays is not None and len(rows) > 2 else ""
    return f"{_nearest(rows)}{start}"


def _nearest(rows: Sequence[Summary]) -> str:
    near = rows[0]
    where = f"at {near.case.rtt_ms} ms" if near.case.rtt_ms else "without distance"
    return f"{where} {_gain(near)}"


def _rows_over_distance(run: Run) -> list[Summary]:
    """What is known of async, or else of the first lane that was compared, nearest first."""
    if run.plan.sweep != "distance":
        return []
    operation, count = told_point(run)
    lanes = [row.lane for row in run.summary if (row.operation, row.count) == (operation, count)]
    lane = "async" if "async" in lanes else next(iter(lanes), "")
    return distance_rows(run, operation, lane, count)


def _distance(run: Run) -> str | None:
    rows = _rows_over_distance(run)
    if len(rows) < 2:
        return None
    far = rows[-1]
    pays = pays_from_ms(rows)
    start = f", beyond noise from {pays} ms on" if pays is not None and len(rows) > 2 else ""
    what = f"{far.lane} {far.operation}{_how_many(run, far.count)}"
    than, how = f"{far.baseline} at {far.case.rtt_ms} ms of distance", _how_sure(run, far)
    if far.is_no_difference:
        sentence = f"No detectable difference between {what} and {than} {how}"
    else:
        sentence = f"{what.capitalize()} was {times(far.speedup)} times as fast as {than} {how}"
    return f"{sentence}{start}; {_nearest(rows)}{doubts(run, [rows[0], far])}."


def _concurrency(run: Run) -> str | None:
    operation, count = told_point(run)
    parts = [
        f"{lane} {operation}{_how_many(run, count)} peaked at {best:,.0f}/s, 90 % of it at {at} at once"
        for lane, best, at in _peaks(run)
    ]
    if not parts:
        return None
    where = f"; with a simulated distance of {run.plan.rtt_ms} ms" if run.plan.rtt_ms else ""
    text = f"{'; '.join(parts)}{where}{_peaks_doubts(run)}."
    return text[0].upper() + text[1:]


def _concurrency_parts(run: Run) -> tuple[str, str, str] | None:
    peaks = sorted(_peaks(run), key=lambda peak: -peak[1])
    if not peaks or (run.status != "complete" and _most_repeats(run) == 1 < run.plan.repeats):
        return None
    operation, count = told_point(run)
    (lane, best, at), *others = peaks
    rest = "; ".join(f"{name} {rate:,.0f}/s, {there} at once" for name, rate, there in others)
    where = f", {run.plan.rtt_ms} ms away (simulated)" if run.plan.rtt_ms else ""
    what = f"{lane} {operation}{_how_many(run, count)}"
    sentence = f"{what} at its peak, 90 % of it with {at} at once{where}"
    details = f"{rest}{_peaks_doubts(run)}".removeprefix("; ")
    return f"{best:,.0f}/s", sentence, f"{details[0].upper()}{details[1:]}." if details else ""


def _peaks(run: Run) -> list[tuple[str, float, int | None]]:
    """Each lane with its best rate and the concurrency of its knee."""
    operation, count = told_point(run)
    found = []
    for lane in run.lanes_of(operation):
        points = throughputs(run, operation, lane, count)
        best = max((speed for _, speed in points), default=0.0)
        if best:
            found.append((lane, best, knee(points)))
    return found


def _most_repeats(run: Run) -> int:
    operation, count = told_point(run)
    points = itertools.product(run.lanes_of(operation), run.cases)
    return max((len(run.trials_of(operation, lane, count, case)) for lane, case in points), default=0)


def _peaks_doubts(run: Run) -> str:
    """What the peaks leave out, and what speaks against them."""
    operation, count = told_point(run)
    points = {
        (lane, case): run.trials_of(operation, lane, count, case)
        for lane, case in itertools.product(run.lanes_of(operation), run.cases)
    }
    points = {point: trials for point, trials in points.items() if trials}
    told = {point: trials for point, trials in points.items() if not is_disproven(run, trials)}
    num_planned = sum(len(lanes) for _, lanes in run.plan.cases)
    out = "" if _most_repeats(run) > 1 else "; one run of each, no repeats: no uncertainty known"
    out += f"; only {len(points)} of {num_planned} points were measured" if len(points) < num_planned else ""
    if len(told) < len(points):
        out += f"; {len(points) - len(told)} of {len(points)} points have no speed: a check failed"
    failed = sum(trial.num_failed for trials in told.values() for trial in trials)
    if failed:
        out += f"; {counted(failed, 'operation')} failed"
    is_projected = any(trial.cut for trials in told.values() for trial in trials)
    return out + lane_doubts(run, operation, count, told, is_projected=is_projected)


def _blocking(run: Run) -> str | None:
    gaps = _longest_gaps_s(run)
    if "blocking" not in gaps:
        return None
    far = f" with a simulated distance of {run.plan.rtt_ms} ms" if run.plan.rtt_ms else ""
    return f"Blocking calls held the loop up for {gaps['blocking'] * 1000:,.0f} ms{far}; {_other_gaps(gaps)}."


def _blocking_parts(run: Run) -> tuple[str, str, str] | None:
    gaps = _longest_gaps_s(run)
    if "blocking" not in gaps:
        return None
    far = f", {run.plan.rtt_ms} ms away (simulated)" if run.plan.rtt_ms else ""
    sentence = f"is how long blocking calls held the loop up{far}"
    return f"{gaps['blocking'] * 1000:,.0f} ms", sentence, f"{_other_gaps(gaps)}."


def _longest_gaps_s(run: Run) -> dict[str, float]:
    """For how long the loop did not wake, at the most, for each way of calling (one of `BLOCKINGS`)."""
    operation, count = told_point(run)
    gaps: dict[str, float] = {}
    for lane, case in itertools.product(run.lanes_of(operation), run.cases):
        for trial in run.trials_of(operation, lane, count, case):
            gap = longest_gap_s(trial)
            if gap is not None:
                gaps[case.blocking] = max(gap, gaps.get(case.blocking, 0.0))
    return gaps


def _other_gaps(gaps: dict[str, float]) -> str:
    others = {"": "awaiting", "to-thread": "in threads"}
    return ", ".join(f"{gaps[name] * 1000:,.0f} ms {how}" for name, how in others.items() if name in gaps)


def _open_loop(run: Run) -> str | None:
    arrived = _arrived(run)
    found: dict[str, list[tuple[float, float]]] = {}
    for trial in arrived:
        responses = trial.response_s or response_figures(trial.samples, trial.intended_s)
        service, response = trial.latency_s.get("p99"), responses.get("p99")
        if service is not None and response is not None:
            found.setdefault(trial.lane, []).append((response, service))
    parts = [
        f"{lane} {median(times[0] for times in repeats) * 1000:,.0f} ms, by its service time "
        f"{median(times[1] for times in repeats) * 1000:,.0f} ms"
        for lane, repeats in found.items()
    ]
    if not parts:
        return None
    stall = f"With a freeze of {run.plan.stall_s:g} s in the middle, " if run.plan.stall_s else ""
    what = f"{arrived[0].operation} requests{_case_told(run, arrived[0].case)}"
    text = f"{stall}99 % of {what} were answered, from when they were due, within"
    unsent, failed = (sum(getattr(trial, name) for trial in arrived) for name in ("num_unsent", "num_failed"))
    late = f"; {unsent:,} could not be sent in time" if unsent else ""
    late += f"; {failed:,} failed and are not among them" if failed else ""
    most = max(map(len, found.values()))
    middle = f" (medians of {most} repeats)" if most > 1 else ""
    sentence = f"{text}: {'; '.join(parts)}{middle}{late}."
    return sentence[0].upper() + sentence[1:]


def _arrived(run: Run) -> list[Trial]:
    """The trials of an open loop that its sentence is about.

    Searches where there are any, most of them, in the last case of a sweep: those of another kind say
    something else.
    """
    arrived = [trial for trial in run.measured if trial.response_s or trial.intended_s]
    operation = max((trial.operation for trial in arrived), key=OPERATIONS.index, default="")
    arrived = [trial for trial in arrived if trial.operation == operation]
    count = max((trial.count for trial in arrived), default=0)
    arrived = [trial for trial in arrived if trial.count == count]
    by_case = [[trial for trial in arrived if trial.case == case] for case in run.cases]
    return next((trials for trials in reversed(by_case) if trials), [])


def _case_told(run: Run, case: Case) -> str:
    """The simulated distance, and what else a sweep varies: " 60 ms away (simulated)"."""
    parts = [f" {case.rtt_ms} ms away (simulated)"] if case.rtt_ms else []
    if run.plan.sweep == "concurrency":
        parts.append(f" with {case.concurrency:,} at once at most")
    if case.blocking:
        parts.append({"blocking": " that block the loop", "to-thread": " in threads"}.get(case.blocking, ""))
    return "".join(parts)

"""What each lane measured, as a table: the figures beside the charts, in a page and in a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from core.bench.analysis.bottleneck import is_consistent
from core.bench.analysis.stats import LATENCY_FRACTIONS, is_maximum
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts.arrays import requests_of

CASE_WORDS = {
    "consistency": "{}",
    "rtt_ms": "{} ms simulated",
    "concurrency": "concurrency {}",
    "blocking": "{}",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneRow:
    """One lane at one point, over all of its repeats.

    case: what tells it from the run's other cases, in words; "" without a sweep.
    ops_per_s: of all repeats together. p50_s, p95_s, p99_s, max_s: of single requests that succeeded; a
    percentile that would be their maximum, as p99 of fewer than 100, is None.
    max_in_flight, loop_lag_p99_s: of the worst repeat. client_cpu_ratio: mean of the repeats.
    bounded_by: each label that a repeat got. is_consistent: Little's law holds within 20 % in every
    repeat; None when it can't be told.
    """

    lane: str
    case: str
    num_repeats: int
    ops_per_s: float | None
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    max_s: float | None
    max_in_flight: int | None
    client_cpu_ratio: float | None
    loop_lag_p99_s: float | None
    bounded_by: str
    is_consistent: bool | None
    is_cut: bool
    num_failed: int


def lane_rows(run: Run, operation: str, count: int | None = None) -> list[LaneRow]:
    """One row for each lane and case, in the plan's order. count: None takes the largest measured."""
    counts = run.counts_of(operation)
    if not counts:
        return []
    wanted = counts[-1] if count is None else count
    points = [
        (lane, case, run.trials_of(operation, lane, wanted, case))
        for case in run.cases
        for lane in run.lanes_of(operation)
    ]
    return [_row(lane, case_words(run, case), trials) for lane, case, trials in points if trials]


def failures(run: Run) -> list[tuple[str, str, str, int]]:
    """Operation, lane, reason and how many operations, most frequent first."""
    found: Counter[tuple[str, str, str]] = Counter()
    for trial in run.trials:
        for reason, times in trial.errors.items():
            found[trial.operation, trial.lane, reason] += times
    return [(*key, times) for key, times in found.most_common()]


def case_words(run: Run, case: Case) -> str:
    """What tells a case from the run's other cases, such as "60 ms simulated"; "" without a sweep."""
    varied = [
        field.name for field in fields(Case) if len({getattr(other, field.name) for other in run.cases}) > 1
    ]
    values = asdict(case)
    return ", ".join(CASE_WORDS[name].format(values[name]) for name in varied if values[name] != "")


def _row(lane: str, case: str, trials: Sequence[Trial]) -> LaneRow:
    num_ok, elapsed_s = sum(t.num_ok for t in trials), sum(t.elapsed_s for t in trials)
    figures = _pooled(trials)
    consistent = [is_consistent(trial) for trial in trials]
    return LaneRow(
        lane=lane,
        case=case,
        num_repeats=len(trials),
        ops_per_s=num_ok / elapsed_s if num_ok and elapsed_s > 0 else None,
        p50_s=figures.get("p50"),
        p95_s=figures.get("p95"),
        p99_s=figures.get("p99"),
        max_s=figures.get("max"),
        max_in_flight=max((t.max_in_flight for t in trials if t.max_in_flight is not None), default=None),
        client_cpu_ratio=_mean([t.client_cpu_ratio for t in trials]),
        loop_lag_p99_s=max((t.loop_lag_p99_s for t in trials if t.loop_lag_p99_s is not None), default=None),
        bounded_by=", ".join(dict.fromkeys(t.bounded_by for t in trials if t.bounded_by)),
        is_consistent=False if False in consistent else True if True in consistent else None,
        is_cut=any(trial.cut for trial in trials),
        num_failed=sum(trial.num_failed for trial in trials),
    )


def _pooled(trials: Sequence[Trial]) -> dict[str, float | None]:
    """Percentiles of all repeats' samples together: a mean of percentiles is none of anything."""
    num_requests = sum(trial.num_ok_requests for trial in trials)
    found = trials[0].latency_s if len(trials) == 1 else _percentiles(trials)
    too_few = {name for name in ("p95", "p99") if is_maximum(LATENCY_FRACTIONS[name], num_requests)}
    return {name: value for name, value in found.items() if name not in too_few}


def _percentiles(trials: Sequence[Trial]) -> dict[str, float | None]:
    import math

    import numpy as np

    requests = [requests_of(trial) for trial in trials]
    values = np.sort(np.concatenate([(one.end_s - one.start_s)[one.ok] for one in requests]))
    if not len(values):
        return {}
    # Nearest rank, as `core.bench.analysis.stats.percentile`.
    return {
        name: float(values[max(1, math.ceil(part * len(values))) - 1])
        for name, part in (LATENCY_FRACTIONS | {"max": 1.0}).items()
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None

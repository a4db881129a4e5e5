"""What a sweep shows: the figures behind its sentence and its chart."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from core.bench.analysis.stats import throughput
from core.bench.analysis.trust import trusted
from core.bench.plan.conditions import Step, factor_steps
from core.bench.plan.plan import OPERATIONS
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Trial, Verdict

KNEE_RATIO = 0.9


def told_point(run: Run) -> tuple[str, int]:
    """The operation and count that a run is told by: searches where there are any, and most of them.

    However they were typed: charts show the same first. "" and 0 where nothing was measured.
    """
    operation = next((name for name in reversed(OPERATIONS) if run.counts_of(name)), "")
    return operation, max(run.counts_of(operation), default=0)


def factor_rows(run: Run, operation: str, count: int) -> list[tuple[Step, Summary | None]]:
    """The steps from the tutorial's factor to the fair one, each with its comparison if it was measured."""
    base, _ = run.plan.cases[0]
    return [
        (step, run.summary_of(operation, step.lane, count, step.case, baseline=step.baseline))
        for step in factor_steps(base)
    ]


def distance_rows(run: Run, operation: str, lane: str, count: int) -> list[Summary]:
    """The comparisons of a lane that are known, nearest first."""
    rows = [run.summary_of(operation, lane, count, case) for case in run.cases]
    return sorted([row for row in rows if row and row.speedup], key=lambda row: row.case.rtt_ms)


def pays_from_ms(rows: Sequence[Summary]) -> int | None:
    """The smallest distance from which on the lane was faster beyond noise; None when it never was.

    Args:
        rows: Nearest first.
    """
    found = None
    for row in reversed(rows):
        if row.verdict != Verdict.FASTER:
            break
        found = row.case.rtt_ms
    return found


def throughputs(run: Run, operation: str, lane: str, count: int) -> list[tuple[int, float]]:
    """Concurrency and operations per second, at each step of a sweep where they are known.

    They are not where a check failed.
    """
    points = []
    for case in run.cases:
        rate = throughput(trusted(run, operation, lane, count, case))
        if rate is not None:
            points.append((case.concurrency, rate))
    return sorted(points)


def knee(points: Sequence[tuple[int, float]]) -> int | None:
    """The smallest concurrency that reaches 90 % of the best throughput; None without points."""
    if not points:
        return None
    best = max(speed for _, speed in points)
    return min(concurrency for concurrency, speed in points if speed >= KNEE_RATIO * best)


def longest_gap_s(trial: Trial) -> float | None:
    """The longest time between two beats of the loop's pulse, the trial's edges included."""
    if trial.elapsed_s <= 0:
        return None
    beats = [beat for beat in trial.heartbeats_s if 0 <= beat <= trial.elapsed_s]
    edges = [0.0, *beats, trial.elapsed_s]
    return max(later - earlier for earlier, later in itertools.pairwise(edges))

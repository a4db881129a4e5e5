"""What each lane measured, as a table: the figures beside the charts, in a page and in a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from core.bench.analysis.metrics import Figure, Measured, Place, metrics_of
from core.bench.analysis.stats import LATENCY_FRACTIONS
from core.bench.analysis.trust import is_disproven
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts.arrays import nearest_rank, sorted_latencies

CASE_WORDS = {
    "consistency": "{}",
    "rtt_ms": "{} ms simulated",
    "concurrency": "concurrency {}",
    "blocking": "{}",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneRow:
    """One lane in one case, over all of its repeats.

    Attributes:
        case: What tells it from the run's other cases, in words; "" without a sweep.
        measured: The repeats, with the percentiles of all their samples together.
    """

    lane: str
    case: str
    measured: Measured

    @property
    def num_repeats(self) -> int:
        """Trials that the row sums up, without warm-up."""
        return len(self.measured.trials)

    @property
    def name(self) -> str:
        """The lane, with a word where a repeat was cut."""
        return f"{self.lane} (cut)" if any(trial.cut for trial in self.measured.trials) else self.lane

    def cells(self, place: Place) -> dict[str, Figure]:
        """The metrics that are shown there, by the titles of their columns."""
        return {metric.column: metric.shown(self.measured) for metric in metrics_of(place)}


def formats(place: Place) -> dict[str, str]:
    """How a page writes the figures of a column, by its title; texts have no format."""
    shown = {metric.column: metric.unit.page_format for metric in metrics_of(place)}
    return {column: form for column, form in shown.items() if form is not None}


def lane_rows(run: Run, operation: str, count: int | None = None) -> list[LaneRow]:
    """One row for each lane and case, in the plan's order.

    Args:
        run: What was measured.
        operation: One that the run has; another one gives no row.
        count: None takes the largest measured.
    """
    counts = run.counts_of(operation)
    if not counts:
        return []
    wanted = counts[-1] if count is None else count
    points = [
        (lane, case, run.trials_of(operation, lane, wanted, case))
        for case in run.cases
        for lane in run.lanes_of(operation)
    ]
    return [_row(run, lane, case_words(run, case), trials) for lane, case, trials in points if trials]


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


def _row(run: Run, lane: str, case: str, trials: Sequence[Trial]) -> LaneRow:
    latency_s = trials[0].latency_s if len(trials) == 1 else _percentiles(trials)
    measured = Measured(trials=trials, latency_s=latency_s, is_disproven=is_disproven(run, trials))
    return LaneRow(lane=lane, case=case, measured=measured)


def _percentiles(trials: Sequence[Trial]) -> dict[str, float | None]:
    values = sorted_latencies(trials)
    return {name: nearest_rank(values, part) for name, part in (LATENCY_FRACTIONS | {"max": 1.0}).items()}

"""The one table of metrics: what is shown of trials, under which name, in which unit, and where.

CSV files, pages, reports and terminals are drawn from it. A figure that follows from a trial's fields is one
row here. One that has to be measured is first a field of `core.bench.load.executor.Issued`, which
`core.bench.load.client_pool` merges where several processes issue, and then one of
`core.bench.records.trial.Trial`, which `core.bench.load.measure_trial` fills from it, and
`core.bench.load.measure_ingest` for an ingest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Flag, auto
from typing import Any

from core.bench.analysis.bottleneck import is_consistent
from core.bench.analysis.stats import LATENCY_FRACTIONS, is_maximum, throughput
from core.bench.records.trial import Trial

Figure = float | int | str | None


class Place(Flag):
    """Where a metric is shown."""

    CSV = auto()
    PAGE = auto()
    COMPARISON = auto()
    REPORT = auto()
    TERMINAL = auto()


EVERYWHERE = Place.CSV | Place.PAGE | Place.REPORT


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """How figures of a unit are shown.

    Attributes:
        shown: What stands behind the label of a column.
        scale: What a figure is multiplied by to be shown so.
        page_format: How a column of Streamlit formats it; None for text.
        text: Makes what a report or a terminal shows, with the unit.
    """

    shown: str
    scale: float
    page_format: str | None
    text: Callable[[Any], str]


MILLISECONDS = Unit(shown=" ms", scale=1000, page_format="%.1f", text=lambda value: f"{value:,.1f} ms")
PER_SECOND = Unit(shown="", scale=1, page_format="%.1f", text=lambda value: f"{value:,.1f}")
SHARE = Unit(shown="", scale=1, page_format="percent", text=lambda value: f"{value:.0%}")
RATIO = Unit(shown="", scale=1, page_format="%.2f", text=lambda value: f"{value:.2f}")
COUNT = Unit(shown="", scale=1, page_format="%d", text=lambda value: f"{value:,}")
TEXT = Unit(shown="", scale=1, page_format=None, text=str)


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A trial, or all repeats of one lane together.

    Attributes:
        latency_s: Percentiles of single requests that succeeded, of all their samples: a mean of percentiles
            is not a percentile of anything.
        is_disproven: A check showed that they did not do their work: then they have no speed.
    """

    trials: Sequence[Trial]
    latency_s: Mapping[str, float | None] = field(default_factory=dict)
    is_disproven: bool = False

    @classmethod
    def of(cls, trial: Trial, *, is_disproven: bool = False) -> Measured:
        """One trial alone, with the percentiles that it has itself."""
        return cls(trials=(trial,), latency_s=trial.latency_s, is_disproven=is_disproven)

    @property
    def num_requests(self) -> int:
        """Requests that succeeded."""
        return sum(trial.num_ok_requests for trial in self.trials)

    def values(self, name: str) -> list[Any]:
        """What is known of a trial's field."""
        found = [getattr(trial, name) for trial in self.trials]
        return [value for value in found if value is not None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One figure.

    Attributes:
        name: What records and CSV files call it, such as `loop_lag_p99_s`; they hold seconds and shares.
        label: What people read.
        formula: Computes it for one trial or for several; None where it is not known.
        fraction: Which percentile it is, such as 0.99, and only the maximum where the requests are few; None
            for other figures.
        width: How many characters its column has on a terminal.
    """

    name: str
    label: str
    unit: Unit
    formula: Callable[[Measured], Figure]
    places: Place
    fraction: float | None = None
    width: int = 9

    @property
    def column(self) -> str:
        """Its column's title: "p50 ms"."""
        return f"{self.label}{self.unit.shown}"

    def figure(self, measured: Measured) -> Figure:
        """The figure, in the unit of its name."""
        return self.formula(measured)

    def is_only_maximum(self, measured: Measured) -> bool:
        """Whether a percentile of so few requests is their largest."""
        return self.fraction is not None and is_maximum(self.fraction, measured.num_requests)

    def shown(self, measured: Measured) -> Figure:
        """The figure for a column that names its unit; a percentile that is only the maximum is left out."""
        if self.is_only_maximum(measured):
            return None
        value = self.figure(measured)
        return value if value is None or isinstance(value, str) else value * self.unit.scale

    def text(self, measured: Measured) -> str:
        """The figure with its unit, "" where it is unknown; a percentile that is only the maximum says so."""
        value = self.figure(measured)
        if value is None or value == "":
            return ""
        text = self.unit.text(value if isinstance(value, str) else value * self.unit.scale)
        # A single request is every percentile, and nobody takes it for more.
        return f"{text} (max)" if self.is_only_maximum(measured) and measured.num_requests > 1 else text


def _ops_per_s(measured: Measured) -> float | None:
    return None if measured.is_disproven else throughput(measured.trials)


def _worst(name: str) -> Callable[[Measured], Figure]:
    return lambda measured: max(measured.values(name), default=None)


def _mean(name: str) -> Callable[[Measured], Figure]:
    def formula(measured: Measured) -> Figure:
        values = measured.values(name)
        return sum(values) / len(values) if values else None

    return formula


def _sum(name: str) -> Callable[[Measured], Figure]:
    return lambda measured: sum(measured.values(name))


def _percentile(name: str) -> Callable[[Measured], Figure]:
    return lambda measured: measured.latency_s.get(name)


def _bounded_by(measured: Measured) -> str | None:
    return ", ".join(dict.fromkeys(filter(None, measured.values("bounded_by")))) or None


def _law(measured: Measured) -> str | None:
    """Whether Little's law holds within 20 % in every repeat; None when it can't be told."""
    fits = [is_consistent(trial) for trial in measured.trials]
    return LAW_BROKEN if False in fits else LAW_HOLDS if True in fits else None


LAW_HOLDS, LAW_BROKEN = "fits", "off by more than 20 %"


def _latency(name: str, places: Place, *, width: int = 9) -> Metric:
    return Metric(
        name=f"{name}_s",
        label=name,
        unit=MILLISECONDS,
        formula=_percentile(name),
        places=places,
        # Half of the requests are below the median, however few they are.
        fraction=None if name == "p50" else LATENCY_FRACTIONS.get(name),
        width=width,
    )


METRICS: tuple[Metric, ...] = (
    Metric(
        name="ops_per_s",
        label="op/s",
        unit=PER_SECOND,
        formula=_ops_per_s,
        places=EVERYWHERE | Place.COMPARISON | Place.TERMINAL,
    ),
    _latency("p50", EVERYWHERE | Place.COMPARISON | Place.TERMINAL),
    _latency("p95", EVERYWHERE),
    _latency("p99", EVERYWHERE | Place.COMPARISON | Place.TERMINAL, width=16),
    Metric(
        name="max_s",
        label="Max",
        unit=MILLISECONDS,
        formula=_percentile("max"),
        places=Place.CSV | Place.PAGE,
    ),
    Metric(
        name="max_in_flight",
        label="In flight",
        unit=COUNT,
        formula=_worst("max_in_flight"),
        places=EVERYWHERE,
    ),
    Metric(
        name="client_cpu_ratio",
        label="Client CPU",
        unit=SHARE,
        formula=_mean("client_cpu_ratio"),
        places=EVERYWHERE,
    ),
    Metric(
        name="loop_lag_p99_s",
        label="Loop lag p99",
        unit=MILLISECONDS,
        formula=_worst("loop_lag_p99_s"),
        places=EVERYWHERE,
    ),
    Metric(
        name="num_failed",
        label="Failed",
        unit=COUNT,
        formula=_sum("num_failed"),
        places=Place.CSV | Place.PAGE | Place.COMPARISON | Place.TERMINAL,
        width=6,
    ),
    Metric(
        name="bounded_by",
        label="Bounded by",
        unit=TEXT,
        formula=_bounded_by,
        places=EVERYWHERE | Place.TERMINAL,
        width=12,
    ),
    Metric(name="littles_law", label="Little's law", unit=TEXT, formula=_law, places=Place.PAGE),
    Metric(name="num_ok", label="Succeeded", unit=COUNT, formula=_sum("num_ok"), places=Place.CSV),
    Metric(
        name="projected_s",
        label="Projected",
        unit=MILLISECONDS,
        formula=_worst("projected_s"),
        places=Place.CSV,
    ),
    Metric(
        name="first_searchable_s",
        label="First searchable",
        unit=MILLISECONDS,
        formula=_mean("first_searchable_s"),
        places=Place.CSV,
    ),
    Metric(
        name="num_cancelled", label="Cancelled", unit=COUNT, formula=_sum("num_cancelled"), places=Place.CSV
    ),
    Metric(name="num_unsent", label="Unsent", unit=COUNT, formula=_sum("num_unsent"), places=Place.CSV),
    Metric(
        name="mean_in_flight",
        label="Mean in flight",
        unit=RATIO,
        formula=_mean("mean_in_flight"),
        places=Place.CSV,
    ),
    Metric(
        name="machine_cpu_ratio",
        label="Machine CPU",
        unit=SHARE,
        formula=_mean("machine_cpu_ratio"),
        places=Place.CSV,
    ),
    Metric(
        name="littles_law_ratio",
        label="Little's law ratio",
        unit=RATIO,
        formula=_mean("littles_law_ratio"),
        places=Place.CSV,
    ),
)


def metrics_of(place: Place) -> list[Metric]:
    """The metrics that are shown there, in order."""
    return [metric for metric in METRICS if place in metric.places]

"""Several runs on the same axes: the colour is the run, dash and marker are the lane."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from core.bench.analysis.stats import throughput
from core.bench.analysis.trust import trusted
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Verdict
from core.charts import formatting
from core.charts.queries import conditions, lanes_in
from core.charts.run.totals import interval_of
from core.charts.theme import (
    LINE_COLOR,
    LINE_WIDTH,
    MARKER_SIZE,
    RUN_COLORS,
    categories,
    lane_style,
    log_ticks,
    style,
)
from core.runtime.words import counted

if TYPE_CHECKING:
    import plotly.graph_objects as go

Runs = Sequence[tuple[str, Run]]
Cases = Sequence[Case]
LABEL_CHARS = 28


def compare(runs: Runs, operation: str, cases: Cases = ()) -> go.Figure | None:
    """Operations per second by count, a line per lane and run. None when nothing was measured.

    Args:
        runs: Each with the label that it is shown under.
        operation: What is compared; runs without it have no line.
        cases: The case of each run that it is about; none takes each run's first.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    found: list[tuple[str, str, dict[int, float]]] = []
    for i, ((label, run), case) in enumerate(zip_longest(runs, cases)):
        for lane in lanes_in(run, operation, case):
            rates = {
                count: rate
                for count in run.counts_of(operation)
                if (rate := throughput(trusted(run, operation, lane, count, case))) is not None
            }
            if rates:
                found.append((label, lane, rates))
                _add_line(figure, i, label, lane, list(rates), list(rates.values()))
    if not found:
        return None
    counts = sorted({count for _, _, rates in found for count in rates})
    _set_categories(figure, counts)
    figure.update_yaxes(**log_ticks(rate for _, _, rates in found for rate in rates.values()))
    return style(
        figure,
        title=_rates_title(found, operation),
        subtitle=_conditions(runs, cases),
        x_title=f"number of {formatting.plural(operation)}",
        y_title=f"{formatting.plural(operation)} per second (log scale)",
    )


def compare_speedups(runs: Runs, operation: str, cases: Cases = ()) -> go.Figure | None:
    """Speed-up by count, a line per lane and run with 95 % intervals. None without a comparison.

    Args:
        runs: Each with the label that it is shown under.
        operation: What is compared; runs without it have no line.
        cases: The case of each run that it is about; none takes each run's first.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    found: list[tuple[str, Summary]] = []
    for i, ((label, run), case) in enumerate(zip_longest(runs, cases)):
        for lane in lanes_in(run, operation, case):
            rows = [run.summary_of(operation, lane, count, case) for count in run.counts_of(operation)]
            known = [row for row in rows if row is not None and row.speedup is not None]
            if known:
                found += [(label, row) for row in known]
                values = [row.speedup or 0.0 for row in known]
                _add_line(figure, i, label, lane, [row.count for row in known], values, interval_of(known))
    if not found:
        return None
    _set_categories(figure, sorted({row.count for _, row in found}))
    figure.add_hline(y=1, line={"dash": "dot", "color": LINE_COLOR, "width": LINE_WIDTH})
    figure.update_yaxes(rangemode="tozero")
    baselines = formatting.joined(list(dict.fromkeys(formatting.safe(row.baseline) for _, row in found)))
    return style(
        figure,
        title=_speedups_title(found),
        subtitle=" · ".join(filter(None, [_conditions(runs, cases), "whiskers: 95 % interval"])),
        x_title=f"number of {formatting.plural(operation)}",
        y_title=f"times as fast as {baselines}",
    )


def _conditions(runs: Runs, cases: Cases) -> str:
    """What all of them have in common; "" where there is nothing that one line could say."""
    told = {conditions(run, case) for (_, run), case in zip(runs, cases, strict=False)}
    return told.pop() if len(told) == 1 else ""


def _add_line(
    figure: go.Figure,
    number: int,
    label: str,
    lane: str,
    counts: list[int],
    values: list[float],
    interval: dict[str, Any] | None = None,
) -> None:
    own, color = lane_style(lane), RUN_COLORS[number % len(RUN_COLORS)]
    name = f"{formatting.safe(_short(label))}: {formatting.safe(lane)}"
    figure.add_scatter(
        name=name,
        x=[f"{count:,}" for count in counts],
        y=values,
        mode="lines+markers",
        line={"color": color, "dash": own.dash, "width": LINE_WIDTH},
        marker={"color": color, "symbol": own.symbol, "size": MARKER_SIZE + 3},
        error_y=None if interval is None else interval | {"color": color},
        showlegend=True,
        hovertemplate="%{x} operations: %{y:,.4g}<extra>" + name + "</extra>",
    )


def _set_categories(figure: go.Figure, counts: list[int]) -> None:
    """Smallest count first, whichever run has it."""
    categories(figure)
    figure.update_xaxes(categoryorder="array", categoryarray=[f"{count:,}" for count in counts])


def _short(label: str) -> str:
    """Shortened in the middle: names of runs are often told apart by their ends."""
    room = LABEL_CHARS - 1
    return label if len(label) <= LABEL_CHARS else f"{label[: room // 2]}…{label[-(room - room // 2) :]}"


def _rates_title(found: list[tuple[str, str, dict[int, float]]], operation: str) -> str:
    """The fastest lane that all runs have, at the largest count that all of them have."""
    runs = list(dict.fromkeys(label for label, _, _ in found))
    shared = _shared(
        {(label, lane, count): rate for label, lane, rates in found for count, rate in rates.items()}
    )
    if len(runs) < 2 or not shared:
        return (
            f"{formatting.plural(operation).capitalize()} per second of "
            f"{len(runs)} run{'s' * (len(runs) != 1)}"
        )
    (lane, count), rates = max(shared.items(), key=lambda item: (item[0][1], max(item[1].values())))
    parts = [f"{formatting.rate(rate)} in {_short(label)}" for label, rate in rates.items()]
    return f"{lane.capitalize()} at {formatting.plural(operation, count)}: {formatting.joined(parts[:3])}"


def _speedups_title(found: list[tuple[str, Summary]]) -> str:
    shared = _shared({(label, row.lane, row.count): row.speedup or 0.0 for label, row in found})
    if not shared or len({label for label, _ in found}) < 2:
        label, best = max(found, key=lambda each: (each[1].count, each[1].speedup or 0))
        return f"{_short(label)}: {formatting.title_claim(best)}"
    (lane, count), ratios = max(shared.items(), key=lambda item: (item[0][1], max(item[1].values())))
    rows = {label: row for label, row in found if (row.lane, row.count) == (lane, count)}
    parts = [f"{_told(rows[label])} in {_short(label)}" for label in ratios]
    return f"{lane.capitalize()} against the baseline at {count:,}: {formatting.joined(parts[:3])}"


def _told(row: Summary) -> str:
    if row.is_no_difference:
        return Verdict.NO_DIFFERENCE
    text = formatting.factor(row.speedup) + " (projected)" * row.is_projected
    if row.ci95 is not None:
        return text
    return f"{text} ({counted(row.num_repeats, 'repeat')})" if row.num_repeats > 1 else f"{text} (one run)"


def _shared(values: dict[tuple[str, str, int], float]) -> dict[tuple[str, int], dict[str, float]]:
    """(lane, count) to each run's value, of the points that every run has."""
    runs = {label for label, _, _ in values}
    found: dict[tuple[str, int], dict[str, float]] = {}
    for (label, lane, count), value in values.items():
        found.setdefault((lane, count), {})[label] = value
    return {point: mine for point, mine in found.items() if len(mine) == len(runs)}

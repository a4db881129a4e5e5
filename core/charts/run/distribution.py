"""How long single requests took: the whole distribution, where a mean would hide the tail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.charts import formatting
from core.charts.arrays import Array, nearest_rank, numbers, sorted_latencies
from core.charts.queries import batches, conditions, lanes_in
from core.charts.theme import line_of, log_ticks, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_POINTS = 500
TAIL_POINTS = 60
# Every tick is ten times rarer than the one before.
PERCENTILE_TICKS = (0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999)


def percentiles(run: Run, operation: str, count: int, case: Case | None = None) -> go.Figure | None:
    """Latency in ms by percentile, on the axis of HdrHistogram's plots. None when nothing succeeded."""
    import numpy as np
    import plotly.graph_objects as go

    by_lane = _latencies(run, operation, count, case)
    if not by_lane:
        return None
    figure = go.Figure()
    for lane, values in by_lane.items():
        ranks = _ranks_for_tail(len(values))
        # The last rank would be 100 %, infinitely far to the right; it stands at one in n instead.
        fractions = np.minimum(ranks / len(values), 1 - 0.5 / len(values))
        _add_line(figure, lane, -np.log10(1 - fractions), values[ranks - 1] * 1000)
        figure.data[-1].customdata = [f"{100 * fraction:.6g} %" for fraction in fractions.tolist()]
        figure.data[-1].hovertemplate = (
            "%{customdata} within %{y:.4g} ms<extra>" + formatting.safe(lane) + "</extra>"
        )
    most = max(map(len, by_lane.values()))
    ticks = [tick for tick in PERCENTILE_TICKS if tick <= 0.5 or 1 - tick >= 0.5 / most]
    places = [-float(np.log10(1 - tick)) for tick in ticks]
    figure.update_xaxes(tickmode="array", tickvals=places, ticktext=[f"{100 * tick:.10g}" for tick in ticks])
    figure.update_yaxes(**log_ticks(value for trace in figure.data for value in trace.y))
    return style(
        figure,
        title=_title(by_lane, operation, 0.99 if min(map(len, by_lane.values())) >= 100 else 0.9),
        subtitle=conditions(run, case) + batches(run, operation, count, case),
        x_title="percentile (%)",
        y_title="time of one request (ms, log scale)",
    )


def ecdf(run: Run, operation: str, count: int, case: Case | None = None) -> go.Figure | None:
    """Share of requests that were done within x ms, log axis. None when nothing succeeded."""
    import plotly.graph_objects as go

    by_lane = _latencies(run, operation, count, case)
    if not by_lane:
        return None
    figure = go.Figure()
    for lane, values in by_lane.items():
        ranks = _ranks(len(values))
        _add_line(figure, lane, values[ranks - 1] * 1000, 100 * ranks / len(values))
        figure.data[-1].line.shape = "hv"
        figure.data[-1].hovertemplate = (
            "%{y:.4g} % within %{x:.4g} ms<extra>" + formatting.safe(lane) + "</extra>"
        )
    figure.update_xaxes(**log_ticks(value for trace in figure.data for value in trace.x))
    figure.update_yaxes(range=[0, 103], ticksuffix=" %")
    return style(
        figure,
        title=_title(by_lane, operation, 0.5),
        subtitle=conditions(run, case) + batches(run, operation, count, case),
        x_title="time of one request (ms, log scale)",
        y_title="share of requests done (%)",
    )


def _latencies(run: Run, operation: str, count: int, case: Case | None) -> dict[str, Array]:
    """Lane to its latencies in seconds, smallest first; without those of lanes where all failed."""
    found = {
        lane: sorted_latencies(run.trials_of(operation, lane, count, case))
        for lane in lanes_in(run, operation, case)
    }
    return {lane: values for lane, values in found.items() if len(values) and values[-1] > 0}


def _add_line(figure: go.Figure, lane: str, x: Array, y: Array) -> None:
    figure.add_scatter(
        name=formatting.safe(lane),
        x=numbers(x),
        y=numbers(y),
        mode="lines",
        line=line_of(lane),
        showlegend=True,
    )


def _ranks(num: int) -> Array:
    """At most `MAX_POINTS` ranks from 1 to `num`: all of both tails, evenly between."""
    import numpy as np

    between = np.linspace(1, num, MAX_POINTS - 2 * TAIL_POINTS).astype(int)
    tails = [np.arange(1, TAIL_POINTS + 1), np.arange(num - TAIL_POINTS + 1, num + 1)]
    ranks = np.unique(np.concatenate([between, *tails]))
    return ranks[(ranks >= 1) & (ranks <= num)]


def _ranks_for_tail(num: int) -> Array:
    """At most `MAX_POINTS` ranks, evenly on an axis on which each decade is ten times rarer."""
    import numpy as np

    rarity = np.logspace(0, -np.log10(num), MAX_POINTS - 1)
    return np.unique(np.append(np.clip(np.ceil((1 - rarity) * num), 1, num), num).astype(int))


def _title(by_lane: dict[str, Array], operation: str, fraction: float) -> str:
    """Such as "99 of 100 searches were done within 35 ms in sync, 1,390 ms in async"."""
    found = sorted((nearest_rank(values, fraction) or 0.0, lane) for lane, values in by_lane.items())
    picked = found if len(found) <= 2 else [found[0], found[-1]]
    parts = [f"{formatting.ms(value)} in {lane}" for value, lane in picked]
    share = "Half of all" if fraction == 0.5 else f"{100 * fraction:.0f} of 100"
    return f"{share} {formatting.plural(operation)} were done within {formatting.joined(parts)}"

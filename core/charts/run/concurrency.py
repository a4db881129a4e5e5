"""What more requests at once do: throughput and latency over concurrency, and where its gain ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.bench.analysis.stats import LATENCY_FRACTIONS, is_maximum
from core.bench.analysis.sweeps import knee, throughputs
from core.bench.records.run import Run
from core.charts import formatting
from core.charts.arrays import nearest_rank, sorted_latencies
from core.charts.queries import conditions, failures_told
from core.charts.theme import (
    FONT_SIZE,
    LINE_COLOR,
    LINE_WIDTH,
    lane_style,
    line_of,
    log_ticks,
    marker_of,
    panel_titles,
    style,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_TICKS = 6
PERCENTILE_DASHES = {"p50": "solid", "p95": "dash", "p99": "dot"}


def add_rates(figure: go.Figure, lane: str, points: list[tuple[int, float]], at: str, **place: Any) -> None:
    """Add a lane's line of operations per second.

    Args:
        figure: Gets the line.
        lane: Its name; gives colour, dash and marker.
        points: What was varied, with the operations per second there; in the order in which they are joined.
        at: A place in the hover text, with "%{x}" for what was varied.
        **place: Handed to Plotly, such as the row and column of a panel.
    """
    figure.add_scatter(
        name=formatting.safe(lane),
        x=[value for value, _ in points],
        y=[rate for _, rate in points],
        mode="lines+markers",
        line=line_of(lane),
        marker=marker_of(lane),
        legendgroup=lane,
        hovertemplate=f"{at}: %{{y:,.3g}}/s<extra>{formatting.safe(lane)}</extra>",
        **place,
    )


def concurrency(run: Run, operation: str) -> go.Figure | None:
    """Operations per second over concurrency, knee marked; below, percentiles of one request in ms.

    None without such a sweep.
    """
    from plotly.subplots import make_subplots

    points = _rates(run, operation) if run.plan.sweep == "concurrency" else {}
    if not points:
        return None
    count = max(run.counts_of(operation))
    titles = [f"{formatting.plural(operation)} per second", "ms per request: p50 ─  p95 - -  p99 ···"]
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.11, subplot_titles=titles)
    tails: dict[str, dict[int, float]] = {}
    for lane, mine in points.items():
        add_rates(figure, lane, mine, "%{x} at once", row=1, col=1)
        _add_knee(figure, lane, mine)
        tails[lane] = _add_percentiles(figure, run, operation, lane)
    bounds = sorted({bound for mine in points.values() for bound, _ in mine})
    # All nine would run into each other on a phone.
    ticks = bounds[::2] if len(bounds) > MAX_TICKS else bounds
    figure.update_xaxes(
        type="log", tickmode="array", tickvals=ticks, ticktext=[f"{tick:,}" for tick in ticks]
    )
    figure.update_xaxes(title_text="most requests at once (log scale)", row=2, col=1)
    figure.update_yaxes(rangemode="tozero", row=1, col=1)
    below = [value for trace in figure.data if trace.yaxis == "y2" for value in trace.y]
    figure.update_yaxes(**log_ticks(below), row=2, col=1)
    figure = style(
        figure,
        title=_knee_title(points, tails, operation),
        subtitle=conditions(run, without=("concurrency",)) + failures_told(run, operation, count),
        height_px=640,
    )
    panel_titles(figure)
    _label_knees(figure, points)
    return figure


def _rates(run: Run, operation: str) -> dict[str, list[tuple[int, float]]]:
    """Lane to (concurrency, operations per second), smallest first."""
    count = max(run.counts_of(operation), default=0)
    found = {lane: throughputs(run, operation, lane, count) for lane in run.lanes_of(operation)}
    return {lane: points for lane, points in found.items() if points}


def _add_knee(figure: go.Figure, lane: str, points: list[tuple[int, float]]) -> None:
    at = knee(points)
    figure.add_scatter(
        x=[at],
        y=[dict(points)[at]] if at is not None else [],
        mode="markers",
        marker={"symbol": "circle-open", "size": 24, "color": LINE_COLOR, "line": {"width": LINE_WIDTH}},
        showlegend=False,
        hovertemplate=f"knee of {formatting.safe(lane)}: %{{x}} at once<extra></extra>",
        row=1,
        col=1,
    )


def _label_knees(figure: go.Figure, points: dict[str, list[tuple[int, float]]]) -> None:
    from math import log10

    for number, (lane, mine) in enumerate(points.items()):
        at = knee(mine)
        if at is None:
            continue
        # To either side, so that the labels of two lanes with one knee do not cover each other.
        side = -1 if number == 0 else 1
        figure.add_annotation(
            x=log10(at), y=dict(mine)[at], text=f"<b>knee at {at}</b>", showarrow=True, ax=50 * side,
            ay=32 * side, arrowcolor=lane_style(lane).color, font={"size": FONT_SIZE}, row=1, col=1,
        )  # fmt: skip


def _add_percentiles(figure: go.Figure, run: Run, operation: str, lane: str) -> dict[int, float]:
    """Draw the lane's percentiles; return its p99 in seconds by concurrency, where it is one."""
    count = max(run.counts_of(operation))
    found: dict[str, dict[int, float]] = {name: {} for name in LATENCY_FRACTIONS}
    for case in sorted(run.cases, key=lambda case: case.concurrency):
        values = sorted_latencies(run.trials_of(operation, lane, count, case))
        for name, fraction in LATENCY_FRACTIONS.items():
            value = nearest_rank(values, fraction)
            # Of fewer than 100 requests the slowest is no p99.
            if value is not None and (name == "p50" or not is_maximum(fraction, len(values))):
                found[name][case.concurrency] = value
    for name, mine in found.items():
        figure.add_scatter(
            x=list(mine),
            y=[value * 1000 for value in mine.values()],
            mode="lines+markers",
            line={**line_of(lane), "dash": PERCENTILE_DASHES[name]},
            marker=marker_of(lane),
            legendgroup=lane,
            showlegend=False,
            hovertemplate=f"{name} with %{{x}} at once: %{{y:.3g}} ms<extra>{formatting.safe(lane)}</extra>",
            row=2,
            col=1,
        )
    return found["p99"]


def _knee_title(
    points: dict[str, list[tuple[int, float]]], tails: dict[str, dict[int, float]], operation: str
) -> str:
    lane = max(points, key=lambda lane: max(rate for _, rate in points[lane]))
    mine, tail = dict(points[lane]), tails[lane]
    at, most = knee(points[lane]), max(points[lane])[0]
    if at is None:
        return f"{lane.capitalize()}: no throughput"
    start = f"{lane.capitalize()}: {formatting.rate(mine[at])} with {at} at once"
    if most == at or most not in tail or at not in tail:
        return f"{start}, and still gains" if most == at and len(mine) > 1 else start
    tails_text = f"a p99 of {formatting.ms(tail[most])} instead of {formatting.ms(tail[at])}"
    return f"{start}; with {most}, {formatting.rate(mine[most])} and {tails_text}"

"""What it costs: more requests at once do more work up to the knee; from there on each only waits longer."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, Any

from core.bench.analysis.sweeps import knee, throughputs, told_point
from core.bench.records.run import Run
from core.charts import formatting
from core.charts.arrays import nearest_rank, sorted_latencies
from core.charts.theme import LANES, LINE_COLOR, log_ticks
from core.charts.tour.canvas import (
    HERE,
    HERE_SYMBOL,
    LABEL_SIZE,
    LINE_WIDTH,
    MARKER_SIZE,
    RECORDED,
    Shown,
    add_guess_line,
    away,
    axes_of,
    empty,
    last_operation,
    note,
    on_stage,
    panel_title,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

LANE = "async-bounded"
COLORS = {RECORDED: LANES["async"].color, HERE: LANES["async-batch"].color}
PERCENTILES = {"p50": (0.5, "solid"), "p99": (0.99, "dot")}
# A p99 of fewer would be the maximum.
LEAST_FOR_P99 = 100


def cost(shown: Shown) -> go.Figure:
    """Left the operations per second over requests at once, right what one of them waits.

    Hidden: all but the first two steps. The guess is the knee, in requests at once.
    """
    from plotly.subplots import make_subplots

    runs = [(name, run) for name, run in shown.runs if run.plan.sweep == "concurrency"]
    if not runs:
        return empty()
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.1)
    bounds = sorted({case.concurrency for _, run in runs for case in run.cases})
    for name, run in runs:
        num_told = 2 if shown.is_hidden and name != HERE else len(bounds)
        _add_rates(figure, name, run, num_told, most=bounds[-1])
        _add_latencies(figure, name, run, num_told, recorded=dict(runs).get(RECORDED))
    on_stage(figure, left=80, right=130, top=50)
    few = bounds[::2] if len(bounds) > 6 else bounds
    span = [log10(bounds[0]) - 0.08, log10(bounds[-1]) + 0.12]
    figure.update_xaxes(
        type="log",
        tickvals=few,
        ticktext=[f"{each:,}" for each in few],
        range=span,
        title_text="requests at once",
    )
    _set_heights(figure, runs)
    operation = last_operation(runs[0][1])
    panel_title(figure, f"<b>{formatting.plural(operation)} per second</b>", axes_of(1, 1, 2))
    panel_title(figure, "<b>ms for one of them</b>: p50 ─  p99 ···", axes_of(1, 2, 2))
    if shown.guess:
        at = min(max(shown.guess, bounds[0]), bounds[-1])
        add_guess_line(figure, at, (shown.guess, ""), axes_of(1, 1, 2), at=log10(at))
    return figure


def _set_heights(figure: go.Figure, runs: list[tuple[str, Run]]) -> None:
    """The same axes whether it is hidden or not: a reveal moves nothing."""
    rates = [rate for _, run in runs for _, rate in _rates(run)]
    waits = [1000 * value for _, run in runs for name in PERCENTILES for _, value in _waits(run, name)]
    figure.update_yaxes(range=[0, 1.2 * max(rates, default=1.0)], row=1, col=1)
    if waits:
        low, high = log10(min(waits)), log10(max(waits))
        figure.update_yaxes(**log_ticks(waits, (1, 3)), range=[low - 0.15, high + 0.2], row=1, col=2)


def _rates(run: Run) -> list[tuple[int, float]]:
    operation, count = told_point(run)
    return throughputs(run, operation, LANE, count)


def _waits(run: Run, name: str) -> list[tuple[int, float]]:
    """(requests at once, seconds) of a percentile, over all repeats."""
    operation, count = told_point(run)
    found = []
    for case in sorted(run.cases, key=lambda case: case.concurrency):
        values = sorted_latencies(run.trials_of(operation, LANE, count, case))
        value = nearest_rank(values, PERCENTILES[name][0])
        if value is not None and (name != "p99" or len(values) >= LEAST_FOR_P99):
            found.append((case.concurrency, value))
    return found


def _add_rates(figure: go.Figure, name: str, run: Run, num_told: int, *, most: int) -> None:
    points = _rates(run)
    told = points[:num_told]
    figure.add_scatter(
        x=[bound for bound, _ in told],
        y=[rate for _, rate in told],
        mode="lines+markers",
        line={"color": COLORS[name], "width": LINE_WIDTH},
        marker={"size": MARKER_SIZE - 4, "symbol": HERE_SYMBOL if name == HERE else "circle"},
        hovertemplate=f"%{{x}} at once, {name}: %{{y:.3g}}/s<extra></extra>",
        row=1,
        col=1,
    )
    at = knee(points)
    if at is None or num_told < len(points):
        return
    rate = dict(points)[at]
    figure.add_scatter(
        x=[at],
        y=[rate],
        mode="markers",
        marker={"symbol": "circle-open", "size": 40, "color": LINE_COLOR, "line": {"width": 4}},
        hoverinfo="skip",
        row=1,
        col=1,
    )
    where = "" if name == RECORDED else " here"
    star = "*" if away(run) else ""
    # Within its panel: beside it stand the numbers of the other one.
    bounds = [bound for bound, _ in points]
    note(
        figure, f"<b>knee{where}: {at} at once{star}</b>", x=log10(at), xref="x", y=rate, yref="y",
        xanchor="left" if at == bounds[0] else "right" if at == most else "center",
        yshift=36 if name == RECORDED else -36, font={"size": LABEL_SIZE},
    )  # fmt: skip


def _add_latencies(figure: go.Figure, name: str, run: Run, num_told: int, *, recorded: Run | None) -> None:
    for percentile, (_, dash) in PERCENTILES.items():
        points = _waits(run, percentile)[:num_told]
        if not points:
            continue
        figure.add_scatter(
            x=[bound for bound, _ in points],
            y=[1000 * value for _, value in points],
            mode="lines+markers",
            line={"color": COLORS[name], "width": LINE_WIDTH, "dash": dash},
            marker={"size": MARKER_SIZE - 6, "symbol": HERE_SYMBOL if name == HERE else "circle"},
            hovertemplate=f"{percentile} with %{{x}} at once, {name}: %{{y:.3g}} ms<extra></extra>",
            row=1,
            col=2,
        )
        if percentile == "p50":
            bound, value = points[-1]
            text = f"<b>{formatting.ms(value)}</b>{'' if name == RECORDED else f'<br>here{away(run)}'}"
            side = {} if name == RECORDED else _beside(value, recorded)
            note(
                figure, text, x=log10(bound), xref="x2", y=log10(1000 * value), yref="y2", xanchor="left",
                xshift=12, font={"size": LABEL_SIZE}, **side,
            )  # fmt: skip


def _beside(value_s: float, recorded: Run | None) -> dict[str, Any]:
    """Above or below its point, whichever is away from what was recorded."""
    points = [] if recorded is None else _waits(recorded, "p50")
    is_above = not points or value_s >= points[-1][1]
    return {"yanchor": "bottom", "yshift": 12} if is_above else {"yanchor": "top", "yshift": -12}

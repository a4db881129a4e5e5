"""Where the factor comes from: from the tutorial's comparison to a fair one, one change at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.bench.analysis.factor_words import times
from core.bench.analysis.sweeps import factor_rows
from core.bench.plan.conditions import Step
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Verdict
from core.charts import formatting
from core.charts.queries import conditions
from core.charts.theme import LANE_COLORS, LINE_COLOR, LINE_WIDTH, MARKER_SIZE, log_ticks, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

STEP_PX = 62
DOT_SIZE = MARKER_SIZE + 7
LABEL_CHARS = 17
FIRST_COLOR, LOSS_COLOR, GAIN_COLOR, LEFT_COLOR = (
    LANE_COLORS["async"],
    LANE_COLORS["sync"],
    LANE_COLORS["async-batch"],
    LANE_COLORS["async-bounded"],
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Move:
    """From one factor to the next.

    Attributes:
        factor: None where it is not known.
        label: Escaped.
        text: Escaped.
    """

    label: str
    since: float
    factor: float | None
    color: str
    symbol: str
    text: str
    hover: str = ""

    @property
    def ends(self) -> tuple[float, float]:
        return self.since, self.since if self.factor is None else self.factor


def waterfall(run: Run, operation: str) -> go.Figure | None:
    """The factor of every step as a dot on a log axis, with a line from the factor before it.

    The first line and the last, what is left, start at 1. None unless the plan's sweep is "factor" and
    at least one step has a factor.
    """
    if run.plan.sweep != "factor":
        return None
    steps = factor_rows(run, operation, max(run.counts_of(operation), default=0))
    if not any(row is not None and row.speedup for _, row in steps):
        return None
    moves = _moves(steps)
    figure = _drawn(moves)
    known = [factor for move in moves for factor in move.ends]
    _set_axes(figure, min(known), max(known))
    simulated = f"distance of {steps[0][0].case.rtt_ms} ms simulated"
    where = conditions(run).split(" · ")[0]
    return style(
        figure,
        title=_title(steps),
        subtitle=f"{where} · {simulated}",
        x_title="times as fast (log scale)",
        height_px=190 + STEP_PX * len(moves),
    )


def _moves(steps: list[tuple[Step, Summary | None]]) -> list[_Move]:
    moves = []
    before = None
    for step, row in steps:
        moves.append(_move(step, row, before))
        before = row.speedup if row is not None and row.speedup else before
    if before is not None:
        text, label = f"<b>{formatting.factor(before)}</b>", "<b>what is left</b>"
        look = {"color": LEFT_COLOR, "symbol": "circle"}
        moves.append(_Move(label=label, since=1.0, factor=before, text=text, **look))
    return moves


def _move(step: Step, row: Summary | None, before: float | None) -> _Move:
    label = formatting.wrap(step.change, LABEL_CHARS)
    hover = f"{step.lane} against {step.baseline}"
    since = before or 1.0
    if row is None or not row.speedup:
        why = "not measured" if row is None else formatting.safe(row.reason or "not known")
        return _Move(
            label=label, since=since, factor=None, color=LINE_COLOR, symbol="x", text=why, hover=hover
        )
    factor = row.speedup
    if row.ci95 is not None:
        hover += f", 95 % interval {times(row.ci95[0])} to {times(row.ci95[1])}"
    is_loss = factor < since
    # Loss and gain differ without colour too.
    symbol = "circle" if before is None else "triangle-left" if is_loss else "triangle-right"
    return _Move(
        label=label,
        since=since,
        factor=factor,
        color=FIRST_COLOR if before is None else LOSS_COLOR if is_loss else GAIN_COLOR,
        symbol=f"{symbol}{'-open' * row.is_projected}",
        text=f"<b>{formatting.factor(factor)}</b>{_change(factor, before)}" + _doubt(row),
        hover=hover,
    )


def _change(factor: float, before: float | None) -> str:
    if before is None:
        return ""
    ratio = factor / before
    if 0.95 < ratio < 1.05:
        return " (no change)"
    return f" (÷{times(1 / ratio)})" if ratio < 1 else f" (×{times(ratio)})"


def _doubt(row: Summary) -> str:
    if row.is_no_difference:
        return f"<br>{Verdict.NO_DIFFERENCE}"
    return "<br>projected" if row.is_projected else ""


def _drawn(moves: list[_Move]) -> go.Figure:
    """Dots first, then a line to each, then the texts, to the right of both."""
    import plotly.graph_objects as go

    figure = go.Figure()
    rows = [move.label for move in moves]
    common: dict[str, Any] = {"showlegend": False, "cliponaxis": False}
    figure.add_scatter(
        **common,
        x=[move.factor for move in moves],
        y=rows,
        mode="markers",
        marker={
            "color": [move.color for move in moves],
            "symbol": [move.symbol for move in moves],
            "size": DOT_SIZE,
        },
        text=[move.text for move in moves],
        customdata=[move.hover for move in moves],
        hovertemplate="%{text}<br>%{customdata}<extra></extra>",
    )
    for move in moves:
        line = {"color": move.color, "width": 2 * LINE_WIDTH}
        figure.add_scatter(
            **common, x=move.ends, y=[move.label] * 2, mode="lines", line=line, hoverinfo="skip"
        )
    figure.add_scatter(
        **common,
        x=[max(move.ends) for move in moves],
        y=rows,
        mode="text",
        # Room for the dot, which a text would lie on.
        text=[f"{3 * formatting.NO_BREAK_SPACE}{move.text}" for move in moves],
        textposition="middle right",
        hoverinfo="skip",
    )
    figure.add_vline(x=1, line={"dash": "dot", "color": LINE_COLOR, "width": LINE_WIDTH})
    return figure


def _set_axes(figure: go.Figure, low: float, high: float) -> None:
    """From the lowest factor to the highest, and room on the right for the text beside a dot."""
    from math import log10

    decades = max(0.3, log10(high / low))
    figure.update_xaxes(
        **log_ticks([low, high], (1, 3)), range=[log10(low) - 0.03 * decades, log10(high) + 0.75 * decades]
    )
    figure.update_xaxes(showgrid=True)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)


def _title(steps: list[tuple[Step, Summary | None]]) -> str:
    known = [(step, row) for step, row in steps if row is not None and row.speedup]
    (_, first), (step, last) = known[0], known[-1]
    start, end = _told(first), _told(last)
    name = "both sides are batched" if step is steps[-1][0] else f"the step is “{step.change}”"
    if len(known) == 1:
        return f"{start} with {step.change}; the other steps are not known"
    if last.is_no_difference:
        return f"Of {start}, {Verdict.NO_DIFFERENCE} is left when {name}"
    if (last.speedup or 0) < 1:
        return f"Of {start}, nothing is left when {name}: {end}"
    return f"Of {start}, {end} is left when {name}"


def _told(row: Summary) -> str:
    return formatting.factor(row.speedup) + " (projected)" * row.is_projected

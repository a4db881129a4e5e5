"""Where the factor comes from: from the tutorial's comparison to a fair one, one change at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.bench.cases import Step
from core.bench.entries import Summary
from core.bench.record import Run
from core.bench.sweeps import factor_rows
from core.charts import labels
from core.charts.points import conditions
from core.charts.theme import LANE_COLORS, LINE_COLOR, LINE_WIDTH, log_ticks, pattern_of, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

STEP_PX = 62
LABEL_CHARS = 17
FIRST_COLOR, LOSS_COLOR, GAIN_COLOR, LEFT_COLOR = (
    LANE_COLORS["async"],
    LANE_COLORS["sync"],
    LANE_COLORS["async-batch"],
    LANE_COLORS["async-bounded"],
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bar:
    """From one factor to the next. label, text: escaped."""

    label: str
    low: float
    high: float
    color: str
    pattern: str
    text: str
    hover: str


def waterfall(run: Run, operation: str) -> go.Figure | None:
    """The factor of every step as a floating bar on a log axis, from the factor before it.

    The first bar and the last, what is left, start at 1. None unless the plan's sweep is "factor" and
    at least one step has a factor.
    """
    if run.plan.sweep != "factor":
        return None
    steps = factor_rows(run, operation, max(run.counts_of(operation), default=0))
    if not any(row is not None and row.speedup for _, row in steps):
        return None
    bars = _bars(steps)
    figure = _drawn(bars)
    known = [factor for bar in bars for factor in (bar.low, bar.high)]
    _set_axes(figure, min(known), max(known))
    simulated = f"distance of {steps[0][0].case.rtt_ms} ms simulated"
    where = conditions(run).split(" · ")[0]
    return style(
        figure,
        title=_title(steps),
        subtitle=f"{where} · {simulated}",
        x_title="times faster (log scale)",
        height_px=190 + STEP_PX * len(bars),
    )


def _bars(steps: list[tuple[Step, Summary | None]]) -> list[_Bar]:
    bars = []
    before = None
    for step, row in steps:
        bar = _bar(step, row, before)
        bars.append(bar)
        before = row.speedup if row is not None and row.speedup else before
    if before is not None:
        label = "<b>what is left</b>"
        text = f"<b>{labels.factor(before)}</b>"
        ends = {"low": min(1.0, before), "high": max(1.0, before)}
        bars.append(_Bar(label=label, color=LEFT_COLOR, pattern="", text=text, hover="", **ends))
    return bars


def _bar(step: Step, row: Summary | None, before: float | None) -> _Bar:
    label = labels.wrap(step.change, LABEL_CHARS)
    hover = f"{step.lane} against {step.baseline}"
    if row is None or not row.speedup:
        at = before or 1.0
        why = "not measured" if row is None else labels.safe(row.reason or "not known")
        return _Bar(label=label, low=at, high=at, color=LINE_COLOR, pattern="", text=why, hover=hover)
    factor, since = row.speedup, before or 1.0
    if row.ci95 is not None:
        hover += f", 95 % interval {labels.times(row.ci95[0])} to {labels.times(row.ci95[1])}"
    is_loss = factor < since
    color = FIRST_COLOR if before is None else LOSS_COLOR if is_loss else GAIN_COLOR
    return _Bar(
        label=label,
        low=min(since, factor),
        high=max(since, factor),
        color=color,
        # Loss and gain differ without colour too.
        pattern="/" if row.is_projected else "." if is_loss and before is not None else "",
        text=f"<b>{labels.factor(factor)}</b>{_change(factor, before)}" + _doubt(row),
        hover=hover,
    )


def _change(factor: float, before: float | None) -> str:
    if before is None:
        return ""
    ratio = factor / before
    if 0.95 < ratio < 1.05:
        return " (no change)"
    return f" (÷{labels.times(1 / ratio)})" if ratio < 1 else f" (×{labels.times(ratio)})"


def _doubt(row: Summary) -> str:
    if labels.is_no_difference(row):
        return "<br>no detectable difference"
    return "<br>projected" if row.is_projected else ""


def _drawn(bars: list[_Bar]) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=[bar.label for bar in bars],
        base=[bar.low for bar in bars],
        x=[bar.high - bar.low for bar in bars],
        marker={
            "color": [bar.color for bar in bars],
            "line": {"width": 0},
            "pattern": pattern_of([bar.pattern for bar in bars]),
        },
        text=[bar.text for bar in bars],
        textposition="outside",
        textangle=0,
        cliponaxis=False,
        customdata=[bar.hover for bar in bars],
        hovertemplate="%{text}<br>%{customdata}<extra></extra>",
        showlegend=False,
    )
    figure.add_vline(x=1, line={"dash": "dot", "color": LINE_COLOR, "width": LINE_WIDTH})
    return figure


def _set_axes(figure: go.Figure, low: float, high: float) -> None:
    """From the lowest factor to the highest, and room on the right for the text beside a bar."""
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
    name = "both sides are batched" if step is steps[-1][0] else f"the step is “{step.change}”"
    if len(known) == 1:
        return f"{labels.factor(first.speedup)} with {step.change}; the other steps are not known"
    if labels.is_no_difference(last):
        return f"Of {labels.factor(first.speedup)}, no detectable difference is left when {name}"
    if (last.speedup or 0) < 1:
        return (
            f"Of {labels.factor(first.speedup)}, nothing is left when {name}: {labels.factor(last.speedup)}"
        )
    return f"Of {labels.factor(first.speedup)}, {labels.factor(last.speedup)} is left when {name}"

"""Where the factor comes from: one wait taken away at a time, recorded and here."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

from core.bench.analysis.sweeps import factor_rows, told_point
from core.bench.plan.conditions import Step
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Verdict
from core.charts import formatting
from core.charts.theme import LANE_COLORS, LINE_COLOR, faded, log_ticks
from core.charts.tour.canvas import (
    BIG_SIZE,
    HERE,
    HERE_SYMBOL,
    LABEL_SIZE,
    MARKER_SIZE,
    Shown,
    add_guess_line,
    empty,
    on_stage,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

FIRST_COLOR, LOSS_COLOR, GAIN_COLOR = LANE_COLORS["async"], LANE_COLORS["sync"], LANE_COLORS["async-batch"]
# What is guessed is what the last step leaves.
NUM_TOLD = 1
ROOM = 0.9
EDGE = 2.0


def factor(shown: Shown) -> go.Figure:
    """The factor of every step as a dot on a log axis; a bar leads to it from the factor before.

    Hidden: all but the first step. What was measured here is a diamond below the dot.
    """
    import plotly.graph_objects as go

    runs = [(name, run) for name, run in shown.runs if run.plan.sweep == "factor"]
    if not runs:
        return empty()
    figure = go.Figure()
    known = [1.0]
    labels: list[str] = []
    for name, run in runs:
        rows = _steps(run)
        if not labels:
            labels = [_label(step) for step, _ in rows]
        told = rows[:NUM_TOLD] if shown.is_hidden and name != HERE else rows
        known += [row.speedup for _, row in rows if row is not None and row.speedup]
        _add(figure, labels, told, is_here=name == HERE, has_both=len(runs) > 1)
    figure.add_vline(x=1, line={"dash": "dot", "color": LINE_COLOR, "width": 3})
    on_stage(figure, left=330, top=44)
    low, high = log10(min(known)), log10(max(known))
    figure.update_xaxes(
        **log_ticks(known, (1, 3)), range=[low - 0.08, high + ROOM * max(0.5, high - low) / 2]
    )
    figure.update_xaxes(title_text="times as fast as its baseline (log scale)")
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=labels, range=[len(labels) - 0.4, -0.6], showgrid=False
    )
    if shown.guess:
        # At the edge where it lies beyond.
        at = min(max(shown.guess, min(known)), EDGE * max(known))
        add_guess_line(figure, at, (shown.guess, "x"), ("x", "y"), at=log10(at), is_above=True)
    return figure


def _steps(run: Run) -> list[tuple[Step, Summary | None]]:
    operation, count = told_point(run)
    return factor_rows(run, operation, count)


def _label(step: Step) -> str:
    return formatting.safe(step.change.replace("the tutorial's setting", "as in the tutorial"))


def _add(
    figure: go.Figure,
    labels: list[str],
    rows: list[tuple[Step, Summary | None]],
    *,
    is_here: bool,
    has_both: bool,
) -> None:
    before = 1.0
    shift = 0.0 if not has_both else 0.26 if is_here else -0.2
    for number, (_, row) in enumerate(rows):
        value = row.speedup if row is not None else None
        if not value or row is None:
            continue
        color = FIRST_COLOR if number == 0 else LOSS_COLOR if value < before else GAIN_COLOR
        figure.add_scatter(
            x=[before, value],
            y=[number + shift] * 2,
            mode="lines",
            line={"color": faded(color, 0.55), "width": 8 if is_here else 14},
            hoverinfo="skip",
        )
        text = f"<b>{formatting.factor(value)}</b>{_doubt(row)}"
        figure.add_scatter(
            x=[value],
            y=[number + shift],
            mode="markers",
            marker={
                "color": color,
                "size": MARKER_SIZE + 4,
                "symbol": HERE_SYMBOL if is_here else "circle",
            },
            hovertemplate=f"{labels[number]}: %{{x:.3g}}x<extra></extra>",
        )
        # Beyond the bar, which it would lie on.
        figure.add_scatter(
            x=[max(before, value)],
            y=[number + shift],
            mode="text",
            text=[f"{3 * formatting.NO_BREAK_SPACE}{text}{' here' if is_here else ''}"],
            textposition="middle right",
            textfont={"size": LABEL_SIZE if has_both else BIG_SIZE - 4},
            cliponaxis=False,
            hoverinfo="skip",
        )
        before = value


def _doubt(row: Summary) -> str:
    if row.is_no_difference:
        return f" {Verdict.NO_DIFFERENCE}"
    return " projected" if row.is_projected else ""

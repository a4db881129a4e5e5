"""Block the loop: its heartbeat while coroutines await, block, and block in a thread instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.bench.analysis.sweeps import told_point
from core.bench.records.run import Run
from core.charts import formatting
from core.charts.run.heartbeat import Pulse, add_beats, pulses_of, shade_gaps, window_of
from core.charts.theme import faded
from core.charts.tour.canvas import (
    GUESS_COLOR,
    HERE,
    LABEL_SIZE,
    Shown,
    away,
    axes_of,
    empty,
    on_stage,
    panel_title,
    tag_guess,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

SAID = {"": "awaited", "blocking": "blocked", "to-thread": "blocked in a thread"}
BEAT_WIDTH = 3.0


def frozen(shown: Shown) -> go.Figure:
    """A row of beats for each way of calling, and beside it the same as it was measured here.

    Hidden: the beats of the loop that is blocked. The guess is in milliseconds.
    """
    from plotly.subplots import make_subplots

    found = [(name, run, _pulses(run)) for name, run in shown.runs]
    found = [each for each in found if each[2]]
    if not found:
        return empty()
    num_rows = max(len(pulses) for _, _, pulses in found)
    figure = make_subplots(
        rows=num_rows, cols=len(found), shared_xaxes=True, vertical_spacing=0.13, horizontal_spacing=0.05
    )
    figure.update_yaxes(range=[-0.7, 1.6], showgrid=False, zeroline=False, showticklabels=False)
    for column, (name, run, pulses) in enumerate(found, start=1):
        window_s = window_of(pulses)
        figure.update_xaxes(range=[0, window_s], col=column)
        figure.update_xaxes(title_text=f"seconds, {name}{away(run)}", row=num_rows, col=column)
        for row, pulse in enumerate(pulses, start=1):
            _add(figure, shown, name, pulse, window_s, (row, column), axes_of(row, column, len(found)))
    return on_stage(figure, left=24, right=24, top=46)


def _pulses(run: Run) -> list[Pulse]:
    if run.plan.sweep != "blocking":
        return []
    operation, count = told_point(run)
    return pulses_of(run, operation, count)


def _add(
    figure: go.Figure,
    shown: Shown,
    name: str,
    pulse: Pulse,
    window_s: float,
    place: tuple[int, int],
    axes: tuple[str, str],
) -> None:
    is_blocked = pulse.blocking == "blocking"
    gap = f"longest gap <b>{formatting.span(pulse.longest_s)}</b>"
    if is_blocked and shown.is_hidden and name != HERE:
        gap = "for how long is it frozen?"
    else:
        add_beats(figure, pulse, window_s, *place, width=BEAT_WIDTH)
        shade_gaps(figure, pulse, window_s, *place, size=LABEL_SIZE)
    panel_title(figure, f"<b>{SAID[pulse.blocking]}</b>: {gap}", axes)
    if is_blocked and shown.guess and name != HERE:
        end_s = min(window_s, shown.guess / 1000)
        figure.add_shape(
            type="rect", x0=0, x1=end_s, xref=axes[0], y0=-0.7, y1=1.6, yref=axes[1],
            fillcolor=faded(GUESS_COLOR, 0.35), line={"width": 0},
        )  # fmt: skip
        tag_guess(
            figure, shown.guess, "ms", x=end_s, xref=axes[0], y=0.5, yref=axes[1], xanchor="left", xshift=8
        )

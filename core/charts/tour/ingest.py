"""A document's way into Milvus: every step a row of bars, in turn above and overlapped below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.bench.analysis.steps import STEP_NAMES, typical
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts import formatting
from core.charts.run.step_waterfall import thinned_spans
from core.charts.theme import faded, lane_style
from core.charts.tour.canvas import (
    HERE,
    Shown,
    add_guess_line,
    away,
    axes_of,
    empty,
    on_stage,
    panel_title,
)
from core.ingest.timeline import STEPS

if TYPE_CHECKING:
    import plotly.graph_objects as go

LANE_NAMES = {"sync": "step by step", "async": "all steps at once"}


def ingest(shown: Shown) -> go.Figure:
    """Two panels of steps on one clock, and two more beside them once it was measured here.

    Hidden: the bars of all steps at once. The guess is a factor.
    """
    from plotly.subplots import make_subplots

    runs = [(name, run) for name, run in shown.runs if run.counts_of("ingest")]
    if not runs:
        return empty()
    figure = make_subplots(
        rows=2, cols=len(runs), shared_xaxes=True, vertical_spacing=0.15, horizontal_spacing=0.03
    )
    for column, (name, run) in enumerate(runs, start=1):
        _add_run(figure, shown, name, run, column, len(runs))
    on_stage(figure, left=130, right=24, top=46)
    order = [STEP_NAMES[step] for step in STEPS][::-1]
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=order, showgrid=False)
    if len(runs) > 1:
        figure.update_yaxes(showticklabels=False, col=2)
    figure.update_layout(barmode="overlay", bargap=0.2)
    return figure


def _add_run(figure: go.Figure, shown: Shown, name: str, run: Run, column: int, num_columns: int) -> None:
    count = max(run.counts_of("ingest"))
    trials = {lane: typical(run.trials_of("ingest", lane, count)) for lane in LANE_NAMES}
    longest_s = max((trial.elapsed_s for trial in trials.values() if trial is not None), default=1.0)
    figure.update_xaxes(range=[0, 1.03 * longest_s], col=column)
    figure.update_xaxes(title_text=f"seconds, {name}{away(run)}", row=2, col=column)
    for row, (lane, trial) in enumerate(trials.items(), start=1):
        if trial is None:
            continue
        axes = axes_of(row, column, num_columns)
        is_hidden = shown.is_hidden and lane == "async" and name != HERE
        _add_steps(figure, trial, row, column, is_hidden=is_hidden)
        took = "?" if is_hidden else formatting.seconds(trial.elapsed_s)
        panel_title(figure, f"<b>{lane}</b>, {LANE_NAMES[lane]}: <b>{took}</b>", axes)
        if lane == "async" and shown.guess and name != HERE:
            at_s = min(longest_s, (trials["sync"] or trial).elapsed_s / shown.guess)
            add_guess_line(figure, at_s, (shown.guess, "x"), axes, is_left=at_s > 0.7 * longest_s)


def _add_steps(figure: go.Figure, trial: Trial, row: int, column: int, *, is_hidden: bool) -> None:
    color = lane_style(trial.lane).color
    for step in STEPS:
        spans = thinned_spans([span for span in trial.spans if span.step == step])
        figure.add_bar(
            orientation="h",
            y=[STEP_NAMES[step]] * len(spans),
            base=[round(span.start_s, 4) for span in spans],
            x=[0.0 if is_hidden else round(span.length_s, 4) for span in spans],
            # Bars of batches that were embedded at the same time show through each other.
            marker={"color": faded(color, 0.6 if step == "embed" else 0.9), "line": {"width": 0}},
            hovertemplate=f"{STEP_NAMES[step]}: %{{base:.2f}} s, for %{{x:.2f}} s<extra></extra>",
            row=row,
            col=column,
        )

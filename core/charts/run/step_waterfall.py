"""The steps of an ingest: each a row of bars, both lanes below each other on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.bench.analysis.steps import STEP_NAMES, typical
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts import formatting
from core.charts.queries import conditions, lanes_in
from core.charts.theme import LINE_COLOR, faded, lane_style, panel_titles, style
from core.ingest.timeline import STEPS, StepSpan, busy_by_step

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW_PX = 30
GAP_PX = 52
# More bars than this in a row are thinner than a pixel: neighbours are drawn as one.
MAX_BARS = 250


def step_waterfall(run: Run, count: int, case: Case | None = None) -> go.Figure | None:
    """The typical trial of each lane as a waterfall of its steps; None where no trial noted them."""
    from plotly.subplots import make_subplots

    found = (typical(run.trials_of("ingest", lane, count, case)) for lane in lanes_in(run, "ingest", case))
    trials = [trial for trial in found if trial is not None]
    if not trials:
        return None
    steps = [step for step in STEPS if any(span.step == step for trial in trials for span in trial.spans)]
    inner_px = ROW_PX * len(steps) * len(trials) + GAP_PX * (len(trials) - 1)
    figure = make_subplots(
        rows=len(trials),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=GAP_PX / inner_px,
        subplot_titles=[_panel_title(trial) for trial in trials],
    )
    for row, trial in enumerate(trials, 1):
        _add_bars(figure, trial, steps, row)
        if trial.first_searchable_s is not None:
            line = {"dash": "dot", "width": 2, "color": LINE_COLOR}
            figure.add_vline(x=trial.first_searchable_s, line=line, row=row)
    figure.update_yaxes(categoryorder="array", categoryarray=[STEP_NAMES[step] for step in steps][::-1])
    longest_s = max(trial.elapsed_s for trial in trials)
    figure.update_xaxes(range=[0, longest_s * 1.03], showgrid=True)
    figure.update_xaxes(title_text="seconds since this lane's start", row=len(trials), col=1)
    figure.update_layout(barmode="overlay", showlegend=False)
    figure = style(
        figure,
        title=_title(run, trials),
        subtitle=_conditions(run, trials[0]),
        height_px=inner_px + 190,
    )
    panel_titles(figure)
    figure.update_layout(bargap=0.2)
    return figure


def _title(run: Run, trials: Sequence[Trial]) -> str:
    rows = (run.summary_of("ingest", trial.lane, trial.count, trial.case) for trial in trials)
    row = next((row for row in rows if row is not None), None)
    if row is not None:
        return formatting.title_claim(row)
    how = "was cut after" if trials[0].cut else "took"
    return f"{trials[0].lane.capitalize()} ingest {how} {formatting.seconds(trials[0].elapsed_s)}"


def _conditions(run: Run, trial: Trial) -> str:
    values = run.environment
    cores, parallel = values.get("cores"), values.get("parallel_batches")
    parts = [run.plan.data, formatting.plural("ingest", trial.count), conditions(run, trial.case)]
    parts += [f"{cores} core{'s' * (cores != 1)}"] if isinstance(cores, int) else []
    parts += [f"async embeds {parallel} batches at once"] if isinstance(parallel, int) else []
    return " · ".join(parts)


def _panel_title(trial: Trial) -> str:
    first_s = trial.first_searchable_s
    first = "" if first_s is None else f", first question after {formatting.seconds(first_s)}"
    time = f"{'cut after ' * trial.cut}{formatting.seconds(trial.elapsed_s)}"
    return f"<b>{formatting.safe(trial.lane)}</b>: {time}{first}"


def _add_bars(figure: go.Figure, trial: Trial, steps: Sequence[str], row: int) -> None:
    busy = busy_by_step(trial.spans)
    color = lane_style(trial.lane).color
    for step in steps:
        spans = thinned_spans([span for span in trial.spans if span.step == step])
        figure.add_bar(
            orientation="h",
            name=f"{trial.lane}, {STEP_NAMES[step].lower()}",
            y=[STEP_NAMES[step]] * len(spans),
            base=[span.start_s for span in spans],
            x=[span.length_s for span in spans],
            # Bars of batches that were embedded at the same time show through each other.
            marker={"color": faded(color, 0.6 if step == "embed" else 0.9), "line": {"width": 0}},
            customdata=[[span.end_s, span.num_chunks] for span in spans],
            hovertemplate=(
                f"{formatting.safe(trial.lane)}: {STEP_NAMES[step]}"
                "<br>%{base:.3f} s to %{customdata[0]:.3f} s"
                f"<br>in all at work for {formatting.seconds(busy.get(step, 0.0))}<extra></extra>"
            ),
            row=row,
            col=1,
        )


def thinned_spans(spans: list[StepSpan]) -> list[StepSpan]:
    """At most `MAX_BARS` bars: neighbours become one where there are more."""
    if len(spans) <= MAX_BARS:
        return spans
    size = -(-len(spans) // MAX_BARS)
    groups = (spans[start : start + size] for start in range(0, len(spans), size))
    return [
        StepSpan(
            step=group[0].step,
            start_s=min(span.start_s for span in group),
            end_s=max(span.end_s for span in group),
            num_chunks=sum(span.num_chunks for span in group),
        )
        for group in groups
    ]

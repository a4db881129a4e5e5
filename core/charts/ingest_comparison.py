"""Your document, both ways: each step a row of bars, both ways below each other on one clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.charts import formatting
from core.charts.theme import LINE_COLOR, faded, lane_style, panel_titles, style
from core.ingest.comparison.findings import STEP_NAMES, conditions, headline
from core.ingest.comparison.result import BothWays, Way, WayRun
from core.ingest.timeline import STEPS, StepSpan, busy_by_step

if TYPE_CHECKING:
    import plotly.graph_objects as go

WAYS: tuple[Way, ...] = ("sync", "async")
ROW_PX = 34
GAP_PX = 64
# Two lines above each panel.
ABOVE_PX = 72
# More bars than this in a row are thinner than a pixel: neighbours are drawn as one.
MAX_BARS = 250
HOW_TO_READ = (
    "Each row is one step, each bar a stretch of time in which it was at work, and both panels share one "
    "clock. Above, no two bars are ever at the same time: every step waits for the one before. Below, "
    "bars of different rows lie over each other: while one batch is inserted, the next is being embedded. "
    "Darker places in the embedding row are two batches at once. The dotted line is the moment from which "
    "a first question finds something."
)


def both_ways_waterfall(result: BothWays) -> go.Figure:
    """The typical run of each way as a waterfall of its steps."""
    from plotly.subplots import make_subplots

    runs = [result.typical(way) for way in WAYS]
    steps = [step for step in STEPS if any(span.step == step for run in runs for span in run.spans)]
    panel_px = ROW_PX * len(steps)
    inner_px = panel_px * len(runs) + GAP_PX
    figure = make_subplots(
        rows=len(runs),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=GAP_PX / inner_px,
        subplot_titles=[_panel_title(run) for run in runs],
    )
    for row, run in enumerate(runs, 1):
        _add_bars(figure, run, steps, row)
        _add_first(figure, run, row)
    names = [STEP_NAMES[step] for step in steps]
    figure.update_yaxes(categoryorder="array", categoryarray=names[::-1])
    longest_s = max(run.elapsed_s for run in runs)
    figure.update_xaxes(range=[0, longest_s * 1.03], showgrid=True)
    figure.update_xaxes(title_text="seconds since this way's start", row=len(runs), col=1)
    figure.update_layout(barmode="overlay", showlegend=False)
    figure = style(
        figure,
        title=headline(result),
        subtitle=conditions(result),
        height_px=inner_px + 210,
        above_px=ABOVE_PX,
    )
    panel_titles(figure)
    figure.update_layout(bargap=0.2)
    return figure


def _panel_title(run: WayRun) -> str:
    first = f"first question possible after {formatting.seconds(run.first_searchable_s)}"
    return f"<b>{run.way}</b> done after {formatting.seconds(run.elapsed_s)}<br>{first}"


def _add_bars(figure: go.Figure, run: WayRun, steps: list[str], row: int) -> None:
    busy = busy_by_step(run.spans)
    color = lane_style(run.way).color
    for step in steps:
        spans = _thinned([span for span in run.spans if span.step == step])
        figure.add_bar(
            orientation="h",
            name=f"{run.way}, {STEP_NAMES[step].lower()}",
            y=[STEP_NAMES[step]] * len(spans),
            base=[span.start_s for span in spans],
            x=[span.length_s for span in spans],
            # Bars of batches that were embedded at the same time show through each other.
            marker={"color": faded(color, 0.6 if step == "embed" else 0.9), "line": {"width": 0}},
            customdata=[[span.end_s, span.num_chunks] for span in spans],
            hovertemplate=(
                f"{run.way}: {STEP_NAMES[step]}<br>%{{base:.3f}} s to %{{customdata[0]:.3f}} s"
                f"<br>in all at work for {formatting.seconds(busy.get(step, 0.0))}<extra></extra>"
            ),
            row=row,
            col=1,
        )


def _add_first(figure: go.Figure, run: WayRun, row: int) -> None:
    figure.add_vline(x=run.first_searchable_s, line={"dash": "dot", "width": 2, "color": LINE_COLOR}, row=row)


def _thinned(spans: list[StepSpan]) -> list[StepSpan]:
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

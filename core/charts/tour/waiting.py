"""Who waits when: every request a bar, a staircase above and a stack below, to be played in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.bench.records.run import Run
from core.charts import formatting
from core.charts.arrays import evenly, numbers, requests_of
from core.charts.queries import one_of, typical_repeat
from core.charts.theme import LANES
from core.charts.tour.canvas import (
    HERE,
    Shown,
    add_guess_line,
    away,
    axes_of,
    empty,
    last_operation,
    on_stage,
    panel_title,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

LANE_NAMES = {"sync": "one by one", "async": "all at once"}
MAX_BARS = 120
# A guess further out would leave the bars no room.
MOST_BEYOND = 2.0


def waiting(shown: Shown) -> go.Figure:
    """Two panels of bars, and two more beside them once it was measured here.

    The layout's `meta["play"]` says over which axes a curtain is drawn, and for how many seconds of what
    was measured. Hidden: the bars of all at once. The guess is in seconds.
    """
    from plotly.subplots import make_subplots

    runs = shown.runs
    if not runs:
        return empty()
    figure = make_subplots(
        rows=len(LANE_NAMES),
        cols=len(runs),
        shared_xaxes=True,
        vertical_spacing=0.14,
        horizontal_spacing=0.06,
    )
    figure.update_yaxes(showticklabels=False, showgrid=False, zeroline=False)
    played = []
    for column, (name, run) in enumerate(runs, start=1):
        end_s = _add_run(figure, shown, name, run, column)
        until_s = _axis_end_s(shown, end_s) if name != HERE else end_s
        figure.update_xaxes(range=[0, 1.02 * until_s], col=column)
        said = ", ".join(filter(None, (f"seconds, {name}{away(run)}", one_of(run))))
        figure.update_xaxes(title_text=said, row=len(LANE_NAMES), col=column)
        played.append({"axis": f"xaxis{column if column > 1 else ''}", "until_s": end_s})
    on_stage(figure, left=24, right=24, top=44)
    figure.update_layout(barmode="overlay", bargap=0.14, meta={"play": played})
    return figure


def _add_run(figure: go.Figure, shown: Shown, name: str, run: Run, column: int) -> float:
    """Draw the panels of a run's smallest count. Returns the seconds of its longest lane."""
    operation = last_operation(run)
    count = run.counts_of(operation)[0]
    longest_s = 0.001
    repeat = typical_repeat(run, operation, count, run.cases[-1])
    for row, lane in enumerate(LANE_NAMES, start=1):
        trials = run.trials_of(operation, lane, count, run.cases[-1])
        trial = next((each for each in trials if each.samples and each.repeat == repeat), None)
        if trial is None:
            continue
        longest_s = max(longest_s, trial.elapsed_s)
        is_hidden = shown.is_hidden and lane == "async" and name != HERE
        requests = requests_of(trial)
        chosen = evenly(len(requests), MAX_BARS)
        start, end = requests.start_s[chosen], requests.end_s[chosen]
        figure.add_bar(
            orientation="h",
            base=numbers(start),
            x=[0.0] * len(chosen) if is_hidden else numbers(end - start),
            y=list(range(1, len(chosen) + 1)),
            marker={"color": LANES[lane].color, "line": {"width": 0}},
            hovertemplate="%{base:.3g} s, for %{x:.3g} s<extra></extra>",
            row=row,
            col=column,
        )
        figure.update_yaxes(range=[len(chosen) + 0.6, 0.4], row=row, col=column)
        axes = axes_of(row, column, len(shown.runs))
        took = "?" if is_hidden else formatting.seconds(trial.elapsed_s)
        what = formatting.plural(operation, count)
        panel_title(figure, f"<b>{lane}</b>: {what} {LANE_NAMES[lane]}, <b>{took}</b>", axes)
        if lane == "async" and shown.guess and name != HERE:
            at = min(shown.guess, MOST_BEYOND * longest_s)
            add_guess_line(figure, at, (shown.guess, "s"), axes, is_left=at > 0.7 * longest_s)
    return longest_s


def _axis_end_s(shown: Shown, end_s: float) -> float:
    return max(end_s, 1.1 * min(shown.guess or 0.0, MOST_BEYOND * end_s))

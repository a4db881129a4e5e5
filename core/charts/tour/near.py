"""The same work in each lane, a bar for its time: recorded, and here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.bench.analysis.sweeps import told_point
from core.bench.records.run import Run
from core.charts import formatting
from core.charts.theme import LANES
from core.charts.tour.canvas import (
    BIG_SIZE,
    GUESS_COLOR,
    HERE,
    LABEL_SIZE,
    Shown,
    empty,
    factor_text,
    note,
    on_stage,
    tag_guess,
    time_s,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROOM = 1.7
# A guess further out stands at the edge.
MOST_BEYOND = 1.5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bar:
    """A lane's time as a bar; a hidden one is not shown before the hall has guessed."""

    label: str
    lane: str
    time_s: float
    text: str
    is_hidden: bool = False


def near(shown: Shown) -> go.Figure:
    """Sync and async with nothing in between: the case without distance. Hidden: async's time."""
    import plotly.graph_objects as go

    bars = [bar for name, run in shown.runs for bar in _bars(shown, name, run)]
    if not bars:
        return empty()
    longest = max(bar.time_s for bar in bars)
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        x=[0.0 if bar.is_hidden else bar.time_s for bar in bars],
        y=[bar.label for bar in bars],
        marker={"color": [LANES[bar.lane].color for bar in bars], "line": {"width": 0}},
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.3g} s<extra></extra>",
    )
    size = BIG_SIZE if len(bars) <= 2 else BIG_SIZE - 6
    for bar in bars:
        note(
            figure, "<b>?</b>" if bar.is_hidden else bar.text, x=0 if bar.is_hidden else bar.time_s,
            y=bar.label, xanchor="left", xshift=12, align="left", size=size,
        )  # fmt: skip
    if shown.guess:
        _add_guess(figure, bars, shown.guess)
    on_stage(figure, left=330, top=20)
    figure.update_xaxes(range=[0, ROOM * longest], title_text="seconds")
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False, tickfont={"size": LABEL_SIZE})
    return figure


def _bars(shown: Shown, name: str, run: Run) -> Iterator[_Bar]:
    operation, count = told_point(run)
    case = next((case for case in run.cases if not case.rtt_ms), None)
    for lane in ("sync", "async"):
        took_s = time_s(run, lane, count, case)
        if took_s is None:
            continue
        text = formatting.seconds(took_s)
        if lane == "async":
            text = f"{text}{formatting.BREAK}{factor_text(run, lane, count, case)}"
        yield _Bar(
            label=f"<b>{lane}</b><br>{formatting.plural(operation, count)}, {name}",
            lane=lane,
            time_s=took_s,
            text=text,
            is_hidden=shown.is_hidden and lane == "async" and name != HERE,
        )


def _add_guess(figure: go.Figure, bars: list[_Bar], guess: float) -> None:
    """Where async would end if it were that many times as fast."""
    if len(bars) < 2:
        return
    end_s = min(bars[0].time_s / guess, MOST_BEYOND * bars[0].time_s)
    figure.add_scatter(
        x=[end_s],
        y=[bars[1].label],
        mode="markers",
        marker={
            "color": GUESS_COLOR,
            "symbol": "line-ns",
            "size": 90,
            "line": {"width": 7, "color": GUESS_COLOR},
        },
        hoverinfo="skip",
    )
    tag_guess(figure, guess, "x", x=end_s, y=bars[1].label, xanchor="left", xshift=10)

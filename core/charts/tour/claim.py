"""The claim: what the tutorial published, and the same measured on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

from core.bench.analysis.findings import TUTORIAL_S
from core.bench.records.run import Run
from core.charts import formatting
from core.charts.theme import LANES, LINE_COLOR, log_ticks
from core.charts.tour.canvas import (
    BIG_SIZE,
    GUESS_COLOR,
    HERE,
    LABEL_SIZE,
    MARKER_SIZE,
    RECORDED,
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

PUBLISHED = "published"
# Beyond them a guess stands at the edge.
LEAST_GUESS, MOST_GUESS = 0.3, 300.0
GAP = 2 * formatting.NO_BREAK_SPACE


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    """Two times for the same searches, in s.

    Attributes:
        who: Whose they are.
        distance: Simulated, in words.
        factor: With what has to be said of it; "" where it is not known.
    """

    who: str
    count: int
    sync_s: float
    async_s: float
    factor: str
    distance: str = ""

    @property
    def label(self) -> str:
        return f"<b>{formatting.plural('search', self.count)}</b><br>{self.who}{self.distance}"


def claim(shown: Shown) -> go.Figure:
    """A row for each pair of times: a dot for one after another, a dot for all at once, the factor between.

    Hidden: what all at once took in our own rows.
    """
    import plotly.graph_objects as go

    pairs = list(_pairs(shown))
    if not pairs:
        return empty()
    figure = go.Figure()
    for pair in pairs:
        _add(figure, pair, is_hidden=shown.is_hidden and pair.who == RECORDED)
    ours = [pair for pair in pairs if pair.who == RECORDED]
    if shown.guess and ours:
        _add_guess(figure, ours[-1], shown.guess)
    on_stage(figure, left=230, top=24)
    times = [time for pair in pairs for time in (pair.sync_s, pair.async_s)]
    low, high = log10(min(times)), log10(max(times))
    figure.update_xaxes(**log_ticks(times, (1,)), range=[low - 0.95, high + 0.6])
    figure.update_xaxes(title_text=f"seconds for all of them (log scale){_first_calls(shown)}")
    labels = [pair.label for pair in pairs]
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=labels[::-1],
        range=[-0.6, len(labels) - 0.4],
        # Its lines would run through the times, as if they were struck out.
        showgrid=False,
    )
    return figure


def _first_calls(shown: Shown) -> str:
    """What the published times have inside and ours have not; "" where there is no such difference."""
    if shown.recorded is None or all(run.plan.first_calls == "included" for _, run in shown.runs):
        return ""
    return "; published with first calls, ours without"


def _pairs(shown: Shown) -> Iterator[_Pair]:
    for name, run in shown.runs:
        for count in run.counts_of("search"):
            published = TUTORIAL_S["search"].get(count)
            if name == RECORDED and published:
                sync_s, async_s = published["sync"], published["async"]
                factor = f"<b>{formatting.factor(sync_s / async_s)}</b>"
                yield _Pair(who=PUBLISHED, count=count, sync_s=sync_s, async_s=async_s, factor=factor)
            pair = _measured(name, run, count)
            if pair is not None:
                yield pair


def _measured(name: str, run: Run, count: int) -> _Pair | None:
    sync_s, async_s = time_s(run, "sync", count), time_s(run, "async", count)
    if not sync_s or not async_s:
        return None
    rtt_ms = run.plan.rtt_ms
    distance = f", {rtt_ms} ms away*" if rtt_ms and name == HERE else ""
    factor = factor_text(run, "async", count)
    return _Pair(who=name, count=count, sync_s=sync_s, async_s=async_s, factor=factor, distance=distance)


def _add(figure: go.Figure, pair: _Pair, *, is_hidden: bool) -> None:
    lanes = [("sync", pair.sync_s, "middle right")]
    if not is_hidden:
        lanes.append(("async", pair.async_s, "middle left"))
        figure.add_scatter(
            x=[pair.sync_s, pair.async_s],
            y=[pair.label] * 2,
            mode="lines",
            line={"color": LINE_COLOR, "width": 3, "dash": "dot" if pair.who == PUBLISHED else "solid"},
            hoverinfo="skip",
        )
        if pair.factor:
            note(
                figure,
                pair.factor,
                x=(log10(pair.sync_s) + log10(pair.async_s)) / 2,
                y=pair.label,
                yshift=17,
                size=LABEL_SIZE if pair.who == PUBLISHED else BIG_SIZE,
            )
    for lane, value_s, side in lanes:
        look = LANES[lane]
        figure.add_scatter(
            x=[value_s],
            y=[pair.label],
            mode="markers+text",
            text=[f"{GAP}{lane} {formatting.seconds(value_s)}{GAP}"],
            textposition=side,
            textfont={"size": LABEL_SIZE},
            cliponaxis=False,
            marker={
                "color": look.color,
                "symbol": f"{look.symbol}{'-open' * (pair.who == PUBLISHED)}",
                "size": MARKER_SIZE,
                "line": {"width": 3, "color": look.color},
            },
            hovertemplate="%{text}<extra></extra>",
        )


def _add_guess(figure: go.Figure, pair: _Pair, guess: float) -> None:
    value_s = pair.sync_s / min(max(guess, LEAST_GUESS), MOST_GUESS)
    figure.add_scatter(
        x=[value_s],
        y=[pair.label],
        mode="markers",
        marker={
            "color": GUESS_COLOR,
            "symbol": "line-ns",
            "size": 44,
            "line": {"width": 6, "color": GUESS_COLOR},
        },
        hovertemplate="the hall's guess<extra></extra>",
    )
    tag_guess(figure, guess, "x", x=log10(value_s), y=pair.label, yshift=-34)

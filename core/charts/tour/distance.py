"""Put the server far away: what one after another takes grows with every millisecond, all at once hardly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.bench.analysis.sweeps import told_point
from core.bench.records.run import Run
from core.charts import formatting
from core.charts.theme import LANES, LINE_COLOR
from core.charts.tour.canvas import (
    BIG_SIZE,
    GUESS_COLOR,
    HERE_SYMBOL,
    LABEL_SIZE,
    LINE_WIDTH,
    MARKER_SIZE,
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

LANES_SHOWN = ("sync", "async")
# Nearer than that, a text to the left of a point would leave the chart.
LEFT_MS = 50


def distance(shown: Shown) -> go.Figure:
    """Seconds over the simulated round trip: a line a lane as recorded, diamonds for what was called out.

    Hidden: async's line. The guess is a factor at the distance that was called out.
    """
    import plotly.graph_objects as go

    recorded = shown.recorded
    if recorded is None or recorded.plan.sweep != "distance":
        return empty()
    figure = go.Figure()
    lines = {lane: _line(recorded, lane) for lane in LANES_SHOWN}
    for lane, line in lines.items():
        _add_line(figure, lane, line, is_hidden=shown.is_hidden and lane == "async")
    _add_called(figure, shown, lines)
    if shown.here is not None:
        _add_here(figure, shown.here)
    what = formatting.plural(*told_point(recorded))
    on_stage(figure, left=80, right=130, top=44)
    here = _here(shown.here)
    top_s = max(value for line in [*lines.values(), here] for value in line.values())
    figure.update_yaxes(range=[0, 1.12 * top_s])
    furthest_ms = max([*lines["sync"], *here])
    figure.update_xaxes(range=[-4, 1.02 * furthest_ms], title_text="simulated round trip (ms)")
    note(
        figure, f"seconds for {what}", x=0, xref="x domain", xanchor="left", y=1, yref="y domain",
        yanchor="bottom", yshift=8,
    )  # fmt: skip
    return figure


def _line(run: Run, lane: str) -> dict[int, float]:
    """Distance in ms to seconds, nearest first."""
    _, count = told_point(run)
    found = {case.rtt_ms: time_s(run, lane, count, case) for case in run.cases}
    return {rtt_ms: took_s for rtt_ms, took_s in sorted(found.items()) if took_s is not None}


def _here(run: Run | None) -> dict[int, float]:
    """The longest time at each distance that was measured in this talk."""
    if run is None:
        return {}
    lines = [_line(run, lane) for lane in LANES_SHOWN]
    return {each: max(line.get(each, 0.0) for line in lines) for line in lines for each in line}


def _add_line(figure: go.Figure, lane: str, line: dict[int, float], *, is_hidden: bool) -> None:
    look = LANES[lane]
    figure.add_scatter(
        x=list(line),
        y=list(line.values()),
        mode="lines+markers",
        line={"color": look.color, "width": LINE_WIDTH},
        marker={"symbol": look.symbol, "size": MARKER_SIZE - 4, "color": look.color},
        opacity=0.0 if is_hidden else 1.0,
        hovertemplate=f"{lane}, %{{x}} ms: %{{y:.3g}} s<extra></extra>",
    )
    if not is_hidden:
        note(
            figure, f"<b>{lane}</b>", x=max(line), y=line[max(line)], xanchor="left", xshift=16,
            font={"size": LABEL_SIZE, "color": look.color},
        )  # fmt: skip


def at(line: dict[int, float], rtt_ms: int) -> float | None:
    """A line's value at a distance, between those that were measured; None beyond them."""
    below = max((each for each in line if each <= rtt_ms), default=None)
    above = min((each for each in line if each >= rtt_ms), default=None)
    if below is None or above is None:
        return None
    if below == above:
        return line[below]
    share = (rtt_ms - below) / (above - below)
    return line[below] + share * (line[above] - line[below])


def _add_called(figure: go.Figure, shown: Shown, lines: dict[str, dict[int, float]]) -> None:
    """The distance that was called out, with the guess and the recorded factor there."""
    sync_s, async_s = (at(lines[lane], shown.called_ms) for lane in LANES_SHOWN)
    if not sync_s or not async_s:
        return
    top = sync_s if shown.is_hidden else max(sync_s, async_s)
    low = 0.0 if shown.is_hidden else min(sync_s, async_s)
    figure.add_scatter(
        x=[shown.called_ms] * 2,
        y=[low, top],
        mode="lines",
        line={"color": LINE_COLOR, "width": 3, "dash": "dot"},
        hoverinfo="skip",
    )
    if not shown.is_hidden:
        text = _recorded_factor(shown) or f"<b>{formatting.factor(sync_s / async_s)}</b> between"
        note(
            figure,
            text,
            x=shown.called_ms,
            y=(sync_s + async_s) / 2,
            xanchor="left",
            xshift=10,
            size=BIG_SIZE,
        )
    if shown.guess:
        value_s = sync_s / shown.guess
        figure.add_scatter(
            x=[shown.called_ms],
            y=[value_s],
            mode="markers",
            marker={"symbol": "line-ew", "size": 44, "line": {"width": 7, "color": GUESS_COLOR}},
            hoverinfo="skip",
        )
        tag_guess(
            figure, shown.guess, "x", x=shown.called_ms, y=value_s, xanchor="right", xshift=-30, yshift=16
        )


def _recorded_factor(shown: Shown) -> str:
    """What was recorded at the distance that was called out; "" where that lies between two."""
    run = shown.recorded
    case = None if run is None else next((c for c in run.cases if c.rtt_ms == shown.called_ms), None)
    if run is None or case is None:
        return ""
    return factor_text(run, "async", told_point(run)[1], case)


def _add_here(figure: go.Figure, run: Run) -> None:
    _, count = told_point(run)
    for case in run.cases:
        times = {lane: time_s(run, lane, count, case) for lane in LANES_SHOWN}
        for lane, took_s in times.items():
            if took_s is not None:
                figure.add_scatter(
                    x=[case.rtt_ms],
                    y=[took_s],
                    mode="markers",
                    marker={
                        "symbol": HERE_SYMBOL,
                        "size": MARKER_SIZE + 10,
                        "color": LANES[lane].color,
                        "line": {"width": 3, "color": "#ffffff"},
                    },
                    hovertemplate=f"{lane} here, %{{x}} ms: %{{y:.3g}} s<extra></extra>",
                )
        text = factor_text(run, "async", count, case)
        if text and times["sync"]:
            note(
                figure, f"{text} <b>here, now</b>", x=case.rtt_ms, y=times["sync"],
                xanchor="left" if case.rtt_ms < LEFT_MS else "right", yshift=34, size=BIG_SIZE - 4,
            )  # fmt: skip

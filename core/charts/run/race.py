"""The race: lanes that were measured apart, replayed together on one clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.bench.analysis.trust import is_disproven
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts import formatting
from core.charts.arrays import Array, requests_of
from core.charts.queries import conditions, lanes_in, one_of, typical_repeat
from core.charts.theme import ALERT_COLOR, FONT_SIZE, TITLE_SIZE, lane_style, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

NUM_STEPS = 100
LONGEST_REPLAY_S = 12.0
# Below this a replay at 1x is over before it was seen.
SLOW_MOTION_BELOW_S = 2.0
SPEEDS = (1.0, 2.0, 5.0, 20.0)
OTHER_SPEEDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 10.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
# A browser draws some 60 frames a second; shorter ones would only slow the clock down.
LEAST_FRAME_S = 0.04
LANE_PX = 56
# Buttons are light on a light and on a dark page: Plotly's own colour when hovered is light too.
BUTTON_COLOR, BUTTON_TEXT_COLOR = "#E4EBF2", "#10222F"
NO_TRANSITION = {"duration": 0}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Racer:
    """A lane's trial.

    Attributes:
        ends_s: When each request that succeeded was done, in order.
    """

    name: str
    trial: Trial
    ends_s: Array

    def percent_at(self, times_s: Array) -> Array:
        """Share of the planned operations that were done at each time, in percent."""
        import numpy as np

        if not len(self.ends_s):
            return np.zeros(len(times_s))
        done = np.searchsorted(self.ends_s, times_s, side="right") / len(self.ends_s)
        return 100 * done * self.trial.num_ok / self.trial.count


def race(run: Run, operation: str, count: int, case: Case | None = None) -> go.Figure | None:
    """Bars that grow as the lanes did, with play, pause, speeds and a slider. None without samples.

    The replay is of measured data; a trial that was cut stops where it was cut.
    """
    import numpy as np
    import plotly.graph_objects as go

    racers = _racers(run, operation, count, case)
    if not racers:
        return None
    longest_s = max(racer.trial.elapsed_s for racer in racers)
    times_s = np.linspace(0, longest_s, NUM_STEPS + 1)
    shares = [racer.percent_at(times_s) for racer in racers]
    figure = go.Figure(data=_traces(racers, [share[0] for share in shares]))
    changed = list(range(len(figure.data)))
    figure.frames = [
        {"name": str(i), "data": _changes(racers, [share[i] for share in shares], time_s), "traces": changed}
        for i, time_s in enumerate(times_s.tolist())
    ]
    speed = _default_speed(longest_s)
    figure.update_layout(updatemenus=_buttons(longest_s, speed), sliders=[_slider(times_s.tolist())])
    figure = style(
        figure,
        title=_title(run, racers, operation, count),
        subtitle=_subtitle(run, case, speed),
        x_title=f"share of {formatting.plural(operation, count)} done (%)",
        height_px=300 + LANE_PX * len(racers),
    )
    return _set_layout(figure)


def _racers(run: Run, operation: str, count: int, case: Case | None) -> list[_Racer]:
    import numpy as np

    found = []
    repeat = typical_repeat(run, operation, count, case)
    for name in lanes_in(run, operation, case):
        for trial in run.trials_of(operation, name, count, case):
            if trial.repeat == repeat and trial.samples and trial.elapsed_s > 0:
                requests = requests_of(trial)
                found.append(_Racer(name=name, trial=trial, ends_s=np.sort(requests.end_s[requests.ok])))
                break
    return found


def _traces(racers: list[_Racer], shares: list[float]) -> list[dict[str, Any]]:
    """A bar per lane, each a trace of its own: Plotly can't animate one trace with several colours."""
    *bars, clock = _changes(racers, shares, 0.0)
    looks = [
        {
            "name": formatting.safe(racer.name),
            "orientation": "h",
            "y": [formatting.safe(racer.name)],
            "textposition": "auto",
            "textangle": 0,
            "cliponaxis": False,
            "marker": {"color": lane_style(racer.name).color, "line": {"width": 0}},
            "hovertemplate": "%{y}: %{x:.0f} %<extra></extra>",
            "showlegend": False,
        }
        for racer in racers
    ]
    clock |= {
        "x": [0],
        "y": [0],
        "mode": "text",
        "textposition": "middle right",
        "textfont": {"size": 2 * TITLE_SIZE},
        "xaxis": "x2",
        "yaxis": "y2",
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
    }
    return [bar | look for bar, look in zip(bars, looks, strict=True)] + [clock]


def _changes(racers: list[_Racer], shares: list[float], time_s: float) -> list[dict[str, Any]]:
    """What differs from frame to frame: the bars and, last, the clock."""
    bars: list[dict[str, Any]] = [
        {"type": "bar", "x": [round(float(share), 2)], "text": [_text(racer, share, time_s)]}
        for racer, share in zip(racers, shares, strict=True)
    ]
    return [
        *bars,
        {"type": "scatter", "text": [f"<b>{formatting.seconds(time_s) if time_s else '0.00 s'}</b>"]},
    ]


def _text(racer: _Racer, share: float, time_s: float) -> str:
    # The last request may end a little before the trial does.
    if time_s < racer.trial.elapsed_s:
        return f"{share:.0f} %"
    failed = f", {racer.trial.num_failed:,} failed" if racer.trial.num_failed else ""
    word = f"cut at {share:.0f} % after" if racer.trial.cut else "done after"
    return f"<b>{word} {formatting.seconds(racer.trial.elapsed_s)}{failed}</b>"


def _default_speed(longest_s: float) -> float:
    """The slowest speed at which the replay takes at most `LONGEST_REPLAY_S`; real time when that does."""
    if SLOW_MOTION_BELOW_S <= longest_s <= LONGEST_REPLAY_S:
        return 1.0
    known = sorted(SPEEDS + OTHER_SPEEDS)
    return next((speed for speed in known if longest_s / speed <= LONGEST_REPLAY_S), known[-1])


def _buttons(longest_s: float, speed: float) -> list[dict[str, Any]]:
    speeds = sorted({*SPEEDS, speed})
    controls = [
        {"label": f"▶ Play {speed:g}x", "method": "animate", "args": _play(longest_s, speed)},
        {"label": "❚❚ Pause", "method": "animate", "args": [[None], _options(0.0, mode="immediate")]},
    ]
    choices = [
        {"label": f"{each:g}x", "method": "animate", "args": _play(longest_s, each)} for each in speeds
    ]
    look = {
        "type": "buttons",
        "direction": "right",
        "showactive": False,
        "x": 0,
        "xanchor": "left",
        "yanchor": "top",
        "bgcolor": BUTTON_COLOR,
        "bordercolor": "#8899AA",
        "font": {"size": FONT_SIZE, "color": BUTTON_TEXT_COLOR},
        "pad": {"l": 0, "t": 6, "r": 4, "b": 4},
    }
    return [look | {"buttons": controls, "y": 0}, look | {"buttons": choices, "y": 0}]


def _play(longest_s: float, speed: float) -> list[Any]:
    """Plotly's arguments to play at a speed: fewer frames where single ones would be too short."""
    frame_s = longest_s / NUM_STEPS / speed
    stride = max(1, round(LEAST_FRAME_S / frame_s))
    names = [str(i) for i in range(0, NUM_STEPS + 1, stride)]
    if names[-1] != str(NUM_STEPS):
        names.append(str(NUM_STEPS))
    return [names, _options(frame_s * stride)]


def _options(frame_s: float, mode: str = "immediate") -> dict[str, Any]:
    return {
        "frame": {"duration": round(1000 * frame_s, 1), "redraw": False},
        "transition": NO_TRANSITION,
        "fromcurrent": True,
        "mode": mode,
    }


def _slider(times_s: list[float]) -> dict[str, Any]:
    steps = [
        {"label": "", "value": str(i), "method": "animate", "args": [[str(i)], _options(0.0)]}
        for i in range(len(times_s))
    ]
    return {
        "steps": steps,
        "active": 0,
        "x": 0,
        "len": 1,
        "y": 0,
        "yanchor": "top",
        "currentvalue": {"visible": False},
        "ticklen": 0,
        "minorticklen": 0,
        "bgcolor": BUTTON_COLOR,
        "activebgcolor": ALERT_COLOR,
        "transition": NO_TRANSITION,
    }


def _set_layout(figure: go.Figure) -> go.Figure:
    """The lanes below, the clock above them, and the controls below both."""
    figure.update_layout(
        barmode="overlay",
        xaxis={"range": [0, 101], "showgrid": True, "tickvals": [0, 25, 50, 75, 100]},
        yaxis={"autorange": "reversed", "domain": [0, 0.8], "type": "category", "showgrid": False},
        xaxis2={"range": [0, 1], "visible": False, "anchor": "y2", "fixedrange": True},
        yaxis2={"range": [-1, 1], "visible": False, "domain": [0.84, 1], "anchor": "x2", "fixedrange": True},
        margin={"b": 210},
    )
    figure.add_annotation(
        text="<b>REPLAY</b>",
        x=1,
        xref="paper",
        xanchor="right",
        y=0.92,
        yref="paper",
        yanchor="middle",
        showarrow=False,
        bordercolor=ALERT_COLOR,
        borderwidth=2,
        borderpad=5,
        font={"size": FONT_SIZE, "color": ALERT_COLOR},
    )
    # Below the axis and its title, whose height does not grow with the figure's.
    for menu, top in zip(figure.layout.updatemenus, (64, 106), strict=True):
        menu.pad.t = top
    figure.layout.sliders[0].pad = {"t": 150, "l": 12, "r": 12}
    return figure


def _title(run: Run, racers: list[_Racer], operation: str, count: int) -> str:
    """First and last of the lanes that did their work: one that failed was not fast."""
    start = f"Replay of measured data: {formatting.plural(operation, count)}"
    ordered = sorted(racers, key=lambda racer: racer.trial.elapsed_s)
    whole = [
        racer
        for racer in ordered
        if not (racer.trial.cut or racer.trial.num_failed or is_disproven(run, [racer.trial]))
    ]
    if not whole:
        every = "was cut" if all(racer.trial.cut for racer in racers) else "was cut or failed"
        return f"{start}, every lane {every}"
    picked = [whole[0], whole[-1]] if len(whole) > 1 else whole
    parts = [f"{racer.name} {formatting.seconds(racer.trial.elapsed_s)}" for racer in picked]
    failed = [f"{racer.name} {racer.trial.num_failed:,} failed" for racer in racers if racer.trial.num_failed]
    return ", ".join([start, *parts, *failed])


def _subtitle(run: Run, case: Case | None, speed: float) -> str:
    clock = (
        "in real time"
        if speed == 1
        else f"{speed:g}x as fast"
        if speed > 1
        else f"in slow motion, {speed:g}x"
    )
    told = f"measured apart, replayed together {clock}", conditions(run, case), one_of(run)
    return " · ".join(filter(None, told))

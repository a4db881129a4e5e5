"""In flight: every request a bar from its start to its end; a staircase for sync, a stack for async."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts import formatting
from core.charts.arrays import Array, RequestTimes, evenly, in_flight_steps, numbers, requests_of, thinned
from core.charts.queries import batches, conditions, lanes_in, one_of, typical_repeat
from core.charts.theme import (
    FAILED_COLOR,
    LINE_COLOR,
    bar_of,
    faded,
    lane_style,
    line_of,
    panel_titles,
    pattern_of,
    style,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

INVISIBLE = "rgba(0,0,0,0)"
MAX_BARS = 300
MAX_STEPS = 1500
LANE_PX = 120
FEW_LANES_PX = 180
GAP_PX = 34
COUNT_PX = 170


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lane:
    """A lane's trial with its requests and what was in flight: times in s, requests from then on."""

    name: str
    trial: Trial
    requests: RequestTimes
    steps: tuple[Array, Array]

    @property
    def most(self) -> int:
        return int(self.steps[1].max())


def in_flight(
    run: Run,
    operation: str,
    count: int,
    case: Case | None = None,
    *,
    brief: bool = False,
) -> go.Figure | None:
    """A panel of bars per lane and, below, the requests under way. None without samples.

    At most `MAX_BARS` requests of a lane are drawn, evenly sampled; the count is of all.

    Args:
        run: What was measured.
        operation: One that the run has.
        count: Operations of each trial.
        case: None takes the first that was measured.
        brief: The bars alone, without the requests under way.
    """
    from plotly.subplots import make_subplots

    lanes = _lanes(run, operation, count, case)
    if not lanes:
        return None
    lane_px = FEW_LANES_PX if len(lanes) <= 2 else LANE_PX
    heights = [lane_px] * len(lanes) + ([] if brief else [COUNT_PX])
    inner_px = sum(heights) + GAP_PX * (len(heights) - 1)
    figure = make_subplots(
        rows=len(heights),
        cols=1,
        shared_xaxes=True,
        row_heights=heights,
        vertical_spacing=GAP_PX / inner_px,
        subplot_titles=_panel_titles(lanes, _what(run, operation, case) if brief else "")[: len(heights)],
    )
    for i, lane in enumerate(lanes):
        _add_bars(figure, lane, row=1 + i)
        if not brief:
            _add_count(figure, lane, row=len(heights))
    # Brief panels have their lane's name above them.
    figure.update_layout(barmode="overlay", showlegend=not brief)
    _set_axes(figure, lanes, len(heights), brief=brief)
    drawn = _how_many_drawn(lanes)
    where = conditions(run, case) + batches(run, operation, count, case)
    subtitle = " · ".join(filter(None, [where, drawn, one_of(run)]))
    figure = style(figure, title=_title(lanes), subtitle=subtitle, height_px=inner_px + 210)
    panel_titles(figure)
    for row in range(1, len(heights)):
        # Its line would run through the next one's name, which is larger for a hall.
        figure.update_xaxes(linecolor=INVISIBLE, row=row, col=1)
    figure.update_layout(bargap=0.12)
    if brief:
        # Without a number at any axis on the left, there is no room for what stands further out.
        figure.update_annotations(xshift=0)
        figure.update_layout(margin={"l": 8})
    return figure


def _lanes(run: Run, operation: str, count: int, case: Case | None) -> list[_Lane]:
    found = []
    repeat = typical_repeat(run, operation, count, case)
    for name in lanes_in(run, operation, case):
        for trial in run.trials_of(operation, name, count, case):
            if trial.repeat == repeat and trial.samples:
                requests = requests_of(trial)
                steps = in_flight_steps(requests)
                found.append(_Lane(name=name, trial=trial, requests=requests, steps=steps))
                break
    return found


def _add_bars(figure: go.Figure, lane: _Lane, row: int) -> None:
    chosen = evenly(len(lane.requests), MAX_BARS)
    start, end, ok = (values[chosen] for values in _columns(lane.requests))
    for is_ok, name in ((True, lane.name), (False, f"{lane.name}, failed")):
        mine = ok if is_ok else ~ok
        if not mine.any():
            continue
        marker: dict[str, Any] = bar_of(lane.name)
        if not is_ok:
            marker = {
                "color": FAILED_COLOR,
                "pattern": pattern_of("x"),
                "line": {"width": 1, "color": LINE_COLOR},
            }
        # A lane's own pattern would be noise on bars that are a few pixels high.
        marker["pattern"] = marker["pattern"] if not is_ok else pattern_of("")
        figure.add_bar(
            orientation="h",
            name=formatting.safe(name),
            base=numbers(start[mine]),
            x=numbers((end - start)[mine]),
            y=[number + 1 for number in range(len(chosen)) if mine[number]],
            marker=marker,
            showlegend=not is_ok,
            customdata=numbers(end[mine]),
            hovertemplate="%{base:.4g} s to %{customdata:.4g} s<extra>" + formatting.safe(name) + "</extra>",
            row=row,
            col=1,
        )


def _columns(requests: RequestTimes) -> tuple[Array, Array, Array]:
    return requests.start_s, requests.end_s, requests.ok


def _add_count(figure: go.Figure, lane: _Lane, row: int) -> None:
    times, under_way = thinned(*lane.steps, MAX_STEPS)
    figure.add_scatter(
        name=formatting.safe(lane.name),
        x=[0.0, *numbers(times)],
        y=[0, *under_way.tolist()],
        mode="lines",
        line={**line_of(lane.name), "shape": "hv"},
        fill="tozeroy",
        fillcolor=faded(lane_style(lane.name).color, 0.12),
        showlegend=True,
        hovertemplate="%{y:,} in flight at %{x:.4g} s<extra>" + formatting.safe(lane.name) + "</extra>",
        row=row,
        col=1,
    )


def _set_axes(figure: go.Figure, lanes: list[_Lane], num_rows: int, *, brief: bool) -> None:
    figure.update_yaxes(showgrid=False, showticklabels=False, zeroline=False)
    if not brief:
        shown = {"showgrid": True, "showticklabels": True, "nticks": 4, "rangemode": "tozero"}
        figure.update_yaxes(shown, row=num_rows, col=1)
    for i, lane in enumerate(lanes):
        drawn = min(len(lane.requests), MAX_BARS)
        # Half a bar of room above and below; the first request is on top.
        figure.update_yaxes(range=[drawn + 0.5, 0.5], row=1 + i, col=1)
    figure.update_xaxes(rangemode="tozero", showgrid=True)
    figure.update_xaxes(title_text="seconds since the lane's start", row=num_rows, col=1)


def _panel_titles(lanes: list[_Lane], what: str) -> list[str]:
    own = [f"<b>{formatting.safe(lane.name)}</b>{what} {_all_done(lane)}" for lane in lanes]
    return [*own, "requests in flight"]


def _what(run: Run, operation: str, case: Case | None) -> str:
    """What is shown, for a figure that stands without its title: " search, 60 ms away:"."""
    rtt_ms = (run.cases[0] if case is None else case).rtt_ms
    return f" {operation}{f', {rtt_ms} ms away' if rtt_ms else ''}:"


def _all_done(lane: _Lane) -> str:
    done = "cut" if lane.trial.cut else "done"
    failed = f", {lane.trial.num_failed:,} failed" if lane.trial.num_failed else ""
    return f"{done} after {formatting.seconds(lane.trial.elapsed_s)}{failed}"


def _title(lanes: list[_Lane]) -> str:
    if len(lanes) == 1:
        return f"{lanes[0].name.capitalize()}: up to {_requests(lanes[0].most)} in flight at once"
    least, most = min(lanes, key=lambda lane: lane.most), max(lanes, key=lambda lane: lane.most)
    if least.most == most.most:
        return f"All lanes had up to {_requests(most.most)} in flight at once"
    few, many = f"{least.most:,} at a time", f"up to {most.most:,} at once"
    return f"{least.name.capitalize()} waits for {few}, {most.name} for {many}"


def _requests(number: int) -> str:
    """Requests, not operations: one of a batch lane carries several."""
    return f"{number:,} request{'s' * (number != 1)}"


def _how_many_drawn(lanes: list[_Lane]) -> str:
    most = max(len(lane.requests) for lane in lanes)
    if most <= MAX_BARS:
        return ""
    return f"{MAX_BARS} of {most:,} requests drawn; the count below is of all"

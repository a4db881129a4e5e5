"""One freeze of the link, told twice: by service time, and by response time from the intended send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.bench.analysis.stats import is_maximum
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts import formatting
from core.charts.arrays import Array, nearest_rank, numbers, requests_of, thinned
from core.charts.queries import conditions, lanes_in
from core.charts.theme import LANE_COLORS, SHADE_COLOR, log_ticks, panel_titles, style

if TYPE_CHECKING:
    import plotly.graph_objects as go

MAX_POINTS = 1200
LANE_PX = 190
GAP_PX = 58
# Shape and size differ too, not the colour alone.
MARKERS = {
    "response": {"color": LANE_COLORS["sync"], "symbol": "circle", "size": 7},
    "service": {"color": LANE_COLORS["async"], "symbol": "cross", "size": 6},
}
NAMES = {"response": "response, from the intended send", "service": "service, from the real send"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lane:
    """A lane's requests that succeeded, ordered by intended send: times in seconds, of shape (n,)."""

    name: str
    trial: Trial
    intended_s: Array
    service_s: Array
    response_s: Array

    def p99_s(self, kind: str) -> float:
        import numpy as np

        return nearest_rank(np.sort(self.response_s if kind == "response" else self.service_s), 0.99) or 0.0

    @property
    def tail_name(self) -> str:
        """Of fewer than 100 requests the 99th percentile is the slowest of them."""
        return "slowest" if is_maximum(0.99, len(self.response_s)) else "p99"

    @property
    def num_late(self) -> int:
        """Requests that were sent a millisecond or more after they should have been."""
        return int(((self.response_s - self.service_s) >= 0.001).sum())


def stall(run: Run, operation: str, count: int) -> go.Figure | None:
    """A panel per lane: both times in ms over the intended send, the frozen span shaded.

    None without an open-loop trial whose link was frozen.
    """
    from plotly.subplots import make_subplots

    lanes = _lanes(run, operation, count)
    if not lanes:
        return None
    inner_px = len(lanes) * (LANE_PX + GAP_PX)
    figure = make_subplots(
        rows=len(lanes),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=GAP_PX / inner_px if len(lanes) > 1 else 0,
        subplot_titles=[_panel_title(lane) for lane in lanes],
    )
    for row, lane in enumerate(lanes, start=1):
        _add_points(figure, lane, row)
        _shade(figure, lane.trial, row)
    figure.update_xaxes(title_text="intended send (s since the trial's start)", row=len(lanes), col=1)
    figure.update_layout(showlegend=True)
    figure.update_yaxes(**log_ticks(value for trace in figure.data for value in trace.y))
    figure = style(
        figure, title=_title(lanes), subtitle=_subtitle(run, lanes), height_px=inner_px + 220, above_px=66
    )
    panel_titles(figure)
    return figure


def _lanes(run: Run, operation: str, count: int) -> list[_Lane]:
    found = []
    for name in lanes_in(run, operation):
        for trial in run.trials_of(operation, name, count)[:1]:
            requests = requests_of(trial)
            if trial.stall_s is None or not len(requests.intended_s) or not requests.ok.any():
                continue
            start, end, due = (
                values[requests.ok] for values in (requests.start_s, requests.end_s, requests.intended_s)
            )
            lane = _Lane(name=name, trial=trial, intended_s=due, service_s=end - start, response_s=end - due)
            found.append(lane)
    return found


def _add_points(figure: go.Figure, lane: _Lane, row: int) -> None:
    for kind, values in (("response", lane.response_s), ("service", lane.service_s)):
        x, y = thinned(lane.intended_s, values, MAX_POINTS)
        figure.add_scatter(
            name=NAMES[kind],
            x=numbers(x),
            y=numbers(y, 1000),
            mode="markers",
            marker={**MARKERS[kind], "opacity": 0.85},
            legendgroup=kind,
            showlegend=row == 1,
            hovertemplate=f"due at %{{x:.3g}} s: %{{y:,.4g}} ms<extra>{formatting.safe(lane.name)}</extra>",
            row=row,
            col=1,
        )


def _shade(figure: go.Figure, trial: Trial, row: int) -> None:
    if trial.stall_s is None:
        return
    low, high = trial.stall_s
    figure.add_vrect(x0=low, x1=high, fillcolor=SHADE_COLOR, line={"width": 0}, layer="below", row=row, col=1)


def _panel_title(lane: _Lane) -> str:
    unsent = f", {lane.trial.num_unsent:,} never sent" if lane.trial.num_unsent else ""
    p99 = f"response {formatting.ms(lane.p99_s('response'))}, service {formatting.ms(lane.p99_s('service'))}"
    return f"<b>{formatting.safe(lane.name)}</b>{unsent}{formatting.BREAK}ms, {lane.tail_name}: {p99}"


def _title(lanes: list[_Lane]) -> str:
    """The lane whose two truths are furthest apart."""
    lane = max(lanes, key=lambda lane: lane.p99_s("response") / max(lane.p99_s("service"), 1e-9))
    low, high = lane.trial.stall_s or (0.0, 0.0)
    response, service = formatting.ms(lane.p99_s("response")), formatting.ms(lane.p99_s("service"))
    start = f"One freeze of {high - low:.2g} s, {lane.name}: {lane.tail_name} response {response}"
    if response == service:
        return f"{start}, and service time says the same"
    return f"{start}, service time says {service}"


def _subtitle(run: Run, lanes: list[_Lane]) -> str:
    late = ", ".join(f"{lane.name} {lane.num_late:,} of {len(lane.service_s):,}" for lane in lanes)
    one = f" · the first of {run.plan.repeats} repeats" if run.plan.repeats > 1 else ""
    return f"shaded: the link is frozen · sent late: {late} · {conditions(run)}{one}"

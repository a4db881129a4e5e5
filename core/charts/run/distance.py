"""What distance does: speed-up and throughput over the round trip, which is always a simulated one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.bench.analysis.factor_words import times
from core.bench.analysis.stats import throughput
from core.bench.analysis.sweeps import distance_rows, pays_from_ms
from core.bench.analysis.trust import trusted
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Verdict
from core.charts import formatting
from core.charts.queries import conditions, failures_told
from core.charts.run.concurrency import add_rates
from core.charts.run.totals import interval_of
from core.charts.theme import (
    FONT_SIZE,
    LINE_COLOR,
    LINE_WIDTH,
    faded,
    lane_style,
    line_of,
    log_ticks,
    marker_of,
    style,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

DISTANCE_TITLE = "simulated round trip (ms)"


def distance(run: Run, operation: str) -> go.Figure | None:
    """Speed-up over the simulated round trip, its 95 % interval as a band, at a single distance as a whisker.

    Marks the distance from which on the lane is faster beyond noise. None without such a sweep.
    """
    import plotly.graph_objects as go

    if run.plan.sweep != "distance":
        return None
    by_lane = _rows_by_lane(run, operation)
    if not by_lane:
        return None
    figure = go.Figure()
    has_band = False
    for lane, rows in by_lane.items():
        is_banded = _add_band(figure, rows)
        has_band |= is_banded
        # A band has no width at a single distance.
        _add_speedups(figure, lane, rows, whiskers=None if is_banded else interval_of(rows))
    figure.add_hline(y=1, line={"dash": "dot", "color": LINE_COLOR, "width": LINE_WIDTH})
    headline = "async" if "async" in by_lane else next(iter(by_lane))
    start = pays_from_ms(by_lane[headline])
    # Where one further away is not known, nobody can say "on".
    if start is not None and len(by_lane[headline]) == len(run.cases):
        _mark(figure, start, f"faster from {start} ms on")
    figure.update_layout(showlegend=True)
    figure.update_yaxes(rangemode="tozero")
    figure.update_xaxes(rangemode="tozero")
    return style(
        figure,
        title=_distance_title(run, headline, operation, by_lane[headline]),
        subtitle=_distance_conditions(run, _intervals_known(by_lane, has_band=has_band)),
        x_title=DISTANCE_TITLE,
        y_title=f"times as fast as {formatting.safe(by_lane[headline][0].baseline)}",
    )


def _intervals_known(by_lane: dict[str, list[Summary]], *, has_band: bool) -> str:
    if not any(row.ci95 for rows in by_lane.values() for row in rows):
        return "too few repeats for an interval"
    return f"{'band' if has_band else 'whisker'}: 95 % interval"


def _rows_by_lane(run: Run, operation: str) -> dict[str, list[Summary]]:
    count = max(run.counts_of(operation), default=0)
    found = {lane: distance_rows(run, operation, lane, count) for lane in run.lanes_of(operation)}
    return {lane: rows for lane, rows in found.items() if rows}


def _add_band(figure: go.Figure, rows: list[Summary]) -> bool:
    """Whether there are intervals to draw."""
    sure = [(row.case.rtt_ms, *row.ci95) for row in rows if row.ci95 is not None]
    if len(sure) < 2:
        return False
    figure.add_scatter(
        x=[x for x, _, _ in sure] + [x for x, _, _ in reversed(sure)],
        y=[high for _, _, high in sure] + [low for _, low, _ in reversed(sure)],
        fill="toself",
        fillcolor=faded(lane_style(rows[0].lane).color, 0.25),
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    return True


def _add_speedups(figure: go.Figure, lane: str, rows: list[Summary], whiskers: dict[str, Any] | None) -> None:
    marker = marker_of(lane)
    marker["symbol"] = [f"{marker['symbol']}{'-open' * row.is_projected}" for row in rows]
    figure.add_scatter(
        name=formatting.safe(lane),
        x=[row.case.rtt_ms for row in rows],
        y=[row.speedup for row in rows],
        customdata=[formatting.safe(row.verdict) for row in rows],
        mode="lines+markers",
        line=line_of(lane),
        marker=marker,
        error_y=whiskers,
        hovertemplate="%{x} ms simulated: %{y:.3g}x, %{customdata}<extra>"
        + formatting.safe(lane)
        + "</extra>",
    )


def _mark(figure: go.Figure, x: float, text: str) -> None:
    figure.add_vline(x=x, line={"dash": "dash", "color": LINE_COLOR, "width": 2})
    figure.add_annotation(
        x=x, xanchor="left", xshift=6, y=1, yref="paper", yanchor="top", text=f"<b>{text}</b>",
        showarrow=False, font={"size": FONT_SIZE},
    )  # fmt: skip


def _distance_title(run: Run, lane: str, operation: str, rows: list[Summary]) -> str:
    name, last = f"{lane.capitalize()} {operation}", rows[-1]
    at_end = f"{times(last.speedup)} times at {last.case.rtt_ms} ms" + ", projected" * last.is_projected
    faster = [row.case.rtt_ms for row in rows if row.verdict == Verdict.FASTER]
    known = [row.case.rtt_ms for row in rows if row.verdict != Verdict.UNKNOWN or row.is_no_difference]
    unknown = [case.rtt_ms for case in run.cases if case.rtt_ms not in known]
    if not known:
        each = f"{last.num_repeats} repeats" if last.num_repeats > 1 else "one run"
        return f"{name} against {last.baseline}, {each} each: {at_end}, simulated"
    not_known = f", not known at {_distances(unknown)}" if unknown else ""
    if not faster:
        return f"{name} is not faster beyond noise at any simulated distance{not_known}"
    start = None if unknown else pays_from_ms(rows)
    if start is None:
        others = [rtt_ms for rtt_ms in known if rtt_ms not in faster]
        not_faster = f", not at {_distances(others)}" if others else ""
        return f"{name} is faster beyond noise at {_distances(faster)} simulated{not_faster}{not_known}"
    if start == rows[0].case.rtt_ms:
        return f"{name} is faster at every simulated distance: {at_end}"
    return f"{name} is faster beyond noise from {start} ms simulated: {at_end}"


def _distances(values_ms: list[int]) -> str:
    return f"{formatting.joined([str(value) for value in values_ms])} ms"


def _distance_conditions(run: Run, *first: str) -> str:
    """All but the distance, which the axis shows."""
    return " · ".join([*first, conditions(run, without=("distance",))])


def distance_time(run: Run, operation: str) -> go.Figure | None:
    """Operations per second of every lane over the simulated round trip. None without such a sweep."""
    import plotly.graph_objects as go

    points = _rates(run, operation) if run.plan.sweep == "distance" else {}
    if not points:
        return None
    figure = go.Figure()
    for lane, mine in points.items():
        add_rates(figure, lane, mine, "%{x} ms simulated")
    figure.update_yaxes(**log_ticks(rate for mine in points.values() for _, rate in mine))
    figure.update_xaxes(rangemode="tozero")
    figure.update_layout(showlegend=True)
    return style(
        figure,
        title=_slowdown_title(points, operation),
        subtitle=_distance_conditions(run) + failures_told(run, operation, max(run.counts_of(operation))),
        x_title=DISTANCE_TITLE,
        y_title=f"{formatting.plural(operation)} per second (log scale)",
    )


def _rates(run: Run, operation: str) -> dict[str, list[tuple[int, float]]]:
    """Lane to (distance in ms, operations per second), nearest first."""
    count = max(run.counts_of(operation), default=0)
    found: dict[str, list[tuple[int, float]]] = {}
    for case in sorted(run.cases, key=lambda case: case.rtt_ms):
        for lane in run.lanes_of(operation):
            rate = throughput(trusted(run, operation, lane, count, case))
            if rate is not None:
                found.setdefault(lane, []).append((case.rtt_ms, rate))
    return found


def _slowdown_title(points: dict[str, list[tuple[int, float]]], operation: str) -> str:
    """What each lane keeps from the nearest distance to the furthest, where its speed is known at both."""
    nearest = min(rtt_ms for mine in points.values() for rtt_ms, _ in mine)
    furthest = max(rtt_ms for mine in points.values() for rtt_ms, _ in mine)
    ends = {lane: dict(mine) for lane, mine in points.items()}
    parts = [
        f"{lane} keeps {rates[furthest] / rates[nearest]:.0%}".replace("%", " %")
        for lane, rates in ends.items()
        if {nearest, furthest} <= rates.keys()
    ]
    of_what = f"{formatting.plural(operation)} per second"
    if not parts or nearest == furthest:
        return f"{of_what.capitalize()} over the simulated round trip"
    return f"At {furthest} ms simulated, {formatting.joined(parts[:3])} of its {of_what}" + (
        f" at {nearest} ms" if nearest else ""
    )

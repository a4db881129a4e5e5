"""The chart that grows while a run is measured: operations done over time, a line for each lane.

Drawn by ECharts, which takes new data in the place where it is; a Plotly chart would be mounted anew,
and flicker, five times a second.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.bench.plan.conditions import Case
from core.bench.plan.plan import Plan, unit_of
from core.bench.run_progress import Curve, Snapshot
from core.charts.run.heartbeat import COLORS as PULSE_COLORS
from core.charts.run.heartbeat import NAMES as PULSE_NAMES
from core.charts.theme import lane_style

HEIGHT_PX, HALL_HEIGHT_PX = 260, 340
FONT_PX, HALL_FONT_PX = 14, 22
# With more lines only the one that grows has its name beside it; the table below has all of them.
MAX_NAMED = 4
NAME_ROOM_PX = 120
DASHES = {"solid": "solid", "dash": "dashed", "dot": "dotted"}


def draw_live_chart(snapshot: Snapshot, plan: Plan, *, is_presenting: bool = False) -> None:
    """Draw how much each lane has done in which time; the one that is measured now stands out."""
    st.echarts_chart(
        live_chart(snapshot, plan, font_px=HALL_FONT_PX if is_presenting else FONT_PX),
        height=HALL_HEIGHT_PX if is_presenting else HEIGHT_PX,
        key="live-chart",
        alt="Work done over the seconds measured, a line for each lane",
    )


def live_chart(snapshot: Snapshot, plan: Plan, *, font_px: int) -> dict[str, Any]:
    """The chart as an ECharts option."""
    text = {"fontSize": font_px}
    # What a lane did to warm up is drawn until it is measured.
    is_warming = any(curve.is_warmup for curve in snapshot.curves.values())
    num_rounds = max(plan.repeats, plan.warmup if is_warming else 0)
    most = None if snapshot.round is None else num_rounds * snapshot.round.count
    return {
        "animation": False,
        "grid": {
            "outerBoundsMode": "none",
            "left": 3 * font_px,
            "right": NAME_ROOM_PX * font_px // FONT_PX,
            "top": 2 * font_px,
            "bottom": 3.4 * font_px,
        },
        "xAxis": {
            "type": "value",
            "name": "seconds measured",
            "nameLocation": "middle",
            "nameGap": 1.8 * font_px,
            "min": 0,
            "axisLabel": text,
            "nameTextStyle": text,
            "splitNumber": 4,
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "name": f"{unit_of(plan.operations[0])} done",
            "nameTextStyle": {**text, "align": "left"},
            "nameGap": 0.6 * font_px,
            "splitNumber": 3,
            "min": 0,
            "max": most,
            "axisLabel": text,
        },
        "series": [
            _line(lane, case, curve, snapshot, plan, font_px) for (lane, case), curve in _ordered(snapshot)
        ],
    }


def _ordered(snapshot: Snapshot) -> list[tuple[tuple[str, Case], Curve]]:
    """The lane that is measured last, so that it is drawn over the others."""
    return sorted(snapshot.curves.items(), key=lambda item: _is_measured(item[0][0], item[0][1], snapshot))


def _is_measured(lane: str, case: Case, snapshot: Snapshot) -> bool:
    return snapshot.round is not None and (lane, case) == (snapshot.measured, snapshot.round.case)


def _line(
    lane: str, case: Case, curve: Curve, snapshot: Snapshot, plan: Plan, font_px: int
) -> dict[str, Any]:
    look, is_now = lane_style(lane), _is_measured(lane, case, snapshot)
    # One lane called in several ways: the way tells its lines apart.
    color = PULSE_COLORS[case.blocking] if plan.sweep == "blocking" else look.color
    is_named = is_now or len(snapshot.curves) <= MAX_NAMED
    points = [list(point) for point in curve.points]
    # The end carries the mark: a dot on the line that grows.
    points[-1:] = [{"value": points[-1], "symbolSize": 12 if is_now else 0}]  # type: ignore[list-item]
    return {
        "type": "line",
        "id": f"{lane} {case}",
        "name": lane,
        "data": points,
        "symbol": "circle",
        "showAllSymbol": True,
        "symbolSize": 0,
        "clip": False,
        "silent": True,
        "itemStyle": {"color": color},
        "lineStyle": {
            "color": color,
            "type": DASHES.get(look.dash, "solid"),
            "width": 5 if is_now else 3,
            "opacity": 1 if is_now else 0.8,
        },
        "endLabel": {
            "show": is_named,
            "formatter": _name(lane, case, plan),
            "color": color,
            "fontSize": font_px,
            "fontWeight": "bold" if is_now else "normal",
        },
        "labelLayout": {"moveOverlap": "shiftY"},
    }


def _name(lane: str, case: Case, plan: Plan) -> str:
    if plan.sweep == "blocking":
        return PULSE_NAMES[case.blocking]
    if plan.sweep == "concurrency":
        return f"{lane}, {case.concurrency}"
    return f"{lane}, {case.rtt_ms} ms" if len(plan.cases) > 1 else lane

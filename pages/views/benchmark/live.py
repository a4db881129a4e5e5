"""A run that goes on, drawn about five times a second from what its process reports."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.bench.estimate import left_s
from core.bench.plan.plan import Plan, unit_of
from core.bench.run_progress import LaneProgress, Round, Snapshot
from core.bench.supervisor import STOP_CLICKED, BenchProcess
from core.charts.theme import lane_style
from core.runtime.words import duration
from pages.views.benchmark.live_chart import draw_live_chart

STATE_TEXTS = {"starting": "Getting ready", "running": "Measuring", "stopping": "Stopping"}
FROZEN_S = 0.2
UNKNOWN = "–"

# One table of our own, updated in place: metrics of six lanes would not fit on a page.
STYLE = """<style>
.live{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
.live th{font-weight:400;opacity:.7;text-align:right;font-size:.85rem;padding:.2rem .5rem}
.live td{text-align:right;padding:.3rem .5rem;white-space:nowrap}
.live th:first-child,.live td:first-child{text-align:left;padding-left:0}
.live .name{font-weight:600}
.live .track{height:.4rem;border-radius:.2rem;background:rgba(128,128,128,.25);min-width:7rem}
.live .track div{height:100%;border-radius:.2rem}
.live tr.now td{background:rgba(128,128,128,.14)}.live tr.now .name::before{content:"▶ "}
.live-scroll{overflow-x:auto}
.pulse{display:inline-block;width:.8rem;height:.8rem;border-radius:50%;vertical-align:middle}
.pulse-ok{background:#009E73}.pulse-frozen{background:#D55E00;border-radius:0}
.live-presenting{font-size:1.5rem}.live-presenting th{font-size:1.1rem}
</style>"""


def draw_live(process: BenchProcess, *, is_presenting: bool = False) -> None:
    """Draw how far the run is, with Stop."""
    snapshot = process.snapshot()
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.markdown(_progress(snapshot, process))
        is_stopping = snapshot.state == "stopping"
        if right.button("Stop", icon=":material/stop:", width="stretch", key="stop", disabled=is_stopping):
            process.stop(STOP_CLICKED)
        st.progress(snapshot.trials_done / max(1, snapshot.num_trials))
        st.html(STYLE + _title(snapshot, process.plan, is_presenting=is_presenting))
        draw_live_chart(snapshot, process.plan, is_presenting=is_presenting)
        st.html(_table(snapshot, process.plan, is_presenting=is_presenting))
    # In a shared app nobody sees another's run; in an app of one's own every run is one's own.
    st.caption(
        "You started this run. It runs in a process of its own: you may leave this page, or load it anew, "
        "and come back."
    )


def _progress(snapshot: Snapshot, process: BenchProcess) -> str:
    """What goes on, how far it is, and how long the whole run still takes."""
    parts = [f"**{STATE_TEXTS[snapshot.state]}**"]
    if snapshot.trial:
        parts.append(f"trial {snapshot.trial} of {snapshot.num_trials}")
    parts.append(f"{process.elapsed_s:.0f} s since the start")
    left = left_s(process.plan, snapshot, process.elapsed_s)
    if left is not None and snapshot.state != "stopping":
        parts.append(f"about {duration(left)} left")
    return " · ".join(parts)


def _title(snapshot: Snapshot, plan: Plan, *, is_presenting: bool) -> str:
    size = " class=live-presenting" if is_presenting else ""
    text = "&nbsp;" if snapshot.round is None else escape(_round_text(snapshot.round, plan))
    return f"<div{size}>{text}</div>"


def _table(snapshot: Snapshot, plan: Plan, *, is_presenting: bool) -> str:
    names = dict.fromkeys(lane for _, lanes in plan.cases for lane in lanes)
    rows = "".join(_row(name, snapshot.lanes.get(name), is_now=name == snapshot.measured) for name in names)
    unit = unit_of(plan.operations[0])
    heads = "".join(
        f"<th>{name}</th>"
        for name in ("lane", "done", f"{unit}/s", "p95", "in flight", "failed", "time left")
    )
    size = " live-presenting" if is_presenting else ""
    pulse = "".join(_pulse(lane) for lane in snapshot.lanes.values()) if plan.sweep == "blocking" else ""
    return f'<div class="live-scroll{size}"><table class="live"><tr>{heads}</tr>{rows}</table>{pulse}</div>'


def _round_text(current: Round, plan: Plan) -> str:
    kind = "warm-up" if current.is_warmup else f"repeat {current.repeat + 1} of {plan.repeats}"
    parts = [f"{current.operation.capitalize()}, {current.count:,} {unit_of(current.operation)}, {kind}"]
    if plan.sweep != "none" or current.case.rtt_ms:
        parts.append(current.case.consistency)
        parts.append(f"{current.case.rtt_ms} ms of simulated distance")
    if plan.sweep == "concurrency":
        parts.append(f"{current.case.concurrency} at once")
    if plan.sweep == "blocking":
        how = {"": "awaiting", "blocking": "blocking the loop", "to-thread": "blocking in threads"}
        parts.append(how[current.case.blocking])
    return " · ".join(parts)


def _row(name: str, lane: LaneProgress | None, *, is_now: bool) -> str:
    color = lane_style(name).color
    share = 0.0 if lane is None else min(1.0, lane.done / lane.count)
    track = f'<div class="track"><div style="width:{share:.1%};background:{color}"></div></div>'
    cut = " (cut)" if lane is not None and lane.is_cut else ""
    cells = [UNKNOWN] * 6 if lane is None else _cells(lane)
    figures = "".join(f"<td>{cell}</td>" for cell in cells)
    mark = ' class="now"' if is_now else ""
    return f'<tr{mark}><td><span class="name">{escape(name)}{cut}</span>{track}</td>{figures}</tr>'


def _cells(lane: LaneProgress) -> list[str]:
    return [
        f"{lane.done:,} / {lane.count:,}",
        UNKNOWN if lane.ops_per_s is None else f"{lane.ops_per_s:,.0f}",
        UNKNOWN if lane.p95_s is None else f"{lane.p95_s * 1000:,.0f} ms",
        f"{lane.in_flight:,}",
        f"{lane.failed:,}",
        UNKNOWN if lane.eta_s is None else f"{lane.eta_s:,.0f} s",
    ]


def _pulse(lane: LaneProgress) -> str:
    """The heartbeat of the loop under test: a dot while it keeps time, a square while it is held up."""
    age_s = lane.beat_age_s
    if age_s is None:
        return ""
    if age_s > FROZEN_S:
        return f'<p><span class="pulse pulse-frozen"></span> The loop has been held up for {age_s:.1f} s.</p>'
    return '<p><span class="pulse pulse-ok"></span> The loop keeps time.</p>'

"""Plan a benchmark, start it, watch it, stop it, see what was found."""

from __future__ import annotations

import streamlit as st

from core.bench.archive import load_run
from core.bench.plan import Plan
from core.bench.process import LaneProgress, runs, start_run
from core.bench.record import new_id
from core.config import Settings
from core.errors import OverlapError
from pages.shared.bench_form import plan_form, remember
from pages.shared.markup import escaped
from pages.shared.page import setup_page
from pages.shared.run_view import draw_run, to_page

UPDATE_S = 0.2
STATE_TEXTS = {"starting": "Getting ready", "running": "Measuring", "stopping": "Stopping"}


def main() -> None:
    settings = setup_page("Benchmark")
    st.title("Benchmark")
    st.markdown(
        "The same operations on the same data, twice: **sync**, one call after another, and **async**, "
        "all at once with `asyncio.gather`."
    )
    process = runs.current
    if process is not None and process.is_running:
        _live()
        return
    plan = plan_form(settings)
    if plan is not None:
        _start(plan, settings)
    if process is not None:
        _outcome()
    to_page("pages/runs.py", "All saved runs", ":material/history:")


def _start(plan: Plan, settings: Settings) -> None:
    if st.button("Start", type="primary", icon=":material/play_arrow:", key="start"):
        try:
            start_run(plan, settings, run_id=new_id())
        except (OverlapError, OSError) as exc:
            st.error(escaped(f"The run could not be started. {exc}"), icon=":material/error:")
            return
        remember(plan)
        st.rerun()


@st.fragment(run_every=UPDATE_S)
def _live() -> None:
    """Drawn with elements that are updated in place: a Plotly chart would be mounted anew each time."""
    process = runs.current
    if process is None or not process.is_running:
        st.rerun()
    snapshot = process.snapshot()
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="center")
        trial = f"trial {snapshot.trial} of {snapshot.num_trials} · " if snapshot.trial else ""
        left.markdown(f"**{STATE_TEXTS[snapshot.state]}** · {trial}{process.elapsed_s:.1f} s since the start")
        is_stopping = snapshot.state == "stopping"
        if right.button("Stop", icon=":material/stop:", width="stretch", key="stop", disabled=is_stopping):
            process.stop()
        st.progress(snapshot.trials_done / max(1, snapshot.num_trials))
        if snapshot.point is not None:
            operation, count, repeat = snapshot.point
            st.markdown(f"**{operation.capitalize()}**, {count:,} operations, repeat {repeat + 1}")
        for lane in process.plan.lanes:
            _lane(lane, snapshot.lanes.get(lane))
    st.caption("It runs in a process of its own: you may leave this page and come back.")


def _lane(name: str, progress: LaneProgress | None) -> None:
    """One lane; every state has the same elements, so that nothing jumps."""
    done = 0 if progress is None else progress.done
    share = 0.0 if progress is None else done / progress.count
    st.progress(min(1.0, share), text=f"{name}{' (cut)' if progress is not None and progress.is_cut else ''}")
    columns = st.columns(4)
    columns[0].metric("done", f"{done:,}")
    columns[1].metric("elapsed", "–" if progress is None else f"{progress.elapsed_s:.1f} s")
    speed = None if progress is None else progress.ops_per_s
    columns[2].metric("operations/s", "–" if speed is None else f"{speed:,.0f}")
    columns[3].metric("failed", 0 if progress is None else progress.failed)


def _outcome() -> None:
    """The run that this server started last."""
    process = runs.current
    assert process is not None
    error = process.snapshot().error
    try:
        run = load_run(process.run_path)
    except OverlapError as exc:
        st.error(escaped(error or str(exc)), icon=":material/error:")
        return
    if error and error != run.note:
        st.error(escaped(error), icon=":material/error:")
    draw_run(run, key="outcome")


main()

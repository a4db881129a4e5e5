"""Plan a benchmark, start it, watch it, stop it, see what was found."""

from __future__ import annotations

import uuid
from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from core.bench.archive import last_matching, load_run
from core.bench.plan import Plan
from core.bench.process import BenchProcess, runs, start_run
from core.bench.record import new_id
from core.config import Settings
from core.errors import OverlapError
from pages.shared.bench_form import plan_form, remember, say_plan
from pages.shared.bench_turn import draw_line, start_in_turn
from pages.shared.checks import draw_readiness
from pages.shared.live_view import draw_live
from pages.shared.markup import escaped
from pages.shared.page import setup_page
from pages.shared.present import is_presenting, presenter_switch
from pages.shared.run_view import draw_run, to_page

UPDATE_S = 0.2
VISITOR_KEY = "visitor"


def main() -> None:
    settings = setup_page("Benchmark", wide=is_presenting())
    presenter_switch()
    if not is_presenting():
        st.title("Benchmark")
        st.markdown(
            "The same operations on the same data, in different ways: one call after another, all at once, "
            "and what lies between. Every lane proves that it did the same work."
        )
    st.session_state.setdefault(VISITOR_KEY, uuid.uuid4().hex)
    process = _shown_run(settings)
    if process is not None and process.is_running:
        _live(settings)
        return
    if not draw_line(settings) and (not is_presenting() or process is None):
        with _frame(process):
            plan = plan_form(settings)
        if plan is not None:
            say_plan(plan)
            _start(plan, settings)
            if not settings.is_shared:
                draw_readiness(plan, settings)
    if process is not None:
        _outcome(process, settings)
    to_page("pages/runs.py", "All saved runs", ":material/history:")


def _frame(process: BenchProcess | None) -> AbstractContextManager[object]:
    """Where the form stands: folded up once there is a result, which is then seen without scrolling."""
    if process is None:
        return nullcontext()
    return st.expander("Settings of the next run", icon=":material/tune:")


def _owner(settings: Settings) -> str:
    return settings.visitor or str(st.session_state[VISITOR_KEY])


def _shown_run(settings: Settings) -> BenchProcess | None:
    """The run that goes on, or the last one; in a shared app only the visitor's own."""
    process = runs.current
    is_hidden = settings.is_shared and process is not None and process.owner != settings.visitor
    return None if is_hidden else process


def _start(plan: Plan, settings: Settings) -> None:
    if st.button("Start", type="primary", icon=":material/play_arrow:", key="start"):
        try:
            if settings.is_shared:
                start_in_turn(plan, settings)
            else:
                start_run(plan, settings, run_id=new_id(), owner=_owner(settings))
        except (OverlapError, OSError) as exc:
            st.error(escaped(f"The run could not be started. {exc}"), icon=":material/error:")
            return
        remember(plan)
        st.rerun()


@st.fragment(run_every=UPDATE_S)
def _live(settings: Settings) -> None:
    process = _shown_run(settings)
    if process is None or not process.is_running:
        st.rerun()
    draw_live(
        process,
        is_mine=process.owner == _owner(settings),
        is_presenting=is_presenting(),
    )


def _outcome(process: BenchProcess, settings: Settings) -> None:
    """The run that was started last; when it failed, the last one like it that did not."""
    snapshot = process.snapshot()
    error = snapshot.error
    try:
        run = load_run(process.run_path)
    except OverlapError as exc:
        if snapshot.state == "stopped":
            # So early that its process had not begun the record.
            st.warning("The run was stopped before anything was measured.", icon=":material/stop_circle:")
            return
        st.error(escaped(error or str(exc)), icon=":material/error:")
        run = None
    if run is not None:
        if error and error != run.note:
            st.error(escaped(error), icon=":material/error:")
        draw_run(run, key="outcome", is_presenting=is_presenting())
    if run is None or (run.status == "failed" and not run.measured):
        replay = last_matching(settings.runs_dir, process.plan)
        if replay is not None:
            draw_run(replay, key="replay", is_presenting=is_presenting(), is_replay=True)


main()

"""Plan a benchmark, start it, watch it, stop it, see what was found."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import streamlit as st

from core.bench.plan.plan import Plan
from core.bench.recorded import recorded_run
from core.bench.records.archive import last_matching, list_runs, load_run
from core.bench.records.run import Run
from core.bench.standby import KEEP_S
from core.bench.supervisor import BenchProcess, get_ready, runs
from core.config.settings import Settings
from core.errors import OverlapError
from pages.components.layout import page_head, setup_page, to_page
from pages.components.local_server import offer_local_server
from pages.components.markdown import escaped
from pages.components.presenter import is_presenting, presenter_switch
from pages.components.ready_checks import draw_readiness
from pages.components.run_queue import draw_line
from pages.components.run_view import draw_details, draw_result
from pages.components.screen import watch_width
from pages.views.benchmark.live import draw_live
from pages.views.benchmark.next_run import begin_run, draw_next_runs
from pages.views.benchmark.plan_form import choose_preset, how_long, is_another_wanted, plan_form, say_plan

UPDATE_S = 0.2
RUN_PARAMETER = "run"
STAY_READY_S = KEEP_S / 3


def main() -> None:
    """Draw the page: the run that goes on, or else what was found and the form for the next one."""
    settings = setup_page("Benchmark", wide=True)
    watch_width()
    process = _shown_run(settings)
    _head(is_first=process is None)
    if process is not None and process.is_running:
        _live(settings)
        return
    is_in_line = draw_line(settings)
    # Once a draw: of a folder with hundreds of records each listing takes its time.
    earlier = [one.run for one in list_runs(settings.runs_dir) if one.run is not None]
    # What a link, or another page, leads to comes first then, not what there is.
    is_other_first = process is not None and not is_in_line and is_another_wanted(process.plan)
    if is_other_first:
        _next_run(settings, earlier, is_first=True)
        st.header("The last run, with other settings")
    results = [] if process is None else _results(process, settings)
    for result in results:
        draw_result(result.run, key=result.key, is_presenting=is_presenting(), is_replay=result.is_replay)
    if not (is_in_line or is_other_first):
        if process is not None and results:
            draw_next_runs(process.plan, settings, earlier)
        if not is_presenting() or process is None:
            _next_run(settings, earlier, is_first=process is None)
    for result in results:
        draw_details(result.run, key=result.key, is_presenting=is_presenting(), is_replay=result.is_replay)
    to_page("pages/runs.py", "All saved runs", ":material/history:")
    _stay_ready()


def _head(*, is_first: bool) -> None:
    """Title and switch in one row.

    Args:
        is_first: Nothing was measured yet, so say what this is about.
    """
    if is_presenting():
        presenter_switch()
        return
    about = (
        "The same operations on the same data, in different ways: one call after another, all at once, "
        "and what lies between. Every lane proves that it did the same work."
    )
    with page_head("Benchmark", about if is_first else ""):
        presenter_switch()


def _next_run(settings: Settings, earlier: Sequence[Run], *, is_first: bool) -> None:
    """Start, with what it takes, and the settings; these are folded up once there is a result above."""
    if is_first:
        preset = choose_preset()
        _link_recorded(preset)
    start = st.container()
    with nullcontext() if is_first else st.expander("Settings of the next run", icon=":material/tune:"):
        if not is_first:
            preset = choose_preset()
        plan = plan_form(preset, settings, start)
    if plan is not None:
        with start:
            _start(preset, plan, settings, earlier)
        if not settings.is_shared:
            draw_readiness(plan, settings)


def _link_recorded(preset: str) -> None:
    """A link to the same as it was recorded, for a visitor who has no time to measure it."""
    run = recorded_run(preset)
    if run is not None:
        to_page("pages/runs.py", "See it recorded", ":material/history:", {RUN_PARAMETER: run.id})


def _start(preset: str, plan: Plan, settings: Settings, earlier: Sequence[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        is_asked = st.button("Start", type="primary", icon=":material/play_arrow:", key="start")
        st.markdown(f"**{how_long(plan, earlier)}**")
    if is_asked:
        # Before anything else is drawn: what is clicked meanwhile would end this run of the page.
        begin_run(preset, plan, settings)
    say_plan(plan)
    if plan.target == "lite" and not plan.needs_proxy:
        offer_local_server(settings)


def _shown_run(settings: Settings) -> BenchProcess | None:
    """The run that goes on, or the last one; in a shared app only the visitor's own."""
    process = runs.current
    is_hidden = settings.is_shared and process is not None and process.owner != settings.visitor
    return None if is_hidden else process


@st.fragment(run_every=STAY_READY_S)
def _stay_ready() -> None:
    """While the page is open a process waits with its imports done, so that Start begins at once."""
    get_ready()


@st.fragment(run_every=UPDATE_S)
def _live(settings: Settings) -> None:
    process = _shown_run(settings)
    if process is None or not process.is_running:
        st.rerun()
    draw_live(process, is_presenting=is_presenting())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Result:
    """A run to draw.

    Attributes:
        key: Apart from the other one's.
        is_replay: It stands in for one that failed.
    """

    run: Run
    key: str
    is_replay: bool = False


def _results(process: BenchProcess, settings: Settings) -> list[_Result]:
    """The run that was started last; when it failed, with the last one like it that did not.

    Where there is none, with the recorded one of its preset.

    What can't be drawn as a run is said here.
    """
    snapshot = process.snapshot()
    error = snapshot.error
    results = []
    try:
        run = load_run(process.run_path)
    except OverlapError as exc:
        if snapshot.state == "stopped":
            # So early that its process had not begun the record.
            text = f"The run was stopped before anything was measured. {snapshot.why}"
            st.warning(escaped(text), icon=":material/stop_circle:")
            return []
        st.error(escaped(error or str(exc)), icon=":material/error:")
        run = None
    if run is not None:
        if error and error != run.note:
            st.error(escaped(error), icon=":material/error:")
        results.append(_Result(run=run, key="outcome"))
    if run is None or (run.status == "failed" and not run.measured):
        replay = last_matching(settings.runs_dir, process.plan) or recorded_run(process.plan.preset)
        if replay is not None:
            results.append(_Result(run=replay, key="replay", is_replay=True))
    return results


if __name__ == "__main__":
    main()

"""The benchmark of a shared app: one visitor at a time, the others in line."""

from __future__ import annotations

import streamlit as st

from core.bench.plan.plan import Plan
from core.bench.records.run import new_id
from core.bench.supervisor import runs, start_run
from core.config.settings import Settings
from core.errors import OverlapError
from core.hosting.bench_queue import QueuedRun
from pages.components.markdown import escaped
from pages.state.app_state import host_of
from pages.state.presence import presence
from pages.state.quota import count_measurement

UPDATE_S = 1.0


def start_in_turn(plan: Plan, settings: Settings, document: bytes | None = None) -> None:
    """Get in line with `plan`; it starts at once when nobody else measures.

    Args:
        plan: What is measured.
        settings: Those of the visitor who gets in line.
        document: What was uploaded for an ingest; None where it is no ingest, or of a bundled document.

    Raises:
        QuotaError: When the line is full, the visitor waits in it already, or what the host of a shared app
            allows is used up.
    """
    host = host_of(settings)
    assert host is not None
    host.keep(settings.visitor)
    waiting = QueuedRun(
        visitor=settings.visitor,
        is_present=presence(),
        start=lambda: start_run(plan, settings, run_id=new_id(), owner=settings.visitor, document=document),
    )
    host.queue.join(waiting)
    try:
        count_measurement(settings, [] if document is None else [len(document)])
    except OverlapError:
        host.queue.leave(settings.visitor)
        raise
    host.queue.advance()


def draw_line(settings: Settings) -> bool:
    """Say that somebody else measures, and where the visitor stands in line; whether they do."""
    host = host_of(settings)
    if host is None:
        return False
    if error := host.queue.error(settings.visitor):
        st.error(escaped(f"Your benchmark could not be started. {error}"), icon=":material/error:")
    if host.queue.position(settings.visitor) is not None:
        _in_line(settings)
        return True
    if is_others_run(settings):
        _others_run(settings)
    return False


def is_others_run(settings: Settings) -> bool:
    """Whether the benchmark that goes on is somebody else's."""
    process = runs.current
    return process is not None and process.is_running and process.owner != settings.visitor


@st.fragment(run_every=UPDATE_S)
def _in_line(settings: Settings) -> None:
    host = host_of(settings)
    position = None if host is None else host.queue.position(settings.visitor)
    if host is None or position is None:
        st.rerun()
    host.queue.stay(settings.visitor, presence())
    before = "you are next" if position == 1 else f"you are number {position}"
    with st.container(border=True):
        st.markdown(f"**In line for the benchmark: {before}.**")
        st.caption(
            "One benchmark runs at a time, so that the figures are right. Yours starts by itself; "
            "closing this tab gives the place up."
        )
        if st.button("Leave the line", icon=":material/close:", key="leave_line"):
            host.queue.leave(settings.visitor)
            st.rerun()


@st.fragment(run_every=UPDATE_S)
def _others_run(settings: Settings) -> None:
    if not is_others_run(settings):
        st.rerun()
    st.info(
        "Somebody's benchmark is running. Start yours, and it waits for its turn.",
        icon=":material/hourglass_top:",
    )

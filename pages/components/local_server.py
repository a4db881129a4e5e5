"""A real Milvus without Docker, started and stopped from the page."""

from __future__ import annotations

import asyncio
import time

import streamlit as st

from core.config.settings import Settings
from core.runtime.jobs import Job
from core.servers.standalone import OPEN_TO_ALL, LocalMilvus, can_be_had
from pages.components.markdown import escaped
from pages.state.app_state import jobs


class LocalMilvusJob(Job[None]):
    """Starting or stopping it.

    Attributes:
        says: What it does just now.
    """

    def __init__(self, milvus: LocalMilvus, *, is_start: bool) -> None:
        super().__init__()
        self.says = "stopping" if not is_start else "getting ready"
        self._milvus, self._is_start = milvus, is_start

    async def work(self) -> None:
        """Start or stop the server; ends once it answers, or is gone."""
        if self._is_start:
            await asyncio.to_thread(self._milvus.start, self._say)
        else:
            await asyncio.to_thread(self._milvus.stop)

    def _say(self, text: str) -> None:
        self.says = text


_STARTED_KEY = "started_milvus"


def local_target(settings: Settings) -> str | None:
    """The URI of the local server where one was started and lives."""
    if settings.is_shared:
        return None  # its visitors measure what its host has set
    server = LocalMilvus(settings.data_dir).running()
    return None if server is None else server.uri


def draw_local_server(settings: Settings) -> None:
    """Whether it runs, and the button that changes it. Not for shared apps: their host decides."""
    if settings.is_shared:
        return
    st.header("A real Milvus without Docker")
    st.markdown(
        "Milvus Lite has nothing to wait for, so async gains little on it. This starts a real Milvus 2.3.5 "
        "on this machine (Linux x86-64; 81 MB from PyPI the first time). The Benchmark page then offers it "
        "as a target."
    )
    _draw_state(settings)


def offer_local_server(settings: Settings) -> None:
    """Offer to start it from another page, where it can be had and does not run yet."""
    if settings.is_shared or not can_be_had():
        return
    if _is_starting(settings) or local_target(settings) is None:
        _offer(settings)


def take_started_target() -> str | None:
    """The URI of a server that was started by that offer, once: it is the next run's target."""
    uri = st.session_state.pop(_STARTED_KEY, None)
    return None if uri is None else str(uri)


@st.fragment(run_every=1.0)
def _offer(settings: Settings) -> None:
    if not _is_starting(settings) and (uri := local_target(settings)) is not None:
        st.session_state[_STARTED_KEY] = uri
        st.rerun()
    with st.container(border=True):
        st.markdown(
            "**On Milvus Lite there is little to wait for, so async gains little.** A real Milvus shows what "
            "the tutorial shows. It is started on this machine: 81 MB from PyPI the first time, ready in "
            "half a minute."
        )
        st.caption(OPEN_TO_ALL)
        _draw_start(settings, key="offer_start")


def _is_starting(settings: Settings) -> bool:
    job = _job(settings)
    return job is not None and job.is_running


def _job(settings: Settings) -> LocalMilvusJob | None:
    return jobs.get(LocalMilvusJob, str(settings.data_dir))  # one server per app


@st.fragment(run_every=1.0)
def _draw_state(settings: Settings) -> None:
    server = None if _is_starting(settings) else LocalMilvus(settings.data_dir).running()
    if server is None:
        st.caption(OPEN_TO_ALL)
        _draw_start(settings, key="milvus_start")
        return
    _draw_error(settings)
    minutes = (time.time() - server.started_s) / 60
    st.success(f"Running at {escaped(server.uri)} for {minutes:.0f} min.", icon=":material/check_circle:")
    st.caption(OPEN_TO_ALL)
    st.button("Stop it", icon=":material/stop:", key="milvus_stop", on_click=_begin, args=(settings, False))


def _draw_start(settings: Settings, *, key: str) -> None:
    """The button that starts it, how far that is, or why it failed."""
    job = _job(settings)
    if job is not None and job.is_running:
        st.info(escaped(job.says[:1].upper() + job.says[1:] + " …"), icon=":material/hourglass_top:")
        return
    _draw_error(settings)
    st.button(
        "Run a real Milvus here",
        icon=":material/play_arrow:",
        key=key,
        on_click=_begin,
        args=(settings, True),
    )


def _draw_error(settings: Settings) -> None:
    job = _job(settings)
    if job is not None and job.error:
        st.error(escaped(job.error), icon=":material/error:")


def _begin(settings: Settings, is_start: bool) -> None:
    milvus = LocalMilvus(settings.data_dir)
    jobs.begin(LocalMilvusJob, str(settings.data_dir), lambda: LocalMilvusJob(milvus, is_start=is_start))

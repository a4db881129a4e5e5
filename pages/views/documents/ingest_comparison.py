"""Your document, both ways: the same file one step after another, and as the pipeline does it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import Settings
from core.documents.readers.reader import SUPPORTED_SUFFIXES
from core.errors import OverlapError
from pages.components.chart import draw_chart
from pages.components.live import draw_while_running
from pages.components.markdown import escaped
from pages.components.uploads import draw_gone
from pages.state.app_state import current_ingest, jobs, ready_knowledge_base
from pages.state.current_kb import current_kb
from pages.state.quota import count_measurement, upload_limit_mb

if TYPE_CHECKING:
    from core.ingest.comparison.job import BothWaysJob
    from core.ingest.comparison.result import BothWays

FILE_KEY = "both_ways_file"

# One measurement at a time: two would share the machine and spoil both.
_lock = threading.Lock()


def draw_both_ways(settings: Settings) -> None:
    """A document to choose, the measurement as it goes on, and its chart."""
    st.caption(
        "The same file goes in twice, apart: one step after another (sync), and with reading, embedding "
        "and inserting overlapping (async). Your knowledge base is not changed."
    )
    from core.ingest.comparison.job import BothWaysJob

    job = jobs.get(BothWaysJob, settings.target.key)
    is_running = job is not None and job.is_running
    # Drawn all the while: a field that is left out forgets its file.
    _form(settings, is_busy=is_running)
    if job is not None and is_running:
        draw_while_running(job, lambda: _live(job))
    elif job is not None:
        _outcome(job)


def _form(settings: Settings, *, is_busy: bool) -> None:
    upload = st.file_uploader(
        "A document",
        type=list(SUPPORTED_SUFFIXES),
        key=FILE_KEY,
        max_upload_size=upload_limit_mb(settings),
    )
    draw_gone(FILE_KEY)
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    repeats = left.segmented_control(
        "Runs of each way",
        [1, 3, 5],
        default=1,
        required=True,
        key="both_ways_repeats",
        help="With several, the ways take turns in going first, and the medians are compared.",
    )
    is_clicked = right.button(
        "Measure both ways",
        type="primary",
        disabled=upload is None or is_busy,
        key="both_ways_start",
        icon=":material/speed:",
        width="stretch",
    )
    if is_clicked and upload is not None:
        from core.documents.sources.incoming import IncomingFile

        file = IncomingFile(name=upload.name, size_bytes=upload.size, read=upload.getvalue)
        _start(settings, file, repeats or 1)


def _start(settings: Settings, file: object, repeats: int) -> None:
    from core.documents.sources.incoming import IncomingFile
    from core.ingest.comparison.job import BothWaysJob

    assert isinstance(file, IncomingFile)
    ingest = current_ingest(settings)
    if ingest is not None and ingest.is_running:
        st.warning(
            "Documents are being added just now, which would spoil the times. Measure when it has ended."
        )
        return
    try:
        kb = ready_knowledge_base(settings, current_kb())
    except OverlapError as exc:
        st.error(escaped(str(exc)), icon=":material/cloud_off:")
        return
    if kb is None:
        st.info("The embedding model is still being loaded. Try again in a moment.")
        return
    with _lock:
        if any(job.is_running for job in jobs.of_kind(BothWaysJob)):
            st.warning("Somebody measures just now, and two would spoil both. Try again in a minute.")
            return
        try:
            count_measurement(settings, [file.size_bytes])
        except OverlapError as exc:
            st.warning(escaped(str(exc)), icon=":material/hourglass_disabled:")
            return
        jobs.begin(
            BothWaysJob,
            settings.target.key,
            lambda: BothWaysJob(file, target=settings.target, embedder=kb.embedder, repeats=repeats),
        )
    st.rerun()


def _live(job: BothWaysJob) -> None:
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.progress(min(1.0, job.share), text=f"**{escaped(job.file)}** · {job.phase}")
    if right.button("Stop", icon=":material/stop:", key="both_ways_stop", width="stretch"):
        job.stop()


def _outcome(job: BothWaysJob) -> None:
    result = job.result
    if job.error is not None:
        st.error(escaped(job.error), icon=":material/error:")
    elif result is None:
        st.info("The measurement was stopped; nothing of it is kept.", icon=":material/stop_circle:")
    else:
        _result(result)


def _result(result: BothWays) -> None:
    from core.charts.ingest_comparison import HOW_TO_READ, both_ways_waterfall
    from core.ingest.comparison.findings import check, reasons

    st.markdown(f"**{escaped(result.file)}**")
    draw_chart(both_ways_waterfall(result), key="both_ways_chart", file_name="overlap-both-ways")
    if result.has_same_ids:
        st.success(escaped(check(result)), icon=":material/verified:")
    else:
        st.error(escaped(check(result)), icon=":material/error:")
    st.markdown(f"**Where the factor came from.** {escaped(reasons(result))}")
    with st.expander("How to read this"):
        st.markdown(HOW_TO_READ)

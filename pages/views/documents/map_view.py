"""The chunk map on its page: read in the background, drawn, with the last question on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import Settings
from core.documents.models import DocumentSummary
from core.runtime.words import counted
from pages.components.chart import draw_chart, for_screen
from pages.components.markdown import escaped
from pages.components.while_running import draw_while_running
from pages.state.app_state import jobs
from pages.state.last_question import last_question

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase
    from core.projection import ChunkMap, MapJob

# A map of 50,000 points is some 10 MB; the newest few serve every visitor.
MAX_MAPS = 3
STOPPED_KEY = "chunk_map_stopped"  # the content whose map the visitor has stopped


def draw_chunk_map(settings: Settings, kb: KnowledgeBase, documents: Sequence[DocumentSummary]) -> None:
    """The map of all chunks of `documents`, or how far it is."""
    content = _content(settings, kb, documents)
    if st.session_state.get(STOPPED_KEY) == content:
        st.info("The map was stopped before it was complete.", icon=":material/stop_circle:")
        if st.button("Draw it", icon=":material/scatter_plot:", key="map_start"):
            del st.session_state[STOPPED_KEY]
            st.rerun()
        return
    job = _job(content, kb)
    if job.is_running:
        draw_while_running(job, lambda: _wait(content, job))
        return
    if job.error is not None:
        st.error(escaped(job.error), icon=":material/cloud_off:")
        if st.button("Try again", key="map_again"):
            _forget(content)
            st.rerun()
        return
    chunks = job.result
    if chunks is None:
        # Another visitor has stopped it.
        _forget(content)
        st.rerun()
    else:
        _draw(kb, chunks)


def _content(settings: Settings, kb: KnowledgeBase, documents: Sequence[DocumentSummary]) -> str:
    """What the map is of; another text as soon as a chunk comes or goes."""
    import hashlib

    parts = [settings.target.uri, kb.store.info.collection]
    parts += [f"{document.id}:{document.chunks_present}:{document.ingested_at}" for document in documents]
    # It begins with the key of the visitor, with whom it goes.
    return f"{settings.target.key}|{hashlib.sha256('|'.join(parts).encode()).hexdigest()}"


def _job(content: str, kb: KnowledgeBase) -> MapJob:
    from core.projection import MapJob

    return jobs.get(MapJob, content) or jobs.begin(MapJob, content, lambda: MapJob(kb.store), keep=MAX_MAPS)


def _forget(content: str) -> None:
    from core.projection import MapJob

    jobs.forget(MapJob, content)


def _wait(content: str, job: MapJob) -> None:
    left, right = st.columns([4, 1], vertical_alignment="center")
    wanted = job.num_wanted
    share = min(1.0, job.num_read / wanted) if wanted else 0.0
    of = "" if wanted is None else f" of {wanted:,}"
    left.progress(share, text=f"Reading the vectors: {job.num_read:,}{of}")
    if right.button("Stop", icon=":material/stop:", key="map_stop", width="stretch"):
        _forget(content)
        st.session_state[STOPPED_KEY] = content
        st.rerun()


def _draw(kb: KnowledgeBase, chunks: ChunkMap) -> None:
    from core.charts.chunk_map import chunk_map

    question, sources = last_question()
    hits = [source.chunk_id for source in sources]
    place = None
    if question and any(hit in chunks.index_of for hit in hits):
        place = chunks.project(kb.embedder.embed_query(question))
    figure = chunk_map(chunks, question=place, hits=hits if place else ())
    draw_chart(for_screen(figure), key="chunk_map", file_name="overlap-chunk-map")
    if place:
        marked = sum(hit in chunks.index_of for hit in hits)
        st.caption(f"The star is your last question, “{escaped(question)}”; {counted(marked, 'hit')} ringed.")
    else:
        st.caption("Ask a question on the Ask page, and it is marked here with its hits.")

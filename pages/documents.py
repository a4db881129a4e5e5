"""Upload documents, watch them go in, see what is there, open one, see them all on a map, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import Settings
from core.documents.models import DocumentSummary
from core.runtime.words import counted
from pages.components.ingest_progress import draw_ingest, is_ingesting, wait_for_ingest
from pages.components.kb_picker import choose_kb, opened
from pages.components.layout import page_head, setup_page
from pages.components.markdown import escaped
from pages.components.misfit import draw_misfit
from pages.components.screen import watch_width
from pages.components.visitor import draw_whose_documents
from pages.state.current_kb import DOCUMENT_PARAMETER, current_kb
from pages.state.ingests import current_ingest, start_ingest
from pages.state.plan_choice import prefer
from pages.views.documents.deletion import draw_deleted
from pages.views.documents.detail import draw_document
from pages.views.documents.list import draw_documents
from pages.views.documents.map_view import draw_chunk_map
from pages.views.documents.upload import draw_import

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase

VIEW_KEY = "documents_view"
LIST, MAP = "List", "Map"


def main() -> None:
    """Draw the page: what can be added, the ingest that goes on, and the list or an opened document."""
    settings = setup_page("Documents", wide=True)
    watch_width()
    document_id = st.query_params.get(DOCUMENT_PARAMETER)
    if not document_id:
        page_head("Documents", "What questions are answered from: add files, see what became of them.")
    # Each part has a place of its own, be it empty: what comes and goes in one must not move the others,
    # for a field that is moved is a new one, and what was on its way to the old one is lost.
    chosen, adding, ingest, stored, both_ways = (st.container() for _ in range(5))
    with chosen:
        choose_kb(settings)
    snapshot = current_ingest(settings)
    is_busy = is_ingesting(snapshot)
    if not document_id:
        with adding:
            draw_whose_documents(settings)
            draw_import(settings, lambda files: start_ingest(settings, files), is_busy=is_busy)
        with ingest:
            draw_ingest(settings, snapshot)
    with stored:
        _draw_stored(settings, document_id, is_busy=is_busy)
    if not document_id:
        with both_ways:
            _to_both_ways()


def _to_both_ways() -> None:
    st.caption("How much does overlapping reading, embedding and inserting gain? Measure it on a document.")
    if st.button("Your document, both ways", icon=":material/join_inner:", key="both_ways"):
        prefer("ingest")
        st.switch_page("pages/benchmark.py")


def _draw_stored(settings: Settings, document_id: str | None, *, is_busy: bool) -> None:
    draw_deleted()
    found = opened(settings)
    if found is None:
        return
    kb, documents = found
    if document_id:
        draw_document(settings, kb, documents, document_id, is_busy=is_busy)
        if is_busy:
            wait_for_ingest(settings, current_kb())
    elif documents:
        _draw_all(settings, kb, documents, is_busy=is_busy)
    elif not is_busy:
        st.info("The knowledge base is empty. Add your first document above.", icon=":material/inbox:")


def _draw_all(
    settings: Settings, kb: KnowledgeBase, documents: list[DocumentSummary], *, is_busy: bool
) -> None:
    num_chunks = sum(document.chunks_present for document in documents)
    size = f"{counted(len(documents), 'document')} · {counted(num_chunks, 'chunk')}"
    if is_busy:
        size = "documents are going in, and are listed when all are in"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"Knowledge base “{escaped(kb.store.info.name)}” · {size}", width="content")
        view = st.segmented_control(
            "View",
            [LIST, MAP],
            default=LIST,
            required=True,
            key=VIEW_KEY,
            label_visibility="collapsed",
            width="content",
        )
    if view == MAP:
        draw_chunk_map(settings, kb, documents)
    else:
        draw_misfit(kb.embedder.name, documents)
        draw_documents(settings, kb, documents, is_busy=is_busy)


if __name__ == "__main__":
    main()

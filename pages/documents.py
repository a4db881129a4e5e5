"""Upload documents, watch them go in, see what is there, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.config import DEFAULT_KB, Settings
from core.documents.readers import SUPPORTED_SUFFIXES
from core.errors import OverlapError
from core.records import DocumentSummary
from pages.shared.ingest_view import draw_ingest
from pages.shared.kb_view import opened
from pages.shared.markup import counted, escaped
from pages.shared.page import setup_page
from pages.shared.resources import current_ingest, start_ingest

if TYPE_CHECKING:
    from core.knowledge import KnowledgeBase

UPLOADER_KEY = "uploader_round"


def main() -> None:
    settings = setup_page("Documents")
    st.title("Documents")
    _upload(settings)
    draw_ingest(settings)
    found = opened(settings)
    if found is None:
        return
    kb, documents = found
    if not documents:
        if _is_ingesting(settings):
            return
        st.info("The knowledge base is empty. Add your first document above.", icon=":material/inbox:")
        return
    _table(documents)
    _delete(kb, documents)


def _upload(settings: Settings) -> None:
    uploader_round = st.session_state.setdefault(UPLOADER_KEY, 0)
    uploads = st.file_uploader(
        "PDF, Word, PowerPoint, Excel, CSV, HTML, Markdown, text or JSON",
        type=list(SUPPORTED_SUFFIXES),
        accept_multiple_files=True,
        key=f"uploader-{uploader_round}",
    )
    is_busy = _is_ingesting(settings)
    if not uploads:
        return
    label = "Add 1 document" if len(uploads) == 1 else f"Add {len(uploads)} documents"
    if st.button(label, type="primary", disabled=is_busy, key="add", icon=":material/add:"):
        from core.documents.pipeline import IncomingFile

        files = [IncomingFile(name=file.name, size_bytes=file.size, read=file.getvalue) for file in uploads]
        try:
            with st.spinner("Getting the embedding model ready …"):
                start_ingest(settings, files)
        except OverlapError as exc:
            # The files stay in the uploader: nothing is lost, the button works again.
            st.error(escaped(str(exc)), icon=":material/cloud_off:")
            return
        # A new key empties the uploader; it would hand the same files over again.
        st.session_state[UPLOADER_KEY] += 1
        st.rerun()
    if is_busy:
        st.caption("Another ingest is running; these can be added when it has ended.")


def _is_ingesting(settings: Settings) -> bool:
    snapshot = current_ingest(settings)
    return snapshot is not None and snapshot.is_running


def _table(documents: list[DocumentSummary]) -> None:
    num_chunks = sum(document.chunks_present for document in documents)
    size = f"{counted(len(documents), 'document')} · {counted(num_chunks, 'chunk')}"
    st.caption(f"Knowledge base “{DEFAULT_KB}” · {size}")
    st.dataframe(
        [
            {
                "Document": document.file,
                "Pages": "–" if document.num_pages is None else f"{document.num_pages:,}",
                "Chunks": document.chunks_present,
                "Size": document.size_bytes / 1000,
                "Added": document.ingested_at.replace("T", " ").removesuffix("+00:00"),
                "State": "complete"
                if document.is_complete
                else f"{document.num_chunks} expected: add it again",
            }
            for document in documents
        ],
        column_config={
            "Document": st.column_config.TextColumn(width="medium"),
            "Pages": st.column_config.TextColumn(alignment="right"),
            "Size": st.column_config.NumberColumn("Size (kB)", format="%.1f"),
            "Added": st.column_config.TextColumn("Added (UTC)"),
        },
        hide_index=True,
        width="stretch",
    )


def _delete(kb: KnowledgeBase, documents: list[DocumentSummary]) -> None:
    with st.popover("Delete a document", icon=":material/delete:"):
        chosen = st.selectbox(
            "Document", documents, format_func=lambda document: document.file, key="delete_choice"
        )
        if st.button("Delete it with all its chunks", type="primary", key="delete"):
            try:
                num_chunks = kb.store.delete_document(chosen.id)
            except OverlapError as exc:
                st.error(escaped(str(exc)), icon=":material/cloud_off:")
                return
            st.toast(f"Deleted {escaped(chosen.file)}: {counted(num_chunks, 'chunk')}.")
            st.rerun()


if __name__ == "__main__":
    main()

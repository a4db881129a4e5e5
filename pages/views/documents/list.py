"""The documents of a knowledge base as a list: find, open and delete them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.config.settings import Settings
from core.documents.languages import language_name
from core.documents.models import OLDER, DocumentSummary
from core.documents.versions import older_versions
from core.runtime.words import KB, counted
from pages.components.times import heading, on_clock
from pages.state.current_kb import open_document
from pages.views.documents.deletion import ask_deletion, confirm_deletion

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase

TABLE_KEY = "documents_table"

ANY = "Any"
SINCE: dict[str, timedelta | None] = {
    "Any time": None,
    "Last 24 hours": timedelta(days=1),
    "Last 7 days": timedelta(days=7),
    "Last 30 days": timedelta(days=30),
}
# Names are what one looks for; beside this one, a phone still shows that there is more.
NAME_PX = 320
SELECT_ONE = "Select one document in the list; with keys: arrows, then Shift and Space."
_SORTS: dict[str, tuple[Callable[[DocumentSummary], Any], bool]] = {
    "Newest first": (lambda document: document.ingested_at, True),
    "Oldest first": (lambda document: document.ingested_at, False),
    "Name": (lambda document: document.file.casefold(), False),
    "Most chunks": (lambda document: document.chunks_present, True),
    "Largest file": (lambda document: document.size_bytes, True),
}


def draw_documents(
    settings: Settings, kb: KnowledgeBase, documents: Sequence[DocumentSummary], *, is_busy: bool
) -> None:
    """The list with its filters.

    Args:
        settings: Of the visitor.
        kb: The open knowledge base.
        documents: All of it, in the order in which they are shown.
        is_busy: Documents are being added, so none can be deleted.
    """
    older = older_versions(documents, lambda document: document.is_complete)
    shown = _filtered(documents) if len(documents) > 1 else list(documents)
    if not shown:
        st.info("No document matches. Change the search or the filters.", icon=":material/filter_alt_off:")
        return
    if len(shown) < len(documents):
        st.caption(f"{len(shown):,} of {counted(len(documents), 'document')}")
    rows = [_row(document, is_busy=is_busy, is_older=document.id in older) for document in shown]
    event = st.dataframe(
        rows,
        column_order=_columns(rows),
        column_config={
            "Document": st.column_config.TextColumn(width=NAME_PX),
            **{name: st.column_config.NumberColumn(width="small") for name in ("Pages", "Chunks", "Tokens")},
            "Added": st.column_config.DatetimeColumn(heading("Added"), format="YYYY-MM-DD HH:mm"),
            "Size": st.column_config.NumberColumn("Size (kB)", format="%.1f", width="small"),
        },
        placeholder="–",
        hide_index=True,
        width="stretch",
        on_select="rerun",
        selection_mode="multi-row",
        key=table_key(shown),
    )
    selected = [shown[row] for row in event["selection"]["rows"] if row < len(shown)]
    _draw_actions(selected, is_busy=is_busy)
    confirm_deletion(settings, kb, documents)


def table_key(shown: Sequence[DocumentSummary]) -> str:
    """The key of the list's table: a selection counts rows, so it ends when other rows are shown."""
    return f"{TABLE_KEY}-{zlib.crc32('|'.join(document.id for document in shown).encode())}"


def _filtered(documents: Sequence[DocumentSummary]) -> list[DocumentSummary]:
    types = sorted({_type(document) for document in documents})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
            "Search names", key="documents_search", placeholder="part of a name", width=260
        )
        kind = st.selectbox("Type", [ANY, *types], key="documents_type", width=130)
        since = SINCE[st.selectbox("Added", list(SINCE), key="documents_since", width=170)]
        order = st.selectbox("Sort", list(_SORTS), key="documents_sort", width=170)
    earliest = "" if since is None else (datetime.now(UTC) - since).isoformat(timespec="seconds")
    words = wanted.casefold().split()
    found = [
        document
        for document in documents
        if all(word in document.file.casefold() for word in words)
        and kind in {ANY, _type(document)}
        and document.ingested_at >= earliest
    ]
    key, is_reverse = _SORTS[order]
    return sorted(found, key=key, reverse=is_reverse)


def _type(document: DocumentSummary) -> str:
    return PurePath(document.file).suffix.removeprefix(".").lower() or "none"


def _row(document: DocumentSummary, *, is_busy: bool, is_older: bool) -> dict[str, Any]:
    return {
        "Document": document.file,
        "Pages": document.num_pages,
        "Chunks": document.chunks_present,
        "Tokens": document.num_tokens,
        "Size": document.size_bytes / KB,
        "Language": None if document.language is None else language_name(document.language),
        "Added": on_clock(document.ingested_at),
        "State": state_of(document, is_busy=is_busy, is_older=is_older),
    }


def _columns(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The columns in their order: the state stands first where a document wants something done."""
    names = list(rows[0])
    if all(row["State"] in {"complete", OLDER} for row in rows):
        return names
    return [names[0], "State", *(name for name in names[1:] if name != "State")]


def state_of(document: DocumentSummary, *, is_busy: bool, is_older: bool) -> str:
    """Whether all of a document is there; where not, first what to do: a narrow column cuts the end."""
    if document.is_complete:
        if is_older:
            return OLDER
        return "add it again: an earlier version has read it" if document.is_outdated else "complete"
    whole = counted(document.num_chunks, "chunk")
    if is_busy:
        return f"being added, of {whole}"
    return f"add it again: cut short at {document.chunks_present:,} of {whole}"


def _draw_actions(selected: Sequence[DocumentSummary], *, is_busy: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Open",
            key="open_document",
            icon=":material/open_in_full:",
            disabled=len(selected) != 1,
            help=None if len(selected) == 1 else SELECT_ONE,
        ):
            open_document(selected[0].id)
            st.rerun()
        number = f" {len(selected):,}" if len(selected) > 1 else ""
        if st.button(
            f"Delete{number}",
            key="delete",
            icon=":material/delete:",
            disabled=not selected or is_busy,
            help=_why_not_deletable(selected, is_busy=is_busy),
        ):
            ask_deletion(selected)
            st.rerun()
        if not selected:
            st.caption("Select documents in the list to open or delete them.", width="content")


def _why_not_deletable(selected: Sequence[DocumentSummary], *, is_busy: bool) -> str | None:
    if is_busy:
        return "Wait until nothing is being added."
    return None if selected else "Select documents in the list."

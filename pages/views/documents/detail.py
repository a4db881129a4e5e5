"""A document opened: its text page by page with the borders of its chunks, and one chunk in detail."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import Settings
from core.documents.models import DocumentSummary, notes_told
from core.documents.part_names import part_name, parts_counted
from core.documents.readers.encoding import noted_encoding
from core.documents.versions import older_versions
from core.errors import OverlapError
from core.runtime.words import counted, file_size
from pages.components.document_text import beginning_of, end_of, passage_html, text_html
from pages.components.layout import page_head
from pages.components.markdown import escaped
from pages.components.scroll_top import begin_at_top
from pages.components.times import minute
from pages.state.current_kb import CHUNK_PARAMETER, PAGE_PARAMETER, open_document
from pages.views.documents.deletion import ask_deletion, confirm_deletion

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase
    from core.store.chunks import StoredChunk

PLACE_KEY = "document_place"
CHUNK_KEY = "document_chunk"
# Of a document without pages, and of a page that has very many.
CHUNKS_PER_PART = 20
AROUND_CHARS = 300


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is open.

    Attributes:
        place: The page, or the part of a document without pages, from 1.
    """

    place: int
    num_places: int
    noun: str
    chunks: Sequence[StoredChunk]
    chunk: StoredChunk | None


def draw_document(
    settings: Settings,
    kb: KnowledgeBase,
    documents: Sequence[DocumentSummary],
    document_id: str,
    *,
    is_busy: bool,
) -> None:
    """Show document `document_id`.

    Args:
        settings: Of the visitor.
        kb: The open knowledge base.
        documents: All of it, to know which are older versions.
        document_id: The one to show; the page says so where it is not there.
        is_busy: Documents are being added, so it can't be deleted now.
    """
    begin_at_top(document_id)
    document = next((document for document in documents if document.id == document_id), None)
    title = "Documents" if document is None else escaped(document.file)
    with page_head(title, "" if document is None else _facts(document)):
        st.button(
            "All documents",
            icon=":material/arrow_back:",
            key="close_document",
            on_click=open_document,
            args=(None,),
        )
    if document is None:
        st.warning(
            f"This document is not in the knowledge base “{escaped(kb.store.info.name)}”: it was deleted, or "
            "is in another one. Go back to all documents, or choose another knowledge base.",
            icon=":material/find_in_page:",
        )
        return
    _draw_marks(document, documents, is_busy=is_busy)
    try:
        shown = _read(kb, document)
    except OverlapError as exc:
        st.error(escaped(str(exc)), icon=":material/cloud_off:")
        return
    if shown.num_places > 1:
        label = f"{shown.noun} of {shown.num_places:,}"
        noun = shown.noun.lower()
        _draw_stepper(label, noun, PLACE_KEY, shown.place, shown.num_places, _go_to_place)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _draw_text(shown)
    with right:
        _draw_chunk(kb, document, shown)
    if st.button("Delete this document", icon=":material/delete:", key="delete_opened", disabled=is_busy):
        ask_deletion([document])
    confirm_deletion(settings, kb, [document])


def _draw_marks(document: DocumentSummary, documents: Sequence[DocumentSummary], *, is_busy: bool) -> None:
    """What is to be known of it before it is read: what is missing, guessed or out of date."""
    if not document.is_complete and not is_busy:
        there = f"{document.chunks_present:,} of {counted(document.num_chunks, 'chunk')}"
        st.warning(f"Only {there} are here. Add the file again to go on from there.", icon=":material/rule:")
    if document.id in older_versions(documents, lambda each: each.is_complete):
        st.warning("An older version: a document of this name was added later.", icon=":material/history:")
    if document.warning:
        st.warning(escaped(document.warning), icon=":material/warning:")
    if document.notes:
        st.info(escaped(notes_told(document.notes)), icon=":material/info:")
    if noted_encoding(document.notes):
        st.caption("Where its letters are wrong: add the file again, and then choose another encoding there.")
    if document.is_outdated:
        st.info(
            "An earlier version has read this document. Add the file again to have it read anew.",
            icon=":material/update:",
        )


def _facts(document: DocumentSummary) -> str:
    facts = [
        parts_counted(document.file, document.num_pages),
        counted(document.chunks_present, "chunk"),
        None if document.num_tokens is None else counted(document.num_tokens, "token"),
        file_size(document.size_bytes),
        f"added {minute(document.ingested_at)}",
    ]
    return " · ".join(fact for fact in facts if fact)


def _parameter(name: str) -> int | None:
    text = st.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 9 else None


def _read(kb: KnowledgeBase, document: DocumentSummary) -> _Shown:
    """What the address asks for; the beginning of the document where it asks for nothing."""
    from core.store.chunks import chunks_between, chunks_of_page

    position = _parameter(CHUNK_PARAMETER)
    position = None if position is None else min(max(1, position), document.num_chunks) - 1
    page = _parameter(PAGE_PARAMETER)
    if document.num_pages is None:
        num_parts = math.ceil(document.num_chunks / CHUNKS_PER_PART)
        part = min(page or 1, num_parts) if position is None else position // CHUNKS_PER_PART + 1
        first = (max(1, part) - 1) * CHUNKS_PER_PART
        chunks = chunks_between(kb.store, document.id, first, first + CHUNKS_PER_PART - 1)
        return _Shown(max(1, part), num_parts, "Part", chunks, _chosen(chunks, position))
    if position is not None:
        here = chunks_between(kb.store, document.id, position, position)
        page = here[0].page if here else page
    page = min(max(1, page or 1), document.num_pages)
    chunks = chunks_of_page(kb.store, document.id, page)
    chosen = _chosen(chunks, position)
    if chosen is not None and len(chunks) > CHUNKS_PER_PART:
        first = chunks.index(chosen) // CHUNKS_PER_PART * CHUNKS_PER_PART
        chunks = chunks[first : first + CHUNKS_PER_PART]
    return _Shown(page, document.num_pages, part_name(document.file).capitalize(), chunks, chosen)


def _chosen(chunks: Sequence[StoredChunk], position: int | None) -> StoredChunk | None:
    wanted = [chunk for chunk in chunks if chunk.position == position]
    return next(iter([*wanted, *chunks]), None)


def _go_to_place(number: int) -> None:
    st.query_params.pop(CHUNK_PARAMETER, None)
    st.query_params[PAGE_PARAMETER] = str(number)


def _go_to_chunk(number: int) -> None:
    """Open a chunk.

    Args:
        number: Counted from 1, as chunks are shown.
    """
    st.query_params.pop(PAGE_PARAMETER, None)
    st.query_params[CHUNK_PARAMETER] = str(number)


def _draw_stepper(
    label: str, noun: str, key: str, number: int, most: int, go_to: Callable[[int], None]
) -> None:
    """A number between 1 and `most` to type, and its neighbours to step to."""
    st.session_state[key] = number

    def step(icon: str, way: str, target: int) -> None:
        st.button(
            "",
            icon=icon,
            key=f"{key}_{way.lower()}",
            help=f"{way} {noun}",
            disabled=not 1 <= target <= most,
            on_click=go_to,
            args=(target,),
        )

    with st.container(horizontal=True, vertical_alignment="bottom"):
        step(":material/chevron_left:", "Previous", number - 1)
        st.number_input(
            label,
            min_value=1,
            max_value=max(most, number),
            key=key,
            on_change=lambda: go_to(int(st.session_state[key])),
            width=150,
        )
        step(":material/chevron_right:", "Next", number + 1)


def _draw_text(shown: _Shown) -> None:
    if not shown.chunks:
        st.info("This page has no text that could be read.", icon=":material/hide_image:")
        return
    st.caption("A number begins a chunk; hatched text belongs to two; the open chunk is underlined.")
    st.html(text_html(shown.chunks, None if shown.chunk is None else shown.chunk.position))


def _draw_chunk(kb: KnowledgeBase, document: DocumentSummary, shown: _Shown) -> None:
    from core.store.chunks import chunks_between

    chunk = shown.chunk
    if chunk is None:
        return
    with st.container(border=True):
        label = f"Chunk of {document.num_chunks:,}"
        _draw_stepper(label, "chunk", CHUNK_KEY, chunk.position + 1, document.num_chunks, _go_to_chunk)
        tokens = None if chunk.num_tokens is None else counted(chunk.num_tokens, "token")
        page = chunk.label or (None if chunk.page is None else f"page {chunk.page:,}")
        place = f"characters {chunk.start:,} to {chunk.end:,}" + (" of the page" if page else "")
        st.caption(" · ".join(fact for fact in (page, tokens, place) if fact))
        st.code(chunk.id, language=None, wrap_lines=True)
        near = {
            other.position: other.text
            for other in chunks_between(kb.store, document.id, chunk.position - 1, chunk.position + 1)
        }
        if before := near.get(chunk.position - 1):
            st.caption(f"Before it: chunk {chunk.position:,}")
            st.html(passage_html(end_of(before, AROUND_CHARS), is_faint=True))
        st.caption(f"**Chunk {chunk.position + 1:,}**")
        st.html(passage_html(chunk.text))
        if after := near.get(chunk.position + 1):
            st.caption(f"After it: chunk {chunk.position + 2:,}")
            st.html(passage_html(beginning_of(after, AROUND_CHARS), is_faint=True))

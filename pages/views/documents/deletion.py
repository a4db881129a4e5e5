"""Deleting documents: asked for, confirmed, done, and said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import Settings
from core.documents.models import OLDER, DocumentSummary
from core.documents.versions import older_versions
from core.errors import OverlapError
from core.runtime.words import counted
from pages.components.markdown import escaped
from pages.state.current_kb import open_document
from pages.state.ingests import check_unchanging

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase

DELETED_KEY = "documents_deleted"  # what was just deleted, as sentences
ASKED_KEY = "documents_to_delete"  # ids for which the visitor is being asked
MAX_NAMED = 10


def ask_deletion(documents: Sequence[DocumentSummary]) -> None:
    """Ask the visitor, in the next run, whether these may go."""
    st.session_state[ASKED_KEY] = tuple(document.id for document in documents)


def confirm_deletion(settings: Settings, kb: KnowledgeBase, documents: Sequence[DocumentSummary]) -> None:
    """Where deletion was asked for: say what would go, and let the visitor decide."""
    asked = set(st.session_state.get(ASKED_KEY, ()))
    older = older_versions(documents, lambda document: document.is_complete)
    documents = [document for document in documents if document.id in asked]
    if not documents:
        return
    with st.container(border=True):
        st.markdown(
            f"**Delete {counted(len(documents), 'document')} with all chunks?** There is no way back."
        )
        for document in documents[:MAX_NAMED]:
            mark = f" ({OLDER})" if document.id in older else ""
            st.markdown(f"- {escaped(document.file)}{mark}: {counted(document.chunks_present, 'chunk')}")
        if len(documents) > MAX_NAMED:
            st.caption(f"… and {len(documents) - MAX_NAMED:,} more")
        with st.container(horizontal=True):
            if st.button("Delete", type="primary", key="delete_confirmed", icon=":material/delete:"):
                _delete(settings, kb, documents)
            if st.button("Keep", key="delete_cancelled"):
                st.session_state.pop(ASKED_KEY, None)
                st.rerun()


def _delete(settings: Settings, kb: KnowledgeBase, documents: Sequence[DocumentSummary]) -> None:
    from core.knowledge_base_deletion import delete_documents

    try:
        check_unchanging(settings, kb.store.info.name)
        with st.spinner("Deleting …"):
            deleted = delete_documents(settings, kb.store, [document.id for document in documents])
    except OverlapError as exc:
        st.error(escaped(str(exc)), icon=":material/cloud_off:")
        return
    st.session_state.pop(ASKED_KEY, None)
    st.session_state[DELETED_KEY] = [
        f"Deleted {escaped(document.file)}: {counted(deleted[document.id], 'chunk')}."
        for document in documents
    ]
    open_document(None)
    st.rerun()


def draw_deleted() -> None:
    """Say once what was just deleted."""
    lines = st.session_state.pop(DELETED_KEY, [])
    if len(lines) > MAX_NAMED:
        lines = [*lines[:MAX_NAMED], f"… and {len(lines) - MAX_NAMED:,} more."]
    if lines:
        st.success("  \n".join(lines), icon=":material/delete:")

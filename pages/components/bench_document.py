"""The document that a measured ingest takes: one of the visitor's, or the bundled handbook."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.bench.plan.plan import HANDBOOK, Plan
from core.config.settings import Settings
from core.documents.file_identity import clean_file_name
from core.documents.sources.incoming import NamedBytes
from pages.components.markdown import escaped
from pages.components.uploads import draw_gone, name_of
from pages.state.ingests import current_ingest
from pages.state.quota import upload_limit_mb

DOCUMENT_KEY = "bench_document"
# The document of the last run, for the next one: the uploader is not drawn during a run, and empty then.
KEPT_KEY = "bench_document_kept"


def draw_document(settings: Settings, *, also: str = "") -> dict[str, Any]:
    """The field for a document, and what it changes of the plan.

    Args:
        settings: Of the visitor.
        also: A sentence on what else may be done with the document, besides measuring.
    """
    st.file_uploader(
        "A document of yours; without one a bundled handbook goes in",
        key=DOCUMENT_KEY,
        max_upload_size=upload_limit_mb(settings),
        on_change=_forget,
    )
    draw_gone(DOCUMENT_KEY)
    kept = st.session_state.get(KEPT_KEY)
    if kept is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escaped(kept.name)}** goes in again.")
            st.button("Take the handbook", key="bench_document_forget", on_click=_forget)
    document = own_document()
    st.caption(
        "Measuring it changes no knowledge base: every trial has a collection of its own, dropped after it."
        f" {also}".rstrip()
    )
    return {"data": HANDBOOK if document is None else document.name}


def chosen_document(plan: Plan) -> bytes | None:
    """The uploaded document that an ingest is about; None for the bundled one and for other runs."""
    document = own_document() if plan.is_ingest else None
    return document.data if document is not None and document.name == plan.data else None


def keep_document(plan: Plan, data: bytes) -> None:
    """Have it ready for another run."""
    st.session_state[KEPT_KEY] = NamedBytes(name=plan.data, data=data)


def is_adding(settings: Settings) -> bool:
    """Whether this app adds documents just now."""
    ingest = current_ingest(settings)
    return ingest is not None and ingest.is_running


def own_document() -> NamedBytes | None:
    """The visitor's, uploaded here or kept from the last run; None for the bundled one."""
    upload = st.session_state.get(DOCUMENT_KEY)
    if isinstance(upload, UploadedFile):
        return NamedBytes(name=clean_file_name(name_of(upload)), data=upload.getvalue())
    kept: NamedBytes | None = st.session_state.get(KEPT_KEY)
    return kept


def _forget() -> None:
    st.session_state.pop(KEPT_KEY, None)

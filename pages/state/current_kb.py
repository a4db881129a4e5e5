"""Which knowledge base this visitor works with, and which of its documents is open: as the address says."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.config.settings import DEFAULT_KB

KB_KEY = "knowledge_base"  # name of the knowledge base that the visitor has chosen
KB_PARAMETER = "kb"
DOCUMENT_PARAMETER, PAGE_PARAMETER, CHUNK_PARAMETER = "doc", "page", "chunk"
# What the address named when another one was chosen: until the browser has heard of that, it goes on to
# send the old address with whatever it sends. Back leads there all the same.
LEFT_KEY = "knowledge_base_left"


def current_kb() -> str:
    """The name of the knowledge base that the visitor works with; `?kb=` chooses it too."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return DEFAULT_KB
    asked = st.query_params.get(KB_PARAMETER)
    if asked and (asked != st.session_state.get(LEFT_KEY) or context.is_history_navigation):
        st.session_state[KB_KEY] = asked
    return str(st.session_state.get(KB_KEY, DEFAULT_KB))


def switch_kb(name: str) -> None:
    """Work with knowledge base `name` from now on."""
    st.session_state[LEFT_KEY] = st.query_params.get(KB_PARAMETER)
    st.session_state[KB_KEY] = name
    if name == DEFAULT_KB:
        st.query_params.pop(KB_PARAMETER, None)
    else:
        st.query_params[KB_PARAMETER] = name


def open_document(document_id: str | None) -> None:
    """Show one document on the Documents page; None shows the list again."""
    for parameter in (DOCUMENT_PARAMETER, PAGE_PARAMETER, CHUNK_PARAMETER):
        st.query_params.pop(parameter, None)
    if document_id is not None:
        st.query_params[DOCUMENT_PARAMETER] = document_id

"""The open knowledge base, or on the page why it is not open yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.config import DEFAULT_KB, Settings
from core.errors import OverlapError
from pages.shared.markup import escaped
from pages.shared.resources import ready_knowledge_base

if TYPE_CHECKING:
    from core.knowledge import KnowledgeBase
    from core.records import DocumentSummary


KB_KEY = "knowledge_base"  # name of the knowledge base that the visitor has chosen


def current_kb() -> str:
    """The name of the knowledge base that the visitor works with."""
    return str(st.session_state.get(KB_KEY, DEFAULT_KB))


def opened(settings: Settings) -> tuple[KnowledgeBase, list[DocumentSummary]] | None:
    """The knowledge base and its documents; None while the page says that it loads or has failed.

    Either way the page goes on by itself: when it is loaded, and when a lost server is back.
    """
    try:
        kb = ready_knowledge_base(settings, current_kb())
        if kb is not None:
            return kb, kb.store.documents()
    except OverlapError as exc:
        st.error(escaped(str(exc)), icon=":material/cloud_off:")
        _look_again(settings)
    else:
        _wait(settings)
    return None


@st.fragment(run_every=0.5)
def _wait(settings: Settings) -> None:
    st.caption(":material/hourglass_top: Loading the embedding model; at the first start about 10 s.")
    try:
        is_settled = ready_knowledge_base(settings, current_kb()) is not None
    except OverlapError:
        is_settled = True
    if is_settled:
        st.rerun()


@st.fragment(run_every=3.0)
def _look_again(settings: Settings) -> None:
    st.caption("Trying again every few seconds.")
    try:
        kb = ready_knowledge_base(settings, current_kb())
        is_back = kb is not None and kb.store.count() >= 0
    except OverlapError:
        return
    if is_back:
        st.rerun()

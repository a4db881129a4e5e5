"""The open knowledge base, or on the page why it is not open yet; and the choice between several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import DEFAULT_KB, Settings
from core.errors import KnowledgeBaseNotFoundError, ModelMismatchError, OverlapError
from pages.components.markdown import escaped
from pages.state.current_kb import current_kb, switch_kb
from pages.state.opened import forget_knowledge_base, knowledge_base_names, ready_knowledge_base

if TYPE_CHECKING:
    from core.documents.models import DocumentSummary
    from core.knowledge_base import KnowledgeBase

CHOICE_KEY = "kb_choice"
DOCUMENTS_KEY = "documents_had"  # (collection, its documents) as the page had them last


def choose_kb(settings: Settings) -> str:
    """Let the visitor choose the knowledge base, where there are several; returns its name.

    Draw it before what belongs to the knowledge base. Nothing is drawn while Milvus is not reached.
    """
    name = current_kb()
    names = knowledge_base_names(settings, name)
    called = _called(settings, name)
    if len(names) < 2 or called not in names:
        return name
    # The address or another page may have chosen meanwhile.
    st.session_state[CHOICE_KEY] = called
    st.selectbox(
        "Knowledge base",
        names,
        key=CHOICE_KEY,
        on_change=lambda: switch_kb(st.session_state[CHOICE_KEY]),
        width=320,
    )
    return name


def opened(
    settings: Settings, *, read_again: bool = True
) -> tuple[KnowledgeBase, list[DocumentSummary]] | None:
    """The knowledge base and its documents; None while the page says that it loads or has failed.

    Either way the page goes on by itself: when it is loaded, and when a lost server is back.

    Args:
        settings: Of the visitor, with the target.
        read_again: False takes the documents that the page had last, where it had some. Reading them waits
            for a server's time tick, which a visitor who has just asked should not wait for.
    """
    name = current_kb()
    try:
        kb = ready_knowledge_base(settings, name)
        if kb is not None:
            collection = kb.store.info.collection
            of, documents = st.session_state.get(DOCUMENTS_KEY, ("", []))
            if read_again or of != collection:
                documents = kb.store.documents()
                st.session_state[DOCUMENTS_KEY] = collection, documents
            return kb, documents
    except KnowledgeBaseNotFoundError as exc:
        forget_knowledge_base(settings, name)
        st.warning(escaped(str(exc)), icon=":material/folder_off:")
        _draw_others(settings, name)
    except ModelMismatchError as exc:
        st.warning(escaped(str(exc)), icon=":material/model_training:")
        _draw_others(settings, name)
    except OverlapError as exc:
        st.error(escaped(str(exc)), icon=":material/cloud_off:")
        _look_again(settings)
    else:
        _wait(settings)
    return None


def _called(settings: Settings, name: str) -> str:
    """What the knowledge base that opens as `name` is called now: it may have been renamed."""
    try:
        kb = ready_knowledge_base(settings, name)
    except OverlapError:
        return name
    return name if kb is None else kb.store.info.name


def _draw_others(settings: Settings, name: str) -> None:
    """Ways on from a knowledge base that can't be opened."""
    others = {DEFAULT_KB: None} | dict.fromkeys(knowledge_base_names(settings, None))
    with st.container(horizontal=True):
        for other in [other for other in others if other.casefold() != name.casefold()][:5]:
            st.button(f"Open “{escaped(other)}”", key=f"open-kb-{other}", on_click=switch_kb, args=(other,))
        if name == DEFAULT_KB:
            st.button("Start with an empty one", key="open-kb-again")


@st.fragment(run_every=0.2)
def _wait(settings: Settings) -> None:
    st.caption(":material/hourglass_top: Getting ready to answer; a few seconds at the first start.")
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

"""How passages are searched for, set beside the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.answers.retrieval import DEFAULT_RETRIEVAL, MMR_WEIGHT, Retrieval, RetrievalMode
from core.documents.models import OLDER, DocumentSummary
from core.documents.versions import older_versions
from pages.components.markdown import escaped

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase

SETTINGS_KEY = "search_settings"
MAX_TOP_K = 20
MODES: dict[RetrievalMode, str] = {"dense": "Vectors", "hybrid": "Vectors and BM25"}


def chosen_retrieval() -> Retrieval:
    """What the visitor has set, or the defaults."""
    chosen: Retrieval = st.session_state.get(SETTINGS_KEY, DEFAULT_RETRIEVAL)
    return chosen


def draw_search_settings(kb: KnowledgeBase, documents: list[DocumentSummary]) -> None:
    """A popover; what is set there holds from the next question on."""
    before = chosen_retrieval()
    with st.popover("Search settings", icon=":material/tune:"):
        top_k = st.slider("Passages at most", 1, MAX_TOP_K, before.top_k, key="set_top_k")
        min_relevance = st.slider(
            "Relevance at least",
            0.0,
            1.0,
            before.min_relevance,
            0.01,
            key="set_min_relevance",
            help="What the best passage must reach; the others may have half of it. When none does, the "
            "answer is that your documents do not say it. Relevance weighs the cosine similarity of "
            "meaning against the share of the question's words that the passage has, 55 to 45.",
        )
        mode = _mode(kb, before)
        is_diverse = st.toggle(
            "Avoid repetition (MMR)",
            before.mmr is not None,
            key="set_mmr",
            help="Prefers passages that add something to those already chosen.",
        )
        older = older_versions(documents, lambda document: document.is_complete)
        names = {
            document.id: f"{document.file} ({OLDER})" if document.id in older else document.file
            for document in documents
        }
        chosen = st.multiselect(
            "Only in these documents",
            list(names),
            [each for each in before.document_ids if each in names],
            format_func=lambda each: names[each],
            placeholder="all documents",
            key="set_documents",
        )
        st.caption("Ask again to search with these; nothing is uploaded or embedded anew.")
    st.session_state[SETTINGS_KEY] = Retrieval(
        top_k=top_k,
        min_relevance=min_relevance,
        mode=mode,
        mmr=MMR_WEIGHT if is_diverse else None,
        document_ids=tuple(chosen),
    )


def _mode(kb: KnowledgeBase, before: Retrieval) -> RetrievalMode:
    if not kb.store.supports_hybrid:
        st.segmented_control(
            "Search by", [MODES["dense"]], default=MODES["dense"], disabled=True, key="set_mode_off"
        )
        st.caption(escaped(f"Search by words too: {kb.store.hybrid_reason}"))
        return "dense"
    chosen = st.segmented_control(
        "Search by",
        list(MODES),
        default=before.mode,
        format_func=lambda each: MODES[each],
        key="set_mode",
        help="Where candidates come from: the nearest vectors, or those and the best of a BM25 keyword "
        "search, fused by reciprocal rank. Either way the most relevant of them are shown.",
    )
    return chosen or "dense"

"""How passages are searched for, set beside the chat."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.answers.retrieval import DEFAULT_RETRIEVAL, MMR_WEIGHT, Retrieval, RetrievalMode
from core.documents.models import OLDER, DocumentSummary
from core.documents.versions import older_versions
from pages.state.current_kb import current_kb

SETTINGS_KEY = "search_settings"
DOCUMENTS_KEY = "search_documents"  # by knowledge base: the ids of the documents that are searched
MAX_TOP_K = 20
MODES: dict[RetrievalMode, str] = {"hybrid": "Meaning and words", "dense": "Meaning only"}


def chosen_retrieval() -> Retrieval:
    """What the visitor has set, or the defaults."""
    chosen: Retrieval = st.session_state.get(SETTINGS_KEY, DEFAULT_RETRIEVAL)
    return replace(chosen, document_ids=st.session_state.get(DOCUMENTS_KEY, {}).get(current_kb(), ()))


def draw_search_settings(documents: list[DocumentSummary]) -> None:
    """A popover; what is set there holds from the next question on."""
    before = chosen_retrieval()
    with st.popover("Search settings", icon=":material/tune:"):
        top_k = st.slider("Passages at most", 1, MAX_TOP_K, before.top_k, key="set_top_k")
        min_relevance = _min_relevance(before)
        mode = _mode(before)
        is_diverse = st.toggle(
            "Avoid repetition (MMR)",
            before.mmr is not None,
            key="set_mmr",
            help="Prefers passages that add something to those already chosen.",
        )
        st.session_state.setdefault(DOCUMENTS_KEY, {})[current_kb()] = _only_in(before, documents)
        st.caption("Ask again to search with these; nothing is uploaded or embedded anew.")
    st.session_state[SETTINGS_KEY] = Retrieval(
        top_k=top_k,
        min_relevance=min_relevance,
        mode=mode,
        mmr=MMR_WEIGHT if is_diverse else None,
    )


def search_all_documents() -> None:
    """Forget which documents of the knowledge base are searched: it has none any more."""
    st.session_state.get(DOCUMENTS_KEY, {}).pop(current_kb(), None)


def _min_relevance(before: Retrieval) -> float:
    return st.slider(
        "Relevance at least",
        0.0,
        1.0,
        before.min_relevance,
        0.01,
        key="set_min_relevance",
        help="What the best passage must reach; when none does, the answer is that your documents do not "
        "say it. A language model sees the passages all the same, and decides itself. At 0.5 a passage "
        "has as much of the question's words and meaning as an unrelated one may have by chance. A question "
        "with a long number or a code is decided by whether a passage has it.",
    )


def _only_in(before: Retrieval, documents: list[DocumentSummary]) -> tuple[str, ...]:
    """The ids of the documents that are searched; none for all."""
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
        key=f"set_documents-{current_kb()}",
    )
    return tuple(chosen)


def _mode(before: Retrieval) -> RetrievalMode:
    chosen = st.segmented_control(
        "Search by",
        list(MODES),
        default=before.mode,
        format_func=lambda each: MODES[each],
        key="set_mode",
        help="By words: BM25 over the stems of each document's language, over parts of words, and over pairs "
        "of characters where a script has no spaces. Names with digits count as a whole.",
    )
    return chosen or "hybrid"

"""That the embedding model was not made for the documents' languages, and where another one is chosen."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from core.documents.models import DocumentSummary
from core.embedding.choices import misfit
from pages.components.markdown import escaped


def draw_misfit(model: str, documents: Iterable[DocumentSummary]) -> None:
    """A hint with a link to the choice of models; nothing where the model fits."""
    sentence = misfit(model, ((each.language, each.unknown_share) for each in documents))
    if sentence is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(escaped(sentence), icon=":material/translate:")
        if st.button("Change the model", icon=":material/model_training:", key="choose_model"):
            st.switch_page("pages/knowledge_bases.py")

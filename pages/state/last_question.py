"""The question that was answered last, for pages that show where its hits lie."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.answers.models import Source

QUESTION_KEY = "last_asked"


def keep_question(question: str, sources: Sequence[Source]) -> None:
    """It was searched for in these words, and found these."""
    st.session_state[QUESTION_KEY] = (question, tuple(sources))


def last_question() -> tuple[str, tuple[Source, ...]]:
    """Its words and what they found; "" before the first one."""
    kept: tuple[str, tuple[Source, ...]] = st.session_state.get(QUESTION_KEY, ("", ()))
    return kept

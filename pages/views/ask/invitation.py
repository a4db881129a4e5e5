"""What an empty knowledge base offers, all on one page: samples, files of one's own, the tour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import Settings
from core.runtime.paths import REPOSITORY
from core.runtime.words import listed
from pages.components.layout import to_page
from pages.components.markdown import escaped
from pages.components.uploads import draw_gone, is_under_way, take, taken_round
from pages.components.visitor import draw_whose_documents
from pages.state.quota import upload_limit_mb

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

UPLOADS = "ask-upload"
MAX_NAMED = 3
TOUR = "pages/tour.py"
OnFiles = Callable[["Sequence[UploadedFile]"], None]


def draw_invitation(settings: Settings, on_files: OnFiles, load_samples: Callable[[], None]) -> None:
    """Let the visitor begin.

    Args:
        settings: Of the visitor.
        on_files: Gets the files that were chosen, once all of them are here.
        load_samples: A callback that needs nothing of the session.
    """
    with st.container(border=True, gap="medium"):
        st.markdown(
            "**Nothing here yet.** Add documents of your own, or try six short ones about async, Milvus and "
            "measuring."
        )
        draw_whose_documents(settings)
        _draw_upload(settings, on_files)
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            # A callback: who asks at once stops the run before it comes to what the click is for. For the
            # same reason all that it needs is handed over: where it looked into the session, it could be
            # stopped too.
            st.button(
                "Load the sample documents",
                icon=":material/auto_stories:",
                type="primary",
                on_click=load_samples,
            )
            if (REPOSITORY / TOUR).exists():
                to_page(TOUR, "See what this is about: the tour", ":material/slideshow:")


def _draw_upload(settings: Settings, on_files: OnFiles) -> None:
    number, taken = taken_round(UPLOADS)
    key = f"{UPLOADS}-{number}"
    found = st.file_uploader(
        "PDF, Office, web pages, mail, e-books, tables, code, pictures, text: choose or drop files here, or "
        "on the field below",
        accept_multiple_files=True,
        key=key,
        max_upload_size=upload_limit_mb(settings),
    )
    draw_gone(key, taken)
    files = [file for file in found if file.file_id not in taken]
    # All of them at once: with the first one this field goes, and what is on its way to it would be lost.
    if files and not is_under_way():
        take(files, taken)
        on_files(files)
        st.rerun()


def draw_suggestions(files: Sequence[str], ask: Callable[[str], None]) -> None:
    """What can be asked about; questions to begin with, where the samples are in.

    Args:
        files: The documents, the newest first.
        ask: A callback that takes a question.
    """
    from core.evaluation.samples import SUGGESTED_QUESTIONS, sample_files

    if not {path.name for path in sample_files()} & set(files):
        st.markdown(f"Ask about {escaped(listed(files, MAX_NAMED))}.")
        return
    st.markdown("**Try one of these**")
    for question in SUGGESTED_QUESTIONS:
        st.button(question, key=f"suggest-{question}", on_click=ask, args=(question,), width="stretch")

"""What can be done about files of an ingest: try again, a password, text recognition, another encoding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.config.settings import Secret, Settings
from core.documents.readers.encoding import ENCODINGS, noted_encoding
from core.documents.readers.ocr import engine_path
from core.documents.readers.pdf import UNMAPPED
from core.errors import OverlapError
from core.ingest.progress import FileProgress, IngestSnapshot, Stage
from pages.components.ingest_words import stopped_line
from pages.components.markdown import escaped, label_text
from pages.state.ingests import retry_file

if TYPE_CHECKING:
    from core.ingest.pipeline import Ingest

# Of many files so many are offered to be read in another way.
MAX_OFFERED = 8


def draw_remedies(settings: Settings, snapshot: IngestSnapshot) -> None:
    """What can be done about files that could not be read, and for texts with the wrong letters."""
    draw_needing_help(settings, snapshot)
    draw_offers(settings, snapshot)


def draw_needing_help(settings: Settings, snapshot: IngestSnapshot) -> None:
    """Files that failed or were stopped, each with what can be done about it here."""
    again = [
        index
        for index, file in enumerate(snapshot.files)
        if file.stage is Stage.STOPPED or (file.stage is Stage.FAILED and file.remedy is None)
    ]
    if len(again) > 1 and st.button(f"Try all {len(again)} again", icon=":material/refresh:", key="retry"):
        _try_again(settings, snapshot.ingest, again)
    for index, file in enumerate(snapshot.files):
        if file.stage is Stage.STOPPED:
            st.warning(stopped_line(file), icon=":material/stop_circle:")
            _retry_button(settings, snapshot.ingest, index, "Try again")
        elif file.stage is Stage.FAILED:
            st.error(escaped(file.error or "failed"), icon=":material/error:")
            if file.remedy == "password":
                _ask_for_password(settings, snapshot.ingest, index, file)
            elif file.remedy == "ocr":
                # Without an engine the sentence says what to install; the button comes with it.
                # It takes minutes of a processor for one file, which strangers have to share.
                if engine_path() and not settings.is_shared:
                    _retry_button(
                        settings, snapshot.ingest, index, "Recognise its text (OCR) and add it", ocr=True
                    )
            elif file.remedy is None:
                _retry_button(settings, snapshot.ingest, index, "Try again")


def draw_offers(settings: Settings, snapshot: IngestSnapshot) -> None:
    """Ways to read files anew that are in, where their text may be wrong."""
    _offer_encodings(settings, snapshot)
    _offer_recognition(settings, snapshot)


def _offer_encodings(settings: Settings, snapshot: IngestSnapshot) -> None:
    """Another encoding for each text that may have been read with a wrong one."""
    guessed = [
        (index, file, encoding)
        for index, file in enumerate(snapshot.files)
        if file.stage in {Stage.DONE, Stage.PRESENT} and (encoding := noted_encoding(file.notes))
    ]
    for index, file, encoding in guessed[:MAX_OFFERED]:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                f"{label_text(file.file)} was read as {encoding}. Where its letters are wrong, read it as",
                [each for each in ENCODINGS if each != encoding],
                key=f"encoding-{index}",
                width=420,
            )
            label = f"Read it as {chosen}"
            is_asked = st.button(label, icon=":material/translate:", key=f"read-as-{index}")
        if is_asked:
            _try_again(settings, snapshot.ingest, [index], encoding=chosen)
    if (num_left := len(guessed) - MAX_OFFERED) > 0:
        st.caption(f"… and {num_left:,} more; add one again by itself to choose its encoding.")


def _offer_recognition(settings: Settings, snapshot: IngestSnapshot) -> None:
    """Text recognition for each PDF with letters that mean nothing, where it can be had."""
    if engine_path() is None or settings.is_shared:
        return
    for index, file in enumerate(snapshot.files[:MAX_OFFERED]):
        is_in = file.stage in {Stage.DONE, Stage.PRESENT}
        if is_in and any(note.endswith(UNMAPPED) for note in file.notes):
            label = f"Recognise the text of {escaped(file.file)} (OCR)"
            _retry_button(settings, snapshot.ingest, index, label, ocr=True)


def _ask_for_password(settings: Settings, ingest: Ingest, index: int, file: FileProgress) -> None:
    with st.form(f"password-{index}", border=False, clear_on_submit=True):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        password = left.text_input(
            f"Password of {label_text(file.file)}",
            type="password",
            key=f"password-of-{index}",
            autocomplete="off",
            help="Used to open this file now. It is not stored.",
        )
        is_sent = right.form_submit_button("Try again", icon=":material/lock_open:", width="stretch")
    if is_sent and password:
        _try_again(settings, ingest, [index], password=Secret(value=password))


def _retry_button(settings: Settings, ingest: Ingest, index: int, label: str, *, ocr: bool = False) -> None:
    if st.button(label, icon=":material/refresh:", key=f"retry-{index}"):
        _try_again(settings, ingest, [index], ocr=ocr)


def _try_again(
    settings: Settings,
    ingest: Ingest,
    indices: Sequence[int],
    *,
    password: Secret | None = None,
    ocr: bool = False,
    encoding: str = "",
) -> None:
    try:
        for index in indices:
            retry_file(settings, ingest, index, password=password, ocr=ocr, encoding=encoding)
    except OverlapError as exc:
        st.warning(escaped(str(exc)), icon=":material/hourglass_disabled:")
        return
    st.rerun()

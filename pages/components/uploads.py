"""Files that a visitor chooses in an uploader, none of which is lost without a word."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile

from core.hosting.uploads import uploads
from core.runtime.words import counted
from pages.components.markdown import escaped

_lock = threading.Lock()
_kept: Counter[str] = Counter()  # bytes by session


def taken_round(name: str) -> tuple[int, set[str]]:
    """The number of the uploader `name`, to be part of its key, and the ids of files taken out of it.

    A new number empties the uploader, which would otherwise hand the same files over again. It comes when
    all that is in it was taken and nothing is on its way to it: that would be lost with the old one.
    """
    number, taken = st.session_state.setdefault(f"{name}_round", (0, set()))
    held = _held(f"{name}-{number}")
    if held and {file.file_id for file in held} <= taken and not is_under_way():
        number, taken = number + 1, set()
        st.session_state[f"{name}_round"] = number, taken
    return number, taken


def is_under_way() -> bool:
    """Whether a file that was chosen on this page has yet to arrive."""
    context = get_script_run_ctx()
    if context is None:
        return False
    here = {file.file_id for key in st.session_state for file in _held(str(key))}
    return not uploads.pending(context.session_id) <= here


def name_of(upload: UploadedFile) -> str:
    """What the file is called. A browser sends each quotation mark in a name as "%22"."""
    return str(upload.name).replace("%22", '"')


def take(files: Sequence[UploadedFile], taken: set[str]) -> None:
    """From now on these are the page's, whatever becomes of their uploader; they still count as held."""
    ids = {file.file_id for file in files}
    taken.update(ids)
    context = get_script_run_ctx()
    if context is not None:
        uploads.settle(context.session_id, ids)


def release(files: Sequence[UploadedFile]) -> None:
    """Let Streamlit forget files that were used: it would keep them as long as the page is open."""
    context = get_script_run_ctx()
    if context is None:
        return
    manager = context.uploaded_file_mgr
    if isinstance(manager, MemoryUploadedFileManager):
        for file in files:
            manager.remove_file(context.session_id, file.file_id)


@contextmanager
def kept_bytes(session: str, size_bytes: int) -> Iterator[None]:
    """While this much of a session's uploads is in memory, though Streamlit does not have it any more."""
    with _lock:
        _kept[session] += size_bytes
    try:
        yield
    finally:
        with _lock:
            _kept[session] -= size_bytes
            if not _kept[session]:
                del _kept[session]


def held_bytes() -> dict[str, int]:
    """How much of each session's uploads is in memory and not being added yet."""
    manager = Runtime.instance().uploaded_file_mgr if Runtime.exists() else None
    with _lock:
        held = Counter(_kept)
    if isinstance(manager, MemoryUploadedFileManager):
        # Copies: another thread may receive a file just now.
        for session, files in list(manager.file_storage.items()):
            held[session] += sum(len(file.data) for file in list(files.values()))
    return dict(held)


def draw_gone(key: str, taken: Set[str] = frozenset()) -> None:
    """Say so where files in the uploader `key` have not come, or the app does not have them any more.

    That is so after the server was started anew, or the connection was gone for long.

    Args:
        key: Of the uploader.
        taken: Ids of files that are meant to be gone.
    """
    if refusal := _refusal(key):
        st.warning(escaped(refusal), icon=":material/upload_file:")
    gone = [file for file in _held(key) if isinstance(file, DeletedFile) and file.file_id not in taken]
    if gone:
        st.warning(
            f"The connection was lost, and {counted(len(gone), 'file')} with it. Remove what the field still "
            "shows, and choose it again.",
            icon=":material/upload_file:",
        )


def _refusal(key: str) -> str:
    """Why a file was refused, until one comes that was not on its way then; "" when none was."""
    context = get_script_run_ctx()
    if context is None:
        return ""
    here = {file.file_id for file in _held(key)}
    told_key = f"{key}_refused"
    if refusal := uploads.refusal(context.session_id):
        # Kept: this run may be cut short by the next one, which would not hear of it again.
        st.session_state[told_key] = refusal, here | uploads.pending(context.session_id)
    refusal, known = st.session_state.get(told_key, ("", here))
    return refusal if here <= known else ""


def _held(key: str) -> list[UploadedFile | DeletedFile]:
    """The files in the uploader `key`, those among them that the app does not have; none for other keys."""
    value = st.session_state.get(key)
    values = value if isinstance(value, list) else [value]
    return [value for value in values if isinstance(value, UploadedFile | DeletedFile)]

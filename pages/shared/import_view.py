"""Where documents come from: files, a folder, a ZIP archive, web addresses, pasted text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.config import Settings
from core.documents.readers import SUPPORTED_SUFFIXES
from core.errors import OverlapError
from pages.shared.limits import upload_limit_mb
from pages.shared.markup import escaped
from pages.shared.resources import current_ingest

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from core.documents.pipeline import IncomingFile

OnFiles = Callable[["list[IncomingFile]"], object]
Collect = Callable[[], "list[IncomingFile]"]

FILES, FOLDER, ARCHIVE, WEB, TEXT = "Files", "Folder", "ZIP archive", "Web addresses", "Pasted text"
SOURCE_KEY = "import_source"
# A new number empties the fields; an uploader would hand the same files over again.
ROUND_KEY = "uploader_round"


def draw_import(settings: Settings, on_files: OnFiles) -> None:
    """Let the visitor choose documents; `on_files` gets them once the button is clicked.

    on_files: starts the ingest, and may raise OverlapError: its sentence is shown, and what was chosen
        stays.
    """
    draw = {FILES: _files, FOLDER: _folder, ARCHIVE: _archive, WEB: _web, TEXT: _text}
    if settings.is_shared:
        # The guard against private addresses holds, but strangers could still send this machine anywhere.
        del draw[WEB]
    source = st.segmented_control(
        "Add documents from",
        list(draw),
        default=FILES,
        required=True,
        key=SOURCE_KEY,
    )
    is_busy = _is_busy(settings)
    number = st.session_state.setdefault(ROUND_KEY, 0)
    chosen = draw.get(source or FILES, _files)(number, upload_limit_mb(settings))
    if chosen is None:
        return
    label, collect = chosen
    if st.button(label, type="primary", disabled=is_busy, key="add", icon=":material/add:"):
        _hand_over(collect, on_files)
    if is_busy:
        st.caption("Another ingest is running; these can be added when it has ended.")


def _is_busy(settings: Settings) -> bool:
    snapshot = current_ingest(settings)
    return snapshot is not None and snapshot.is_running


def _hand_over(collect: Collect, on_files: OnFiles) -> None:
    try:
        with st.spinner("Getting the embedding model ready; at the first start about 10 s.", show_time=True):
            on_files(collect())
    except OverlapError as exc:
        # What was chosen stays: nothing is lost, the button works again.
        st.error(escaped(str(exc)), icon=":material/error:")
        return
    st.session_state[ROUND_KEY] += 1
    st.rerun()


def _files(number: int, most_mb: int | None) -> tuple[str, Collect] | None:
    uploads = st.file_uploader(
        "PDF, Word, PowerPoint, Excel, CSV, HTML, Markdown, text or JSON",
        type=list(SUPPORTED_SUFFIXES),
        accept_multiple_files=True,
        key=f"uploader-{number}",
        max_upload_size=most_mb,
    )
    return _of_uploads(uploads)


def _folder(number: int, most_mb: int | None) -> tuple[str, Collect] | None:
    uploads = st.file_uploader(
        "A folder with all that is in it; files of other types are left out by your browser",
        type=list(SUPPORTED_SUFFIXES),
        accept_multiple_files="directory",
        key=f"folder-{number}",
        max_upload_size=most_mb,
    )
    return _of_uploads(uploads)


def _of_uploads(uploads: Sequence[UploadedFile]) -> tuple[str, Collect] | None:
    if not uploads:
        return None
    label = "Add 1 document" if len(uploads) == 1 else f"Add {len(uploads):,} documents"
    return label, lambda: [_incoming(upload) for upload in uploads]


def _incoming(upload: UploadedFile) -> IncomingFile:
    from core.documents.pipeline import IncomingFile

    return IncomingFile(name=upload.name, size_bytes=upload.size, read=upload.getvalue)


def _archive(number: int, most_mb: int | None) -> tuple[str, Collect] | None:
    upload = st.file_uploader(
        "A ZIP archive: each file in it is added as if it had been uploaded by itself",
        type=["zip"],
        key=f"archive-{number}",
        max_upload_size=most_mb,
    )
    if upload is None:
        return None

    def collect() -> list[IncomingFile]:
        from core.documents.sources import zip_files

        return zip_files(upload.name, upload.getvalue())

    return "Add the documents in it", collect


def _web(number: int, _: int | None) -> tuple[str, Collect] | None:
    text = st.text_area(
        "Addresses, one in each line",
        placeholder="https://www.example.org/report.pdf",
        key=f"web-{number}",
        height=120,
        help="Pages of the public web. The machine that runs Overlap fetches them, so addresses in a "
        "private network are refused.",
    )
    num_addresses = len({line.strip() for line in text.splitlines() if line.strip()})
    st.caption("Nothing is fetched before you click; then each address is fetched once.")
    if not num_addresses:
        return None

    def collect() -> list[IncomingFile]:
        from core.documents.web import web_files

        return web_files(text)

    noun = "document" if num_addresses == 1 else "documents"
    return f"Fetch and add {num_addresses:,} {noun}", collect


def _text(number: int, _: int | None) -> tuple[str, Collect] | None:
    title = st.text_input(
        "Title", placeholder="Optional; otherwise its first words", key=f"title-{number}", max_chars=80
    )
    text = st.text_area("Text", key=f"text-{number}", height=200)
    if not text.strip():
        return None

    def collect() -> list[IncomingFile]:
        from core.documents.sources import pasted_file

        return [pasted_file(title, text)]

    return "Add the text", collect

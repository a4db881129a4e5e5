"""The fields of each place that documents come from: files, a folder, an archive, addresses, pasted text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import streamlit as st

from core.config.settings import Settings
from core.documents.formats import SUPPORTED_SUFFIXES
from core.documents.sources.incoming import IncomingFile, below_common, origin_of, pasted_file
from core.documents.sources.zip_archive import expanded, zip_files
from core.runtime.words import counted
from pages.components.same_name_form import (
    Conflicts,
    known_conflicts,
)
from pages.components.uploads import draw_gone, name_of, taken_round

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

Collect = Callable[[], "list[IncomingFile]"]
# Draws the fields of a place, with the largest file in MB (None for the server's own limit); gives what is
# chosen there, or None.
Source = Callable[["int | None"], "Chosen | None"]

FILES, FOLDER, ARCHIVE, WEB, TEXT = "Files", "Folder", "ZIP archive", "Web addresses", "Pasted text"
# A new number empties the fields for addresses and text.
FIELDS_KEY = "import_fields"


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What is chosen and can be added.

    Attributes:
        uploads: The files that it is in.
        taken: The ids of those before.
        is_fetched: Its content is not there before it is added.
        replacing: The indices of the files that take the place of a document of their name; None while nobody
            has asked.
    """

    label: str
    collect: Collect
    uploads: tuple[UploadedFile, ...] = ()
    taken: set[str] = field(default_factory=set)
    is_fetched: bool = False
    replacing: frozenset[int] | None = None

    def files(self) -> list[IncomingFile]:
        """The files, as they are to be added.

        Raises:
            OverlapError: As `collect` raises it.
        """
        replacing = self.replacing or frozenset()
        return [
            replace(file, same_name="replace") if index in replacing else file
            for index, file in enumerate(self.collect())
        ]

    def conflicts(self, settings: Settings, *, waits: bool = False) -> Conflicts | None:
        """See `pages.components.same_name_form`."""
        ids = [upload.file_id for upload in self.uploads]
        return known_conflicts(settings, self.collect(), ids, is_fetched=self.is_fetched, waits=waits)


def sources_for(settings: Settings) -> dict[str, Source]:
    """Where documents may come from, by name, as the visitor may choose."""
    found: dict[str, Source] = {FILES: _files, FOLDER: _folder, ARCHIVE: _archive, WEB: _web, TEXT: _text}
    if settings.is_shared:
        # The guard against private addresses holds, but strangers could still send this machine anywhere.
        del found[WEB]
    return found


def empty_fields() -> None:
    """Draw the fields for addresses and text anew, without what was typed into them."""
    st.session_state[FIELDS_KEY] = st.session_state.get(FIELDS_KEY, 0) + 1


def _files(most_mb: int | None) -> Chosen | None:
    label = "PDF, Office and OpenDocument, web pages, mail, e-books, tables, notebooks, code, pictures, text"
    return _uploads("uploader", label, True, most_mb)


def _folder(most_mb: int | None) -> Chosen | None:
    label = "A folder with all that is in it; files of other types are left out by your browser"
    return _uploads("folder", label, "directory", most_mb)


def _uploads(
    name: str, label: str, multiple: Literal[True, "directory"], most_mb: int | None
) -> Chosen | None:
    number, taken = taken_round(name)
    key = f"{name}-{number}"
    found = st.file_uploader(
        label,
        # A single file of another type is refused by us: with what to do.
        type=list(SUPPORTED_SUFFIXES) if multiple == "directory" else None,
        accept_multiple_files=multiple,
        key=key,
        max_upload_size=most_mb,
    )
    draw_gone(key, taken)
    uploads = tuple(upload for upload in found if upload.file_id not in taken)
    if not uploads:
        return None
    # All paths of a folder begin with its own name.
    is_folder = multiple == "directory"
    folders = below_common([name_of(upload) for upload in uploads]) if is_folder else [""] * len(uploads)
    return Chosen(
        label=f"Add {counted(len(uploads), 'document')}",
        collect=lambda: [
            file
            for upload, folder in zip(uploads, folders, strict=True)
            for file in files_of_upload(upload, folder)
        ],
        uploads=uploads,
        taken=taken,
    )


def files_of_upload(upload: UploadedFile, folder: str) -> list[IncomingFile]:
    """The file, or those in it where it is an archive."""
    name, origin = name_of(upload), origin_of(folder)
    return expanded(IncomingFile(name=name, size_bytes=upload.size, read=upload.getvalue, origin=origin))


def _archive(most_mb: int | None) -> Chosen | None:
    number, taken = taken_round("archive")
    key = f"archive-{number}"
    upload = st.file_uploader(
        "A ZIP archive: each file in it is added as if it had been uploaded by itself",
        type=["zip"],
        key=key,
        max_upload_size=most_mb,
    )
    draw_gone(key, taken)
    if upload is None or upload.file_id in taken:
        return None

    return Chosen(
        label="Add the documents in it",
        collect=lambda: zip_files(name_of(upload), upload.getvalue()),
        uploads=(upload,),
        taken=taken,
    )


def _web(_: int | None) -> Chosen | None:
    number = st.session_state.setdefault(FIELDS_KEY, 0)
    text = st.text_area(
        "Addresses, one in each line",
        placeholder="https://www.example.org/report.pdf",
        key=f"web-{number}",
        height=120,
        help="Pages of the public web. The machine that runs Overlap fetches them, so addresses in a "
        "private network are refused.",
    )
    num_addresses = len({line.strip() for line in text.splitlines() if line.strip()})
    main_only = st.checkbox(
        "Leave out menus and banners",
        value=True,
        key="web_main_only",
        help="Of a web page only its main part is read, where it is clear which that is.",
    )
    st.caption("Nothing is fetched before you click; then each address is fetched once.")
    if not num_addresses:
        return None

    def collect() -> list[IncomingFile]:
        from core.documents.sources.web import web_files

        return web_files(text, main_only=main_only)

    label = f"Fetch and add {counted(num_addresses, 'document')}"
    return Chosen(label=label, collect=collect, is_fetched=True)


def _text(_: int | None) -> Chosen | None:
    number = st.session_state.setdefault(FIELDS_KEY, 0)
    title = st.text_input(
        "Title", placeholder="Optional; otherwise its first words", key=f"title-{number}", max_chars=80
    )
    text = st.text_area("Text", key=f"text-{number}", height=200)
    if not text.strip():
        return None

    return Chosen(label="Add the text", collect=lambda: [pasted_file(title, text)])

"""Files that people upload, read into pages of text.

Synchronous and thread-safe: the ingest calls `read_document` from worker threads. Every failure is a
`DocumentError` whose text names the file and says what to do; the libraries' own errors end here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from core.documents.blocks import ReadResult, clean_text
from core.documents.models import Document, Page
from core.documents.readers.delimited import read_csv
from core.documents.readers.encryption import OLE_MAGIC, is_protected_office, unprotected
from core.documents.readers.excel import read_xlsx
from core.documents.readers.html import read_html
from core.documents.readers.ocr import HOW_TO_INSTALL, engine_path, recognise_pages
from core.documents.readers.office import MAX_UNPACKED_BYTES, office_format
from core.documents.readers.pdf import read_pdf
from core.documents.readers.powerpoint import read_pptx
from core.documents.readers.text import (
    MAX_TEXT_CHARS,
    read_json,
    read_text,
    too_much_text,
)
from core.documents.readers.word import read_docx
from core.errors import CorruptFileError, FileTooLargeError, NoTextError, UnsupportedFileError

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_UNPACKED_BYTES",
    "SUPPORTED_SUFFIXES",
    "clean_file_name",
    "document_id",
    "read_document",
]

MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_NAME_CHARS = 120
# A longer "suffix" is a sentence with a full stop in it, not a file type.
MAX_SUFFIX_CHARS = 16

_Reader = Callable[[str, bytes], ReadResult]
_READERS: dict[str, _Reader] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "pptx": read_pptx,
    "xlsx": read_xlsx,
    "docm": read_docx,
    "pptm": read_pptx,
    "xlsm": read_xlsx,
    "csv": read_csv,
    "tsv": read_csv,
    "html": read_html,
    "htm": read_html,
    "md": read_text,
    "markdown": read_text,
    "txt": read_text,
    "json": read_json,
}
SUPPORTED_SUFFIXES: tuple[str, ...] = tuple(_READERS)

_BINARY_FORMATS = {
    "pdf": "a PDF document",
    "docx": "a Word document",
    "pptx": "a PowerPoint presentation",
    "xlsx": "an Excel workbook",
}
_HTML = ("html", "htm")
# The same with macros, which nobody runs here.
_WITH_MACROS = {"docm": "docx", "pptm": "pptx", "xlsm": "xlsx"}
_OFFICE = ("docx", "pptx", "xlsx", *_WITH_MACROS)
_OLD_FORMATS = {"doc": "docx", "ppt": "pptx", "xls": "xlsx", "rtf": "docx", "odt": "docx"}
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x05\x06", "an empty ZIP archive"),
    (OLE_MAGIC, "an old Office document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"{\\rtf", "an RTF document"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "a SQLite database"),
)
# What a server sends instead of a download when the visitor has to sign in first.
_HTML_START = re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE)

# Control characters, line separators, and the invisible marks that can make "exe.pdf" out of "fdp.exe".
# U+200C and U+200D stay: Persian words and emoji are made with them.
_UNSAFE_IN_NAMES = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def read_document(
    name: str,
    data: bytes,
    *,
    max_bytes: int = MAX_FILE_BYTES,
    password: str = "",
    ocr: bool = False,
    main_only: bool = False,
    on_page: Callable[[int, int], None] | None = None,
) -> Document:
    """Read one file. The format is chosen by the name's suffix and must be what the bytes are.

    Args:
        name: as the visitor's machine gave it; folders and control characters are taken off.
        data: the whole file.
        max_bytes: the largest file that is read.
        password: of a protected PDF or Office file.
        ocr: recognise the text of a PDF's pages that hold none; needs Tesseract.
        main_only: leave out the menus and banners of an HTML page.
        on_page: told how many pages of a PDF are read, and of how many.

    Returns: the document with all its pages, so that page numbers stay true: empty ones too, and those
    that could not be read (`Document.unread_pages`) as long as one could.

    Raises: DocumentError, in the kind that fits; see `core.errors`.
    """
    file = clean_file_name(name)
    suffix = _suffix(file)
    if suffix not in _READERS:
        raise UnsupportedFileError(_unknown_suffix_message(file, suffix))
    if not data:
        raise CorruptFileError(f"{file} is empty (0 bytes). Save it again and upload the new copy.")
    if len(data) > max_bytes:
        raise FileTooLargeError(
            f"{file} is {_size(len(data))}, over the limit of {_size(max_bytes)}. "
            "Split it into smaller files."
        )
    content = data
    if suffix in _OFFICE and is_protected_office(data):
        content = unprotected(file, data, password)
    _check_content(file, suffix, content)
    if suffix == "pdf":
        read = _read_pdf(file, content, password, ocr, on_page)
    elif suffix in _HTML:
        read = read_html(file, content, main_only=main_only)
    else:
        read = _READERS[suffix](file, content)
    pages = tuple(map(_cleaned, read.pages))
    if sum(len(page.text) for page in pages) > MAX_TEXT_CHARS:
        raise too_much_text(file)
    if not any(page.text.strip() for page in pages):
        raise NoTextError(_no_text_message(file, suffix, pages))
    return Document(id=document_id(data), file=file, size_bytes=len(data), pages=pages, notes=read.notes)


def _cleaned(page: Page) -> Page:
    # The text of blocks is clean already, and where they are must stay true.
    return page if page.blocks else replace(page, text=clean_text(page.text))


def _read_pdf(
    file: str, data: bytes, password: str, ocr: bool, on_page: Callable[[int, int], None] | None
) -> ReadResult:
    read = read_pdf(file, data, password=password, on_page=on_page)
    if not ocr:
        return read
    on_page = on_page or (lambda done, total: None)
    return replace(read, pages=recognise_pages(file, data, read.pages, password=password, on_page=on_page))


def document_id(data: bytes) -> str:
    """The first 32 hexadecimal digits of the bytes' SHA-256; the name plays no part."""
    return hashlib.sha256(data).hexdigest()[:32]


def clean_file_name(name: str) -> str:
    """The name without folders and invisible marks, at most 120 characters, never empty.

    A longer name is shortened in the middle, so that its beginning and its suffix stay readable.
    """
    # One name that looks the same is the same, however its accents are put together.
    visible = unicodedata.normalize("NFC", _UNSAFE_IN_NAMES.sub("", name))
    last = re.split(r"[/\\]", visible)[-1].strip()
    if last in {"", ".", ".."}:
        return "unnamed"
    if len(last) <= MAX_NAME_CHARS:
        return last
    suffix = PurePosixPath(last).suffix
    if len(suffix) > MAX_SUFFIX_CHARS:
        suffix = ""
    stem = last.removesuffix(suffix)
    room = MAX_NAME_CHARS - len(suffix) - 1
    tail = room // 3
    return f"{stem[: room - tail]}…{stem[-tail:]}{suffix}"


def _suffix(file: str) -> str:
    return PurePosixPath(file).suffix.removeprefix(".").lower()


def _size(num_bytes: int) -> str:
    if num_bytes < 1024 * 1024:
        return f"{num_bytes:,} bytes"
    return f"{num_bytes / 1024 / 1024:,.1f} MB"


def _unknown_suffix_message(file: str, suffix: str) -> str:
    if suffix in _OLD_FORMATS:
        return (
            f"{file} is in a format that can't be read. Save it as .{_OLD_FORMATS[suffix]} and upload that."
        )
    wanted = ", ".join(SUPPORTED_SUFFIXES[:-1]) + f" or {SUPPORTED_SUFFIXES[-1]}"
    what = f"is a .{suffix} file, which can't be read" if suffix else "has no file type in its name"
    return f"{file} {what}. Upload it as {wanted}."


def _no_text_message(file: str, suffix: str, pages: Sequence[Page]) -> str:
    if suffix == "pdf":
        where = "its only page" if len(pages) == 1 else f"its {len(pages)} pages"
        if num_damaged := sum(page.is_damaged for page in pages):
            where = f"the {len(pages) - num_damaged} of its {len(pages)} pages that can be read"
        install = "" if engine_path() else f", or {HOW_TO_INSTALL} to have it done here"
        return (
            f"{file} holds no text on {where}, as a scan does. "
            f"Run text recognition (OCR) on it and upload the result{install}."
        )
    return f"{file} holds no text. Check that it is the right file and that it was saved."


def _check_content(file: str, suffix: str, data: bytes) -> None:
    """Refuse bytes that are plainly not what the name says, before a parser meets them.

    Raises: UnsupportedFileError, CorruptFileError.
    """
    kind = _WITH_MACROS.get(suffix, suffix)
    wanted = _BINARY_FORMATS.get(kind)
    # A PDF may have other bytes, such as a mail header, before its own header.
    if suffix == "pdf" and b"%PDF-" in data[:1024]:
        return
    if wanted and data.startswith(OLE_MAGIC):
        raise UnsupportedFileError(
            f"{file} is in an Office format from before 2007, although its name ends in .{suffix}. "
            f"Open it and save it as .{suffix}."
        )
    actual = _detect_format(file, data)
    if actual == kind:
        return
    if actual in _BINARY_FORMATS:
        raise UnsupportedFileError(
            f"{file} is {_BINARY_FORMATS[actual]}, although its name ends in .{suffix}. "
            f"Rename it to end in .{actual} and upload it again."
        )
    if wanted:
        if _HTML_START.match(data):
            actual = "an HTML page"
        raise UnsupportedFileError(
            f"{file} is {actual or 'something else'}, not {wanted} as its name says. "
            "Check the file and upload it under its own type."
        )
    if actual:
        raise UnsupportedFileError(f"{file} is {actual}, not text. Upload a text file or a document instead.")


def _detect_format(file: str, data: bytes) -> str | None:
    """A suffix of `_BINARY_FORMATS`, a name for people, or None where the bytes tell nothing.

    Raises: CorruptFileError when it begins as a ZIP archive but can't be opened as one.
    """
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return office_format(file, data) or "a ZIP archive"
    return next((what for magic, what in _SIGNATURES if data.startswith(magic)), None)

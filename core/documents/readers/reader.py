"""Files that people upload, read into pages of text.

`read_document` is called in a process of its own (`core.documents.sandbox.worker`), since a file may hang or
crash what reads it. Every failure is a `DocumentError` whose text names the file and says what to do; the
libraries' own errors end here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module

from core.documents.blocks import ReadResult, clean_text
from core.documents.file_identity import MAX_NAME_CHARS, clean_file_name, clean_line, document_id
from core.documents.formats import CALLED, FORMAT_OF, Format, suffix_of, way_out
from core.documents.models import Document, Page, notes_told
from core.documents.readers.container import count_pictures
from core.documents.readers.detection import check_content, detect_format, is_html
from core.documents.readers.encoding import decode, encoding_note, is_plain_utf8
from core.documents.readers.encryption import is_protected_office, is_protected_xls, unprotected
from core.documents.readers.limits import MAX_TEXT_CHARS, too_much_text
from core.documents.readers.ocr import HOW_TO_INSTALL, engine_path
from core.errors import CorruptFileError, FileTooLargeError, NoTextError, UnsupportedFileError
from core.runtime.words import MB, counted, file_size

MAX_FILE_BYTES = 200 * MB
MAX_NOTES = 30
MAX_NOTE_CHARS = 300

_DECLARATION = re.compile(rb"(?:charset|encoding)\s*=")
_HEAD_BYTES = 2048

_Reader = Callable[[str, bytes], ReadResult]
_OFFICE = ("docx", "docm", "pptx", "pptm", "xlsx", "xlsm", "xlsb")


@dataclass(frozen=True, slots=True)
class _How:
    """See `read_document`.

    Attributes:
        depth: How many files this one is inside of.
    """

    max_bytes: int
    password: str = ""
    ocr: bool = False
    encoding: str = ""
    main_only: bool = False
    on_page: Callable[[int, int], None] | None = None
    depth: int = 0


def read_document(
    name: str,
    data: bytes,
    *,
    max_bytes: int = MAX_FILE_BYTES,
    password: str = "",
    ocr: bool = False,
    encoding: str = "",
    main_only: bool = False,
    on_page: Callable[[int, int], None] | None = None,
) -> Document:
    """Read one file. The format is chosen by the name's suffix and must be what the bytes are.

    Args:
        name: As the visitor's machine gave it; folders and control characters are taken off.
        data: The whole file.
        max_bytes: The largest file that is read.
        password: Of a protected PDF or Office file.
        ocr: Recognise the text of a PDF's pages that hold none; needs Tesseract.
        encoding: Of a text; guessed where it is "" and the bytes do not tell it.
        main_only: Leave out the menus and banners of an HTML page.
        on_page: Told how many pages of a PDF are read, and of how many.

    Returns:
        The document with all its pages, so that page numbers stay true: empty ones too, and those that could
        not be read (`Document.unread_pages`) as long as one could.

    Raises:
        DocumentError: In the kind that fits; see `core.errors`.
    """
    file = clean_file_name(name)
    how = _How(max_bytes, password, ocr, encoding, main_only, on_page)
    read = _read(file, data, how)
    return Document(id=document_id(data), file=file, size_bytes=len(data), pages=read.pages, notes=read.notes)


def _read(file: str, data: bytes, how: _How) -> ReadResult:
    suffix = suffix_of(file)
    if suffix not in FORMAT_OF:
        raise UnsupportedFileError(_unknown_suffix_message(file, suffix, data))
    if not data:
        raise CorruptFileError(f"{file} is empty (0 bytes). Save it again and upload the new copy.")
    if len(data) > how.max_bytes:
        raise FileTooLargeError(
            f"{file} is {file_size(len(data))}, over the limit of {file_size(how.max_bytes)}. "
            "Split it into smaller files."
        )
    if (suffix in _OFFICE and is_protected_office(data)) or (suffix == "xls" and is_protected_xls(data)):
        data = unprotected(file, data, how.password)
    read = _read_as(suffix, file, data, how)
    pages = tuple(map(_cleaned, read.pages))
    if sum(len(page.text) for page in pages) > MAX_TEXT_CHARS:
        raise too_much_text(file)
    if not any(page.text.strip() for page in pages):
        raise NoTextError(_no_text_message(file, suffix, pages, read.notes, data))
    return ReadResult(pages, _cleaned_notes(read.notes))


def _read_as(suffix: str, file: str, data: bytes, how: _How) -> ReadResult:
    if suffix == "xls" and detect_format(file, data) is None:
        # Many programs give a web page or a text with tabs this name, and Excel opens it.
        suffix = "html" if is_html(data) else "csv"
    check_content(file, suffix, data)
    if suffix == "pdf":
        return _read_pdf(file, data, how)
    if suffix in {"eml", "msg"}:
        return _read_mail(suffix, file, data, how)
    kind = FORMAT_OF[suffix]
    declares = kind.may_declare and not how.encoding and _DECLARATION.search(data[:_HEAD_BYTES])
    data, notes = _as_utf8(file, data, how.encoding) if kind.is_text and not declares else (data, ())
    read = _read_html(file, data, how) if "html" in kind.suffixes else reader_of(kind)(file, data)
    return replace(read, notes=(*notes, *read.notes))


def reader_of(kind: Format) -> _Reader:
    """The function that `kind.reader` names."""
    module, _, function = kind.reader.partition(".")
    reader: _Reader = getattr(import_module(f"{__package__}.{module}"), function)
    return reader


def warm_up() -> None:
    """Load what reads the files that people have most."""
    for suffix in ("docx", "pptx", "xlsx", "html", "md", "csv"):
        reader_of(FORMAT_OF[suffix])


def _read_html(file: str, data: bytes, how: _How) -> ReadResult:
    from core.documents.readers.html import read_html

    return read_html(file, data, main_only=how.main_only)


def _read_mail(suffix: str, file: str, data: bytes, how: _How) -> ReadResult:
    from core.documents.readers.mail import read_eml, read_msg

    read = read_eml if suffix == "eml" else read_msg
    return read(file, data, how.depth, partial(_read_inside, how))


def _read_inside(how: _How, name: str, data: bytes, depth: int) -> ReadResult:
    """A file that is inside of another, as if it were one by itself."""
    return _read(clean_file_name(name), data, replace(how, depth=depth, on_page=None))


def _as_utf8(file: str, data: bytes, encoding: str) -> tuple[bytes, tuple[str, ...]]:
    """The text in UTF-8, and which encoding was guessed or chosen, if any.

    Raises:
        UnsupportedFileError: When it is no text.
        DocumentError: When there is no such encoding.
    """
    if not encoding and is_plain_utf8(data):
        return data, ()
    decoded = decode(file, data, encoding)
    if not (decoded.guess or encoding):
        return data, ()
    note = encoding_note(encoding or decoded.guess, is_guess=not encoding)
    return codecs.BOM_UTF8 + decoded.text.encode(), (note,)


def _cleaned(page: Page) -> Page:
    label = clean_line(page.label, MAX_NAME_CHARS)
    # The text of blocks is clean already, and where they are must stay true.
    return replace(page, label=label, text=page.text if page.blocks else clean_text(page.text))


def _cleaned_notes(notes: Sequence[str]) -> tuple[str, ...]:
    shown = [clean_line(note, MAX_NOTE_CHARS) for note in notes[:MAX_NOTES]]
    left = len(notes) - MAX_NOTES
    return (*shown, f"and {left:,} more notes") if left > 0 else tuple(shown)


def _read_pdf(file: str, data: bytes, how: _How) -> ReadResult:
    from core.documents.readers.ocr import recognise_pages
    from core.documents.readers.pdf import read_pdf

    read = read_pdf(file, data, password=how.password, on_page=how.on_page, for_recognition=how.ocr)
    if not how.ocr:
        return read
    on_page = how.on_page or (lambda done, total: None)
    pages, notes = recognise_pages(file, data, read.pages, password=how.password, on_page=on_page)
    return replace(read, pages=pages, notes=(*read.notes, *notes))


def _unknown_suffix_message(file: str, suffix: str, data: bytes) -> str:
    if advice := way_out(file, suffix):
        actual = detect_format(file, data)
        if actual in CALLED:
            return (
                f"{file} is {CALLED[actual]}, although its name ends in .{suffix}. "
                f"Rename it to end in .{actual} and upload it again."
            )
        return advice
    what = f"is a .{suffix} file, which can't be read" if suffix else "has no file type in its name"
    return (
        f"{file} {what}. Upload it as pdf, docx, pptx, xlsx, csv, html, md, txt or another of the types in "
        "docs/documents.md."
    )


def _no_text_message(file: str, suffix: str, pages: Sequence[Page], notes: Sequence[str], data: bytes) -> str:
    if suffix == "pdf":
        where = "its only page" if len(pages) == 1 else f"its {len(pages)} pages"
        if num_damaged := sum(page.is_damaged for page in pages):
            where = f"the {len(pages) - num_damaged} of its {len(pages)} pages that can be read"
        here = "Have its text recognised (OCR) here; on the command line add --ocr."
        elsewhere = (
            "Run text recognition (OCR) on it and upload the result, or "
            f"{HOW_TO_INSTALL} to have it done here."
        )
        return f"{file} holds no text on {where}, as a scan does. {here if engine_path() else elsewhere}"
    if unread := [note for note in notes if "not read" in note or "without data" in note]:
        told = notes_told(unread)
        return f"{file} holds no text that can be read: {told} Save what it shows as a PDF and upload that."
    if num_pictures := count_pictures(data):
        has = counted(num_pictures, "picture")
        return (
            f"{file} holds no text, but {has}. Save it as a PDF, and have the text on that recognised (OCR)."
        )
    return f"{file} holds no text. Check that it is the right file and that it was saved."

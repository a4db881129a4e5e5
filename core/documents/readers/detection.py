"""What a file's bytes say it is."""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from core.documents.formats import CALLED, FORMAT_OF
from core.documents.readers.encryption import OLE_MAGIC
from core.errors import CorruptFileError, UnsupportedFileError

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"{\\rtf", "rtf"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "a SQLite database"),
)
_MIME_TYPES = {
    b"application/epub+zip": "epub",
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
}
# Names of streams in an OLE container, in small letters.
_OLE_STREAMS = (
    ("__properties_version1.0", "msg"),
    ("workbook", "xls"),
    ("book", "xls"),
    ("worddocument", "an old Word document"),
    ("powerpoint document", "an old PowerPoint presentation"),
)
# The folder in the container that each format keeps its content in.
_TYPES_BYTES = 100_000
_CONTENTS = {
    b"wordprocessingml.document.main": "docx",
    b"presentationml.presentation.main": "pptx",
    b"spreadsheetml.sheet.main": "xlsx",
}
_FOLDERS = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
# What a server sends instead of a download when the visitor has to sign in first.
_HTML_START = re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE)


def check_content(file: str, suffix: str, data: bytes) -> None:
    """Refuse bytes that are plainly not what the name says, before a parser meets them.

    Raises:
        UnsupportedFileError: When they are.
        CorruptFileError: When it begins as a ZIP archive but can't be opened as one.
    """
    named = FORMAT_OF[suffix]
    if named.called:
        suffix = named.suffixes[0]
    # A PDF may have other bytes, such as a mail header, before its own header.
    if suffix == "pdf" and b"%PDF-" in data[:1024]:
        return
    actual = detect_format(file, data)
    if actual == suffix:
        return
    if data.startswith(OLE_MAGIC) and suffix in {"docx", "pptx", "xlsx"} and actual != "msg":
        raise UnsupportedFileError(
            f"{file} is in an Office format from before 2007, although its name ends in .{suffix}. "
            f"Open it and save it as .{suffix}."
        )
    if actual in CALLED:
        if not named.called and FORMAT_OF[actual].is_picture:
            raise UnsupportedFileError(
                f"{file} is {CALLED[actual]}, not text. Upload a text file or a document instead, "
                f"or rename it to end in .{actual}."
            )
        raise UnsupportedFileError(
            f"{file} is {CALLED[actual]}, although its name ends in .{suffix}. "
            f"Rename it to end in .{actual} and upload it again."
        )
    if named.called:
        if _HTML_START.match(data):
            actual = "an HTML page"
        raise UnsupportedFileError(
            f"{file} is {actual or 'something else'}, not {named.called} as its name says. "
            "Check the file and upload it under its own type."
        )
    if actual:
        raise UnsupportedFileError(f"{file} is {actual}, not text. Upload a text file or a document instead.")


def detect_format(file: str, data: bytes) -> str | None:
    """A suffix of `CALLED`, a name for people, or None where the bytes tell nothing.

    Raises:
        CorruptFileError: When it begins as a ZIP archive but can't be opened as one.
    """
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _zip_format(file, data) or "a ZIP archive"
    if data.startswith(OLE_MAGIC):
        return _ole_format(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    # Two letters are not enough.
    if data.startswith(b"BM") and data[2:6] == len(data).to_bytes(4, "little"):
        return "bmp"
    return next((what for magic, what in _SIGNATURES if data.startswith(magic)), None)


def _ole_format(data: bytes) -> str:
    """By the names at the container's top: further in may be documents of other kinds."""
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            names = {entry[0].lower() for entry in ole.listdir() if len(entry) == 1}
    except MemoryError:
        raise
    # Broad on purpose: a damaged container surfaces as whatever the library's code trips over.
    except Exception:
        return "an old Office document"
    return next((kind for name, kind in _OLE_STREAMS if name in names), "an old Office document")


def is_html(data: bytes) -> bool:
    """Whether it begins as a web page."""
    return _HTML_START.match(data) is not None


def _zip_format(file: str, data: bytes) -> str | None:
    """What a ZIP container holds; None where it is a plain archive.

    Raises:
        CorruptFileError: When the container is damaged.
    """
    office = _office_format(file, data)
    with ZipFile(BytesIO(data)) as archive:
        names = set(archive.namelist())
        if office == "xlsx":
            return "xlsb" if "xl/workbook.bin" in names else office
        if office:
            return office
        if "META-INF/container.xml" in names:
            return "epub"
        try:
            with archive.open("mimetype") as stream:
                return _MIME_TYPES.get(stream.read(100).strip())
        # None, a damaged one, or one in a way of packing that is not known.
        except (KeyError, ValueError, BadZipFile, zlib.error, OSError, RuntimeError, EOFError):
            return None


def _office_format(file: str, data: bytes) -> str | None:
    """docx, pptx or xlsx, or None when the ZIP archive is something else.

    Raises:
        CorruptFileError: When it can't be opened.
    """
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    # zipfile lets the last three through when the directory points out of the file or is too new.
    except (BadZipFile, ValueError, OSError, NotImplementedError) as exc:
        raise CorruptFileError(f"{file} is damaged and can't be opened. Upload a new copy of it.") from exc
    # A few programs write them with backslashes, or in capitals.
    plain = [name.replace("\\", "/").lower() for name in names]
    found = (kind for folder, kind in _FOLDERS.items() if any(name.startswith(folder) for name in plain))
    return next(found, None) or _told_format(data)


def _told_format(data: bytes) -> str | None:
    """What an Office file's list of parts says that it is: few programs write these in no folder."""
    try:
        with ZipFile(BytesIO(data)) as archive, archive.open("[Content_Types].xml") as stream:
            types = stream.read(_TYPES_BYTES)
    except (KeyError, ValueError, BadZipFile, zlib.error, OSError, RuntimeError, EOFError):
        return None
    return next((kind for name, kind in _CONTENTS.items() if name in types), None)

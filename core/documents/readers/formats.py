"""What a file's bytes say it is, and what to do with types that can't be read."""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from core.documents.readers.encryption import OLE_MAGIC
from core.documents.readers.office import office_format
from core.errors import UnsupportedFileError

# Types that are no text, by their suffix, as people call them.
BINARY_FORMATS = {
    "pdf": "a PDF document",
    "docx": "a Word document",
    "pptx": "a PowerPoint presentation",
    "xlsx": "an Excel workbook",
    "xls": "an old Excel workbook",
    "xlsb": "a binary Excel workbook",
    "odt": "an OpenDocument text",
    "ods": "an OpenDocument spreadsheet",
    "odp": "an OpenDocument presentation",
    "epub": "an e-book",
    "msg": "an Outlook message",
    "rtf": "an RTF document",
    "png": "a PNG image",
    "jpg": "a JPEG image",
    "tif": "a TIFF image",
    "gif": "a GIF image",
    "bmp": "a bitmap image",
    "webp": "a WebP image",
}
SAME_FORMAT = {"jpeg": "jpg", "tiff": "tif", "docm": "docx", "pptm": "pptx", "xlsm": "xlsx"}
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
# What a server sends instead of a download when the visitor has to sign in first.
_HTML_START = re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE)

_EXPORT_AS_CSV = "Export its tables as .csv and upload those."
_AS_PDF = "Save or print it as a PDF and upload that."
_UNPACK = "Unpack it and upload the files, or pack them as a .zip archive."
_TRANSCRIBE = "Have its words written down and upload the text."
_WAYS_OUT: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("doc", "dot", "wps", "wpd", "abw"),
        ("an old word processor's document", "Save it as .docx in Word or LibreOffice and upload that."),
    ),
    **dict.fromkeys(
        ("ppt", "pps", "pot"),
        ("an old presentation", "Save it as .pptx in PowerPoint or LibreOffice and upload that."),
    ),
    "pages": ("a Pages document", "Export it from Pages as .docx or PDF and upload that."),
    "numbers": ("a Numbers spreadsheet", "Export it from Numbers as .xlsx and upload that."),
    "key": ("a Keynote presentation", "Export it from Keynote as .pptx or PDF and upload that."),
    "one": ("a OneNote section", "Export it from OneNote as .docx or PDF and upload that."),
    **dict.fromkeys(
        ("vsd", "vsdx", "pub", "mpp", "xps", "oxps", "ps", "eps", "djvu", "svg", "ai", "indd", "dwg", "dxf"),
        ("a drawing or print file", _AS_PDF),
    ),
    **dict.fromkeys(
        ("mobi", "azw", "azw3", "kfx", "fb2", "lit"), ("an e-book", "Convert it to .epub and upload that.")
    ),
    **dict.fromkeys(
        ("7z", "rar", "tar", "gz", "tgz", "bz2", "xz", "zst", "cab", "iso", "dmg"), ("an archive", _UNPACK)
    ),
    "zip": ("a ZIP archive", "Add it to a knowledge base, which takes each file in it, or unpack it."),
    **dict.fromkeys(
        ("heic", "heif", "avif", "psd", "raw", "cr2", "nef", "ico"),
        ("a picture", "Save it as .png or .jpg and upload that."),
    ),
    **dict.fromkeys(
        ("mp3", "wav", "m4a", "ogg", "flac", "aac", "wma", "mp4", "mov", "avi", "mkv", "webm", "wmv"),
        ("a recording", _TRANSCRIBE),
    ),
    **dict.fromkeys(
        ("mbox", "pst", "ost"), ("a mailbox", "Save its messages as .eml or .msg and upload those.")
    ),
    **dict.fromkeys(
        (
            "parquet",
            "feather",
            "arrow",
            "sqlite",
            "sqlite3",
            "db",
            "mdb",
            "accdb",
            "sav",
            "dta",
            "rds",
            "dbf",
        ),
        ("a database or data file", _EXPORT_AS_CSV),
    ),
    **dict.fromkeys(
        ("gdoc", "gsheet", "gslides"),
        ("a link to Google Drive", "Open it there, download it as .docx, .xlsx or PDF and upload that."),
    ),
    **dict.fromkeys(
        ("url", "webloc", "lnk", "desktop"),
        ("a link", "Add the address itself, or the file it points to."),
    ),
    **dict.fromkeys(
        ("p7m", "p7s", "gpg", "pgp", "asc"),
        ("an encrypted or signed file", "Decrypt it and upload that."),
    ),
    **dict.fromkeys(("mht", "mhtml"), ("a saved web page", "Save the page as .html or PDF and upload that.")),
}


def way_out(file: str, suffix: str) -> str | None:
    """The sentence for a type that can't be read but turned into one that can; None where none is known."""
    if suffix not in _WAYS_OUT:
        return None
    what, advice = _WAYS_OUT[suffix]
    return f"{file} is {what}, which can't be read. {advice}"


def check_content(file: str, suffix: str, data: bytes) -> None:
    """Refuse bytes that are plainly not what the name says, before a parser meets them.

    Raises:
        UnsupportedFileError: The file's type is not one that is read, or its content is not what its name
            says.
        CorruptFileError: The file is damaged or empty.
    """
    suffix = SAME_FORMAT.get(suffix, suffix)
    wanted = BINARY_FORMATS.get(suffix)
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
    if actual in BINARY_FORMATS:
        if wanted is None and actual in {"png", "jpg", "gif", "tif", "bmp", "webp"}:
            raise UnsupportedFileError(
                f"{file} is {BINARY_FORMATS[actual]}, not text. Upload a text file or a document instead, "
                f"or rename it to end in .{actual}."
            )
        raise UnsupportedFileError(
            f"{file} is {BINARY_FORMATS[actual]}, although its name ends in .{suffix}. "
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


def detect_format(file: str, data: bytes) -> str | None:
    """A suffix of `BINARY_FORMATS`, a name for people, or None where the bytes tell nothing.

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
    office = office_format(file, data)
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

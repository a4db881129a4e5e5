"""The types of files: those that can be read, and what to do with the others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

_PICTURES = "pictures.read_picture"


@dataclass(frozen=True, slots=True)
class Format:
    """A type of file that can be read.

    Attributes:
        suffixes: What the names of such files end in; the first is the usual one.
        reader: The function that reads it: "word.read_docx" is `read_docx` in `readers/word.py`. Imported
            with the first such file, for the app's pages need only to know the types. "" where it needs more
            than a name and bytes: `readers/reader.py` calls those.
        called: As people call such a file; "" where its bytes do not tell what it is. With a name, a file
            that `readers/detection.py` does not know by its bytes is refused.
        part: What its numbered parts are called.
        is_text: Its encoding is found out before it is read.
        may_declare: It may tell its encoding itself, and its reader follows that.
    """

    suffixes: tuple[str, ...]
    reader: str
    called: str = ""
    part: str = "part"
    is_text: bool = False
    may_declare: bool = False

    @property
    def is_picture(self) -> bool:
        """Whether its text has to be recognised."""
        return self.reader == _PICTURES


_CODE = (
    *("log", "yaml", "yml", "toml", "ini", "cfg", "conf", "properties", "sql", "diff", "patch", "py", "js"),
    *("mjs", "ts", "tsx", "jsx", "java", "kt", "scala", "c", "h", "cc", "cpp", "hpp", "cs"),
    *("go", "rs", "rb", "php", "swift", "sh", "bash", "zsh", "ps1", "bat", "pl", "lua", "r"),
    *("jl", "m", "dart", "vue", "css"),
)
# What people upload most comes first.
FORMATS = (
    Format(("pdf",), "", "a PDF document", "page"),
    Format(("docx", "docm"), "word.read_docx", "a Word document"),
    Format(("pptx", "pptm"), "powerpoint.read_pptx", "a PowerPoint presentation", "slide"),
    Format(("xlsx", "xlsm"), "excel.read_xlsx", "an Excel workbook", "sheet"),
    Format(("xls",), "xls.read_xls", "an old Excel workbook", "sheet"),
    Format(("xlsb",), "xlsb.read_xlsb", "a binary Excel workbook", "sheet"),
    Format(("odt",), "opendocument.read_odt", "an OpenDocument text"),
    Format(("ods",), "opendocument.read_ods", "an OpenDocument spreadsheet", "sheet"),
    Format(("odp",), "opendocument.read_odp", "an OpenDocument presentation", "slide"),
    Format(("epub",), "epub.read_epub", "an e-book", "section"),
    Format(("rtf",), "rtf.read_rtf", "an RTF document"),
    Format(("html", "htm", "xhtml"), "html.read_html", is_text=True, may_declare=True),
    Format(("xml",), "xml.read_xml", is_text=True, may_declare=True),
    Format(("png",), _PICTURES, "a PNG image", "page"),
    Format(("jpg", "jpeg"), _PICTURES, "a JPEG image", "page"),
    Format(("tif", "tiff"), _PICTURES, "a TIFF image", "page"),
    Format(("bmp",), _PICTURES, "a bitmap image", "page"),
    Format(("gif",), _PICTURES, "a GIF image", "page"),
    Format(("webp",), _PICTURES, "a WebP image", "page"),
    Format(("txt",), "markdown.read_plain", is_text=True),
    Format(("md", "markdown"), "markdown.read_markdown", is_text=True),
    Format(("csv", "tsv"), "delimited.read_csv", is_text=True),
    Format(("json",), "json.read_json", is_text=True),
    Format(("jsonl", "ndjson"), "json.read_jsonl", is_text=True),
    Format(("ipynb",), "notebook.read_notebook", is_text=True),
    Format(
        ("rst", "tex", "adoc", "org", "wiki", "mediawiki", "srt", "vtt"),
        "lines.read_prose_lines",
        is_text=True,
    ),
    Format(_CODE, "lines.read_code", is_text=True),
    Format(("eml",), ""),
    Format(("msg",), "", "an Outlook message"),
)
FORMAT_OF = {suffix: each for each in FORMATS for suffix in each.suffixes}
SUPPORTED_SUFFIXES = tuple(FORMAT_OF)
# What the bytes of a file can tell, as people call it, by the usual suffix.
CALLED = {each.suffixes[0]: each.called for each in FORMATS if each.called}

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


def suffix_of(file: str) -> str:
    """The suffix of a file's name in small letters, without its dot; "" where it has none."""
    return PurePosixPath(file).suffix.removeprefix(".").lower()


def way_out(file: str, suffix: str) -> str | None:
    """The sentence for a type that can't be read but turned into one that can; None where none is known."""
    if suffix not in _WAYS_OUT:
        return None
    what, advice = _WAYS_OUT[suffix]
    return f"{file} is {what}, which can't be read. {advice}"

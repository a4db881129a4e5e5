"""Word, PowerPoint and Excel files: XML in a ZIP container."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from core.documents.blocks import ReadResult
from core.documents.models import Page
from core.documents.readers.text import join_lines, table_lines
from core.errors import CorruptFileError, DocumentError, FileTooLargeError, UnsupportedFileError

# All parts together. Parsed XML takes several times this in memory; a small file can claim any size.
MAX_UNPACKED_BYTES = 400 * 1024 * 1024

# Excel's own limit of a sheet.
MAX_ROWS = 1_048_576
# Some seconds of reading. A cell far to the right makes its whole row, however empty, as wide.
MAX_CELLS = 10_000_000

# The folder in the container that each format keeps its content in.
_FOLDERS = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
_ENCRYPTED_FLAG = 0x1
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Word writes a text box twice, the second time for programs that don't know the first form.
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Settings, among them the positions of tab stops, which have the same tag as a tab.
_WORD_IGNORED = {_FALLBACK, "pPr", "rPr"}
_WORD_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def office_format(file: str, data: bytes) -> str | None:
    """docx, pptx or xlsx, or None when the ZIP archive is something else.

    Raises: CorruptFileError when it can't be opened.
    """
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    # zipfile lets the last three through when the directory points out of the file or is too new.
    except (BadZipFile, ValueError, OSError, NotImplementedError) as exc:
        raise CorruptFileError(f"{file} is damaged and can't be opened. Upload a new copy of it.") from exc
    found = (kind for folder, kind in _FOLDERS.items() if any(name.startswith(folder) for name in names))
    return next(found, None)


def read_docx(file: str, data: bytes) -> ReadResult:
    """Paragraphs and tables in document order, as one page without a number.

    Raises: CorruptFileError, FileTooLargeError, UnsupportedFileError.
    """
    with _parsing(file, data, "Word"):
        import docx

        body = docx.Document(BytesIO(data)).element.body
        return ReadResult((Page(number=None, text="\n\n".join(_word_blocks(body))),))


def read_pptx(file: str, data: bytes) -> ReadResult:
    """One page per slide: text, tables and groups in their order, then the speaker's notes.

    Raises: CorruptFileError, FileTooLargeError, UnsupportedFileError.
    """
    with _parsing(file, data, "PowerPoint"):
        import pptx

        slides = pptx.Presentation(BytesIO(data)).slides
        pages = (Page(number=number, text=_slide_text(slide)) for number, slide in enumerate(slides, 1))
        return ReadResult(tuple(pages))


def read_xlsx(file: str, data: bytes) -> ReadResult:
    """One page per sheet: its name, then a line per row. Formulas give the value last saved.

    Raises: CorruptFileError, FileTooLargeError, UnsupportedFileError.
    """
    with _parsing(file, data, "Excel"):
        import openpyxl

        # openpyxl warns of features it drops, none of them text. Not `catch_warnings`, which swaps the
        # process-wide filters back and forth and so races with other worker threads.
        warnings.filterwarnings("ignore", module=r"openpyxl\.")
        with closing(openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)) as book:
            pages = (
                Page(number=number, text=_sheet_text(file, sheet))
                for number, sheet in enumerate(book.worksheets, 1)
            )
            return ReadResult(tuple(pages))


@contextmanager
def _parsing(file: str, data: bytes, program: str) -> Iterator[None]:
    """Check the container, then turn whatever the parser throws at its content into our errors."""
    advice = f"Open it in {program}, save it again and upload the new copy."
    try:
        _check_container(file, data)
        yield
    except (DocumentError, MemoryError):
        raise
    # Broad on purpose. The three libraries don't validate: a file that breaks the format surfaces as
    # whatever their code trips over (KeyError, AttributeError, XMLSyntaxError, zlib.error, ...).
    except Exception as exc:
        raise CorruptFileError(f"{file} is damaged and can't be read as a {program} file. {advice}") from exc


def _check_container(file: str, data: bytes) -> None:
    with ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
    if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
        raise UnsupportedFileError(
            f"{file} is packed with a password, not protected by Office. "
            "Save a copy without the password and upload that."
        )
    # A part can't unpack to more than it claims: zipfile stops reading there.
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise FileTooLargeError(
            f"{file} unpacks to more than {MAX_UNPACKED_BYTES // 1024**2} MB. "
            "Remove its images or split it into smaller files."
        )


def _word_blocks(parent: Any) -> Iterator[str]:
    """Text of paragraphs and tables below `parent`, through content controls and tracked insertions."""
    for child in parent:
        if child.tag == f"{_WORD}p":
            text = _word_text(child)
            if text.strip():
                yield text
        elif child.tag == f"{_WORD}tbl":
            rows = "\n".join(_word_rows(child))
            if rows.strip():
                yield rows
        elif child.tag != _FALLBACK:
            yield from _word_blocks(child)


def _word_rows(table: Any) -> Iterator[str]:
    for row in table.iter(f"{_WORD}tr"):
        # `iter` also finds the rows of tables inside cells; those come with their cell.
        if next(row.iterancestors(f"{_WORD}tbl")) is table:
            cells = (" ".join(_word_blocks(cell)) for cell in row.iterchildren(f"{_WORD}tc"))
            yield " | ".join(" ".join(cell.split()) for cell in cells)


def _word_text(node: Any) -> str:
    """Text below a paragraph. Deleted text and field codes have other tags than `w:t` and stay out."""
    parts: list[str] = []
    for child in node:
        name = str(child.tag).removeprefix(_WORD)
        if name == "t":
            parts.append(child.text or "")
        elif name in _WORD_MARKS:
            parts.append(_WORD_MARKS[name])
        elif name == "p":
            # A paragraph of a text box that is anchored here.
            parts.append(f"\n{_word_text(child)}\n")
        elif name not in _WORD_IGNORED:
            parts.append(_word_text(child))
    return "".join(parts)


def _slide_text(slide: Any) -> str:
    blocks = list(_shape_texts(slide.shapes))
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = slide.notes_slide.notes_text_frame.text
        if notes.strip():
            blocks.append(f"Notes: {notes}")
    # PowerPoint stores a line break inside a paragraph as a vertical tab.
    return "\n\n".join(blocks).replace("\v", "\n")


def _shape_texts(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shape_texts(shape.shapes)
        elif shape.has_text_frame and shape.text_frame.text.strip():
            yield shape.text_frame.text
        elif getattr(shape, "has_table", False):
            rows = ([" ".join(cell.text.split()) for cell in row.cells] for row in shape.table.rows)
            yield "\n".join(" | ".join(row) for row in rows)


def _sheet_text(file: str, sheet: Any) -> str:
    # The size that a workbook claims is often wrong, and rows outside of it would be left out.
    sheet.reset_dimensions()
    rows = ([_cell_text(value) for value in row] for row in _sheet_rows(file, sheet))
    text = join_lines(file, table_lines(rows))
    return f"{sheet.title}\n{text}" if text else ""


def _sheet_rows(file: str, sheet: Any) -> Iterator[tuple[object, ...]]:
    """The sheet's rows; the parser fills gaps with empty ones, as many as a number in the file says.

    Raises: CorruptFileError, FileTooLargeError.
    """
    num_cells = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > MAX_ROWS:
            raise CorruptFileError(
                f"{file} is damaged: a sheet claims more than {MAX_ROWS:,} rows, the most that Excel has. "
                "Open it in Excel, save it again and upload the new copy."
            )
        num_cells += len(row)
        if num_cells > MAX_CELLS:
            raise FileTooLargeError(
                f"{file} has a sheet with more than {MAX_CELLS // 10**6} million cells, empty ones included. "
                "Delete the empty columns, or save what matters as .csv and upload that."
            )
        if row:
            yield row


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        # A date without a time is stored as its midnight.
        return str(value.date() if value.time() == dt.time() else value)
    if isinstance(value, float):
        # Excel itself keeps 15 digits; more would show how binary fractions are stored.
        return format(value, ".15g")
    return str(value)

"""Excel workbooks of the kind before 2007, .xls: read by xlrd, which tells how each cell looks."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import olefile
import xlrd
from xlrd.formatting import std_format_strings

from core.documents.blocks import Block, BlockKind, ReadResult
from core.documents.models import Page
from core.documents.readers.cells import NOT_CALCULATED
from core.documents.readers.excel_sheet import (
    ERRORS,
    PLAIN,
    Sheet,
    SheetRow,
    Style,
    number_text,
    only_formulas,
    scripted,
)
from core.documents.readers.limits import char_limit
from core.documents.readers.number_format import BUILT_IN, shown_text
from core.documents.readers.ooxml import embedded_file, one_line
from core.documents.readers.xls_shapes import shape_texts
from core.errors import CorruptFileError, DocumentError, EncryptedFileError
from core.runtime.words import counted

# Where a container keeps the workbook: Excel 97 and newer, Excel 95.
_STREAMS = ("Workbook", "Book")
# What Excel calls the folder of a file of another program.
_EMBEDDED = re.compile(r"MBD[0-9A-F]{8}", re.IGNORECASE)
_HEADER = struct.Struct("<HH")
# Kinds of records.
_FORMULA, _NAME, _NOTE, _PASSWORD, _RECALCULATED, _BEGIN = 0x0006, 0x0018, 0x001C, 0x002F, 0x01C1, 0x0809
# What begins with _BEGIN: a chart.
_CHART = 0x0020
# What no program writes, and xlrd passes over.
_NO_RECORD = b"\xff\x0f"
_EMPTY_TEXT = 3


def read_xls(file: str, data: bytes) -> ReadResult:
    """One page per sheet: its name, then a line per row. Formulas give the value last saved.

    Raises:
        CorruptFileError: The file is damaged.
        EncryptedFileError: The file is protected by a password.
        FileTooLargeError: A sheet has more cells, or the file more text, than is read.
        NoTextError: There is nothing but formulas without a saved value.
    """
    # xlrd refuses comments that Excel takes: the cells shall not be lost with them.
    with suppress(CorruptFileError):
        return _read_or_refuse(file, data, with_comments=True)
    return _read_or_refuse(file, data, with_comments=False)


def _read_or_refuse(file: str, data: bytes, *, with_comments: bool) -> ReadResult:
    try:
        return _read(file, data, with_comments=with_comments)
    except (DocumentError, MemoryError):
        raise
    # Broad on purpose: xlrd does not validate; a damaged file surfaces as whatever its code trips over.
    except Exception as exc:
        raise CorruptFileError(
            f"{file} is damaged and can't be read as an Excel workbook. Save it as .xlsx and upload that."
        ) from exc


def _read(file: str, data: bytes, *, with_comments: bool) -> ReadResult:
    stream, num_embedded = _stream(data)
    survey = _survey(file, stream, with_comments=with_comments)
    # xlrd writes what it finds odd to its log, however much that is.
    with Path(os.devnull).open("w") as nowhere:
        opened = xlrd.open_workbook(
            file_contents=survey.stream,
            logfile=nowhere,
            formatting_info=True,
            on_demand=True,
            ragged_rows=True,
        )
        book = _Book(file, opened, survey.has_no_values)
        pages = tuple(book.pages(shape_texts(stream)))
    if book.num_uncalculated and not book.num_values:
        raise only_formulas(file)
    notes = book.notes(survey.num_charts, 0 if with_comments else survey.num_comments)
    embedded = (counted(num_embedded, *embedded_file("")),) if num_embedded else ()
    return ReadResult(pages, (*notes, *embedded))


def _stream(data: bytes) -> tuple[bytes, int]:
    """The workbook's records, and how many files of other programs are embedded in it."""
    # Not by xlrd, which is stricter about containers than Excel is.
    with olefile.OleFileIO(BytesIO(data)) as ole:
        name = next(name for name in _STREAMS if ole.exists(name))
        found: bytes = ole.openstream(name).read()
        folders = ole.listdir(streams=False, storages=True)
        return found, sum(len(path) == 1 and _EMBEDDED.fullmatch(path[0]) is not None for path in folders)


@dataclass(frozen=True, slots=True)
class _Survey:
    """What is looked up in a workbook before xlrd reads it.

    Attributes:
        has_no_values: No formula was ever calculated: a program that can't wrote it.
    """

    stream: bytes
    has_no_values: bool
    num_charts: int
    num_comments: int


def _survey(file: str, stream: bytes, *, with_comments: bool) -> _Survey:
    """A look at all records of the workbook's stream; what xlrd trips over is taken out of it.

    Raises:
        EncryptedFileError: When the workbook is protected by a password.
    """
    changed = bytearray(stream)
    num_empty = num_calculated = num_charts = num_comments = at = 0
    is_by_excel = False
    while at + 4 <= len(changed):
        kind, size = _HEADER.unpack_from(changed, at)
        content = at + 4
        if kind == _FORMULA and content + 14 <= len(changed):
            has_no_number = changed[content + 12 : content + 14] == b"\xff\xff"
            is_empty = has_no_number and changed[content + 6] == _EMPTY_TEXT
            num_empty += is_empty
            num_calculated += not is_empty
        elif kind == _NAME:
            # Nothing of names is shown, and xlrd trips over the formulas of some.
            changed[at : at + 2] = _NO_RECORD
        elif kind == _NOTE:
            num_comments += 1
            if not with_comments:
                changed[at : at + 2] = _NO_RECORD
        elif kind == _BEGIN:
            num_charts += changed[content + 2 : content + 4] == _CHART.to_bytes(2, "little")
        elif kind == _RECALCULATED:
            is_by_excel = True
        elif kind == _PASSWORD:
            raise EncryptedFileError(
                f"{file} is protected by a password. Save a copy without one and upload that."
            )
        at = content + size
    has_no_values = num_empty > 0 and not num_calculated and not is_by_excel
    return _Survey(bytes(changed), has_no_values, num_charts, num_comments)


class _Book:
    """A workbook of .xls, as xlrd has opened it.

    Args:
        book: xlrd's.
        has_no_values: See `_Survey`.
    """

    def __init__(self, file: str, book: Any, has_no_values: bool) -> None:
        self._file, self._book, self._has_no_values = file, book, has_no_values
        self._is_1904 = book.datemode == 1
        self._count = char_limit(file)
        self.num_uncalculated = self.num_values = 0

    def pages(self, shapes: Mapping[int, Sequence[str]]) -> Iterator[Page]:
        """One for each sheet.

        Args:
            shapes: The texts of its shapes, by its number from 0.
        """
        for at in range(self._book.nsheets):
            source = self._book.sheet_by_index(at)
            sheet = Sheet(self._file, source.name, source.visibility != 0)
            _read_layout(source, sheet)
            drawn = [Block(BlockKind.PARAGRAPH, text) for text in shapes.get(at, ())]
            yield sheet.page(at + 1, self._rows(source, sheet), self._count, drawn)
            self._book.unload_sheet(at)

    def notes(self, num_charts: int, num_comments: int) -> Iterator[str]:
        if self.num_uncalculated:
            yield counted(self.num_uncalculated, "formula", "without a saved value")
        if num_charts:
            yield counted(num_charts, "chart", "not read")
        if num_comments:
            yield counted(num_comments, "comment", "not read")

    @cached_property
    def _styles(self) -> list[Style]:
        styles = []
        for look in self._book.xf_list:
            code = self._book.format_map[look.format_key].format_str
            # Those that the file does not hold itself are shown as in all kinds of workbooks.
            if code == std_format_strings.get(look.format_key):
                code = BUILT_IN.get(look.format_key, code)
            bold = self._book.font_list[look.font_index].bold
            styles.append(Style(code or "General", bool(bold)))
        return styles

    def _rows(self, source: Any, sheet: Sheet) -> Iterator[SheetRow]:
        runs_of = source.rich_text_runlist_map
        for at in range(source.nrows):
            about = source.rowinfo_map.get(at)
            row = SheetRow(sheet, at + 1, is_hidden=about is not None and bool(about.hidden))
            for column, cell in enumerate(source.row(at)):
                style = self._style(cell.xf_index)
                runs = runs_of.get((at, column), ()) if runs_of else ()
                row.add(column, self._text(cell, style, runs), is_bold=style.is_bold)
            if row.cells:
                yield row

    def _style(self, number: int | None) -> Style:
        return self._styles[number] if number is not None and number < len(self._styles) else PLAIN

    def _text(self, cell: Any, style: Style, runs: Any) -> str:
        kind, value = cell.ctype, cell.value
        if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            return ""
        if kind == xlrd.XL_CELL_TEXT and not value:
            self.num_uncalculated += self._has_no_values
            return f"formula {NOT_CALCULATED}" if self._has_no_values else ""
        self.num_values += 1
        if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
            return number_text(value, style.code, self._is_1904)
        if kind == xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if value else "FALSE"
        if kind == xlrd.XL_CELL_ERROR:
            return ERRORS.get(value, "#ERROR")
        if runs:
            fonts = self._book.font_list
            text = scripted(value, [(start, fonts[font].escapement) for start, font in runs])
        else:
            text = one_line(value)
        return text if "@" not in style.code else one_line(shown_text(text, style.code))


def _read_layout(source: Any, sheet: Sheet) -> None:
    for top, end, first, column_end in source.merged_cells:
        sheet.merge(top + 1, end, first, column_end - 1)
    for column, about in source.colinfo_map.items():
        if about.hidden:
            sheet.hide_columns(column, column)
    if source.panes_are_frozen:
        sheet.told_headers.add(source.horz_split_pos)
    for (row, column), note in source.cell_note_map.items():
        if text := one_line(note.text):
            sheet.comments[row + 1, column] = text

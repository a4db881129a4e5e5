"""Binary Excel workbooks, .xlsb: the parts of an .xlsx, of which some are records instead of XML.

The records are those of [MS-XLSB], by the names that they have there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from core.documents.blocks import Block, ReadResult
from core.documents.models import Page
from core.documents.readers.container import parsing
from core.documents.readers.drawing import drawing_blocks
from core.documents.readers.excel import xml_comments
from core.documents.readers.excel_sheet import (
    ERRORS,
    PLAIN,
    Sheet,
    SheetRow,
    Style,
    number_text,
    scripted,
)
from core.documents.readers.limits import char_limit
from core.documents.readers.number_format import BUILT_IN, shown_text
from core.documents.readers.ooxml import Package, Relation, one_line
from core.runtime.words import counted

# Cells, with what each holds.
_ROW, _BLANK, _RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED = 0, 1, 2, 3, 4, 5, 6, 7
_FORMULAS = {8: _TEXT, 9: _REAL, 10: _BOOL, 11: _ERROR}
# The same as 1 to 7, but right of the cell before: they do not say their column.
_SHORT = {12: _BLANK, 13: _RK, 14: _ERROR, 15: _BOOL, 16: _REAL, 17: _TEXT, 18: _SHARED}
_RICH = 62
_CELLS = frozenset([*range(1, 19), _RICH])
# The workbook and its styles.
_BUNDLE_SHEET, _WORKBOOK_PROPERTIES, _SHARED_ITEM = 156, 153, 19
_FONT, _FORMAT, _XF, _BEGIN_CELL_XFS, _END_CELL_XFS = 43, 44, 47, 617, 618
# A sheet besides its cells.
_COLUMN, _PANE, _FILTER, _MERGED, _BEGIN_TABLE = 60, 151, 161, 176, 343
_BEGIN_COMMENT, _COMMENT_TEXT = 635, 637

_U16, _U32, _F64 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<d")
_AREA = struct.Struct("<4I")
_NO_TEXT = 0xFFFFFFFF
_BOLD = 600


def read_xlsb(file: str, data: bytes) -> ReadResult:
    """One page per sheet: its name, then a line per row. Formulas give their value, which is always saved.

    Raises:
        CorruptFileError: When a part that it needs is missing or damaged.
        FileTooLargeError: When its parts unpack to too much, or a sheet has more than is read.
        UnsupportedFileError: When a part is packed with a password.
    """
    with parsing(file, data, "Excel"):
        book = _Book(file, Package(data))
        pages = tuple(book.pages())
        num = book.num_charts_without_data
        return ReadResult(pages, (counted(num, "chart", "without data"),) if num else ())


def _records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """The kind of each record, and where its content starts and ends.

    Raises:
        ValueError: When a record reaches beyond the data.
    """
    at, size = 0, len(data)
    while at < size:
        kind = data[at]
        at += 1
        if kind >= 0x80:
            kind = kind & 0x7F | (data[at] & 0x7F) << 7
            at += 1
        length = 0
        for shift in (0, 7, 14, 21):
            byte = data[at]
            at += 1
            length |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        if at + length > size:
            raise ValueError("a record that reaches beyond its part")
        yield kind, at, at + length
        at += length


def _string(data: bytes, at: int) -> tuple[str, int]:
    """A text, and where it ends.

    Raises:
        ValueError: When the text reaches beyond the data.
    """
    (length,) = _U32.unpack_from(data, at)
    at += 4
    if length == _NO_TEXT:
        return "", at
    end = at + 2 * length
    if end > len(data):
        raise ValueError("a text that reaches beyond its part")
    return data[at:end].decode("utf-16-le", errors="replace"), end


class _Book:
    """A workbook of .xlsb: its texts and styles, which its sheets share."""

    def __init__(self, file: str, package: Package) -> None:
        self._file, self._package = file, package
        self._count = char_limit(file)
        self._main = package.main_part
        self.num_charts_without_data = 0
        self._is_1904 = False
        # Each font's place: 1 is above the line, 2 below.
        self._places: list[int] = []
        self._styles = self._read_styles()
        self._strings = self._read_strings()

    def pages(self) -> Iterator[Page]:
        data = self._package.bytes_of(self._main)
        number = 0
        for kind, at, _ in _records(data):
            if kind == _WORKBOOK_PROPERTIES:
                self._is_1904 = bool(data[at] & 1)
            elif kind == _BUNDLE_SHEET:
                relation, end = self._relation(data, at + 8)
                if relation and relation.kind == "worksheet" and relation.target in self._package:
                    number += 1
                    sheet = Sheet(self._file, _string(data, end)[0], bool(_U32.unpack_from(data, at)[0]))
                    yield self._page(number, sheet, relation.target)

    def _relation(self, data: bytes, at: int) -> tuple[Relation | None, int]:
        """Which part a sheet is, and where the sheet's name starts."""
        relations = self._package.relations(self._main)
        rel_id, end = _string(data, at)
        if rel_id not in relations:
            # Excel 2007 wrote one number more before it was released.
            rel_id, end = _string(data, at + 4)
        return relations.get(rel_id), end

    # --- What all sheets share

    def _read_strings(self) -> list[str]:
        found = self._package.related(self._main, "sharedStrings")
        if not found:
            return []
        data = self._package.bytes_of(found[0])
        return [self._rich_text(data, at) for kind, at, _ in _records(data) if kind == _SHARED_ITEM]

    def _rich_text(self, data: bytes, at: int) -> str:
        text, end = _string(data, at + 1)
        if not data[at] & 1:
            return one_line(text)
        (num_runs,) = _U32.unpack_from(data, end)
        runs = struct.iter_unpack("<HH", data[end + 4 : end + 4 + 4 * num_runs])
        return scripted(text, [(start, self._places[font]) for start, font in runs])

    def _read_styles(self) -> list[Style]:
        found = self._package.related(self._main, "styles")
        if not found:
            return []
        data = self._package.bytes_of(found[0])
        codes = dict(BUILT_IN)
        bold: list[bool] = []
        styles: list[Style] = []
        is_of_cells = False
        for kind, at, _ in _records(data):
            if kind == _FONT:
                bold.append(_U16.unpack_from(data, at + 4)[0] >= _BOLD)
                self._places.append(_U16.unpack_from(data, at + 6)[0])
            elif kind == _FORMAT:
                codes[_U16.unpack_from(data, at)[0]] = _string(data, at + 2)[0]
            elif kind in (_BEGIN_CELL_XFS, _END_CELL_XFS):
                is_of_cells = kind == _BEGIN_CELL_XFS
            elif kind == _XF and is_of_cells:
                _, code, font = struct.unpack_from("<3H", data, at)
                styles.append(Style(codes.get(code, "General"), font < len(bold) and bold[font]))
        return styles

    # --- One sheet

    def _page(self, number: int, sheet: Sheet, part: str) -> Page:
        data = self._package.bytes_of(part)
        self._read_layout(data, sheet)
        for table in self._package.related(part, "table"):
            self._read_table(self._package.bytes_of(table), sheet)
        sheet.comments = xml_comments(self._package, part, "threadedComment") or self._comments(part)
        drawn: list[Block] = []
        for drawing in self._package.related(part, "drawing"):
            blocks, num_without = drawing_blocks(self._package, drawing)
            drawn += blocks
            self.num_charts_without_data += num_without
        return sheet.page(number, self._rows(data, sheet), self._count, drawn)

    def _read_layout(self, data: bytes, sheet: Sheet) -> None:
        for kind, at, _ in _records(data):
            if kind == _MERGED:
                top, bottom, first, last = _AREA.unpack_from(data, at)
                sheet.merge(top + 1, bottom + 1, first, last)
            elif kind == _FILTER:
                sheet.told_headers.add(_U32.unpack_from(data, at)[0] + 1)
            elif kind == _COLUMN and data[at + 16] & 1:
                sheet.hide_columns(*struct.unpack_from("<2I", data, at))
            elif kind == _PANE and data[at + 28] & 3:
                sheet.told_headers.add(int(_F64.unpack_from(data, at + 8)[0]))

    def _read_table(self, data: bytes, sheet: Sheet) -> None:
        for kind, at, _ in _records(data):
            if kind == _BEGIN_TABLE and _U32.unpack_from(data, at + 24)[0]:
                sheet.told_headers.add(_U32.unpack_from(data, at)[0] + 1)

    def _comments(self, part: str) -> dict[tuple[int, int], str]:
        found: dict[tuple[int, int], str] = {}
        for name in self._package.related(part, "comments"):
            data = self._package.bytes_of(name)
            row = column = 0
            for kind, at, _ in _records(data):
                if kind == _BEGIN_COMMENT:
                    row, _, column, _ = _AREA.unpack_from(data, at + 4)
                elif kind == _COMMENT_TEXT and (text := self._rich_text(data, at)):
                    found[row + 1, column] = text
        return found

    def _rows(self, data: bytes, sheet: Sheet) -> Iterator[SheetRow]:
        row = SheetRow(sheet, 0)
        column = -1
        for kind, at, _ in _records(data):
            if kind == _ROW:
                if row.number:
                    yield row
                row = SheetRow(sheet, _U32.unpack_from(data, at)[0] + 1, is_hidden=bool(data[at + 11] & 0x10))
                column = -1
            elif kind in _CELLS:
                if kind in _SHORT:
                    column, at, kind = column + 1, at - 4, _SHORT[kind]
                else:
                    (column,) = _U32.unpack_from(data, at)
                style = self._style(_U32.unpack_from(data, at + 4)[0] & 0xFFFFFF)
                text = self._text(_FORMULAS.get(kind, kind), data, at + 8, style)
                row.add(column, text, is_bold=style.is_bold)
        if row.number:
            yield row

    def _style(self, number: int) -> Style:
        return self._styles[number] if number < len(self._styles) else PLAIN

    def _text(self, kind: int, data: bytes, at: int, style: Style) -> str:
        """What a cell shows; at: where its value is."""
        if kind == _BLANK:
            return ""
        if kind == _ERROR:
            return ERRORS.get(data[at], "#ERROR")
        if kind == _BOOL:
            return "TRUE" if data[at] else "FALSE"
        if kind in (_RK, _REAL):
            value = _F64.unpack_from(data, at)[0] if kind == _REAL else _rk(_U32.unpack_from(data, at)[0])
            return number_text(value, style.code, self._is_1904)
        if kind == _SHARED:
            text = self._strings[_U32.unpack_from(data, at)[0]]
        else:
            text = self._rich_text(data, at) if kind == _RICH else one_line(_string(data, at)[0])
        return text if "@" not in style.code else one_line(shown_text(text, style.code))


def _rk(packed: int) -> float:
    """A number of which only what matters is kept: 30 bits of a whole one or of a float's upper half."""
    if packed & 2:
        value = float(packed >> 2) if packed < 1 << 31 else float((packed >> 2) - (1 << 30))
    else:
        (value,) = _F64.unpack(_U32.pack(0) + _U32.pack(packed & 0xFFFFFFFC))
    return value / 100 if packed & 1 else value

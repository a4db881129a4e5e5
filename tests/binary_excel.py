"""Binary Excel workbooks, .xlsb, built in memory for tests: an .xlsx whose parts are made records."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.documents import build_zip

_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_ERRORS = {"#DIV/0!": 0x07, "#N/A": 0x2A}


@dataclass(frozen=True)
class Cell:
    """A cell with how it is stored.

    Attributes:
        code: Its number format.
        kind: shared, rich, formula or rk: as a record of that kind; short: without its column; "": by value.
        raised: Letters of it that stand above the line, from the first one to behind the last.
    """

    value: object
    code: str = "General"
    kind: str = ""
    is_bold: bool = False
    raised: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class BinarySheet:
    """A sheet. Rows and columns are counted from 0; areas are first row, last row, first and last column."""

    name: str
    rows: Sequence[Sequence[object]]
    is_hidden: bool = False
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    merged: Sequence[tuple[int, int, int, int]] = ()
    filtered: tuple[int, int, int, int] | None = None
    table: tuple[int, int, int, int] | None = None
    num_frozen_rows: int = 0
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)


def record(kind: int, content: bytes = b"") -> bytes:
    """A record with its kind and its length before it, each in as few bytes as it takes."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length = len(content)
    while length >= 0x80:
        head += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + bytes([length]) + content


def build_xlsb(sheets: Sequence[BinarySheet], *, is_1904: bool = False) -> bytes:
    parts: dict[str, bytes] = {"_rels/.rels": _relations({"r1": ("officeDocument", "xl/workbook.bin")})}
    styles, strings = _Styles(), list[str]()
    targets = {"s": ("styles", "styles.bin"), "t": ("sharedStrings", "sharedStrings.bin")}
    book = record(131) + record(153, struct.pack("<III", is_1904, 0, 0)) + record(143)
    for number, sheet in enumerate(sheets, 1):
        name = f"worksheets/sheet{number}.bin"
        targets[f"r{number}"] = ("worksheet", name)
        about = struct.pack("<II", sheet.is_hidden, number) + _string(f"r{number}") + _string(sheet.name)
        book += record(156, about)
        parts[f"xl/{name}"] = _sheet(sheet, styles, strings)
        parts |= _beside(number, sheet)
    parts["xl/workbook.bin"] = book + record(144) + record(132)
    parts["xl/_rels/workbook.bin.rels"] = _relations(targets)
    parts["xl/styles.bin"] = styles.part()
    items = b"".join(record(19, b"\0" + _string(text)) for text in strings)
    counts = struct.pack("<II", len(strings), len(strings))
    parts["xl/sharedStrings.bin"] = record(159, counts) + items + record(160)
    return build_zip(parts)


def _relations(targets: Mapping[str, tuple[str, str]]) -> bytes:
    inner = "".join(
        f'<Relationship Id="{name}" Type="{_TYPES}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}">{inner}</Relationships>'.encode()


def _string(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


class _Styles:
    """Fonts: plain, bold, above the line. Formats are numbered as they come."""

    def __init__(self) -> None:
        self._codes = ["General"]
        self._looks = [("General", False)]

    def number(self, code: str, is_bold: bool) -> int:
        if code not in self._codes:
            self._codes.append(code)
        if (code, is_bold) not in self._looks:
            self._looks.append((code, is_bold))
        return self._looks.index((code, is_bold))

    def part(self) -> bytes:
        fonts = b"".join(
            record(43, struct.pack("<4H", 220, 0, weight, place) + bytes(13) + _string("Calibri"))
            for weight, place in ((400, 0), (700, 0), (400, 1))
        )
        formats = b"".join(
            record(44, struct.pack("<H", 163 + number) + _string(code))
            for number, code in enumerate(self._codes)
            if number
        )
        looks = b"".join(
            _look(163 + self._codes.index(code) if code != "General" else 0, is_bold)
            for code, is_bold in self._looks
        )
        return (
            _counted(611, 3, fonts)
            + _counted(615, len(self._codes) - 1, formats)
            # Looks of named styles stand before those of cells and are not theirs.
            + _counted(626, 1, _look(9, True))
            + _counted(617, len(self._looks), looks)
        )


def _counted(kind: int, num: int, records: bytes) -> bytes:
    """Records between one that says how many they are and one that ends them."""
    return record(kind, struct.pack("<I", num)) + records + record(kind + 1)


def _look(code: int, is_bold: bool) -> bytes:
    return record(47, struct.pack("<3H", 0, code, is_bold) + bytes(10))


def _sheet(sheet: BinarySheet, styles: _Styles, strings: list[str]) -> bytes:
    data = record(129)
    if sheet.num_frozen_rows:
        data += record(151, struct.pack("<2d3IB", 0, sheet.num_frozen_rows, sheet.num_frozen_rows, 0, 2, 1))
    for column in sheet.hidden_columns:
        data += record(60, struct.pack("<4IH", column, column, 2000, 0, 1))
    data += record(145)
    for row, values in enumerate(sheet.rows):
        if not values:
            continue
        flags = 0x10 if row in sheet.hidden_rows else 0
        data += record(0, struct.pack("<IIH3BI", row, 0, 300, 0, flags, 0, 0))
        for column, value in enumerate(values):
            if value is not None:
                cell = value if isinstance(value, Cell) else Cell(value)
                data += _cell(column, cell, styles.number(cell.code, cell.is_bold), strings)
    data += record(146)
    if sheet.filtered:
        data += record(161, struct.pack("<4I", *sheet.filtered)) + record(162)
    for area in sheet.merged:
        data += record(176, struct.pack("<4I", *area))
    return data + record(130)


def _cell(column: int, cell: Cell, style: int, strings: list[str]) -> bytes:
    number, content = _content(cell, strings)
    if cell.kind == "short":
        return record(number + 11, struct.pack("<I", style) + content)
    if cell.kind == "formula":
        # Behind the value: flags, and a formula of no tokens.
        number, content = {6: 8, 5: 9, 4: 10, 3: 11}[number], content + struct.pack("<HII", 0, 0, 0)
    return record(number, struct.pack("<II", column, style) + content)


def _content(cell: Cell, strings: list[str]) -> tuple[int, bytes]:
    value = cell.value
    if isinstance(value, bool):
        return 4, bytes([value])
    if isinstance(value, int | float):
        return (2, struct.pack("<I", _rk(value))) if cell.kind == "rk" else (5, struct.pack("<d", value))
    text = str(value)
    if text in _ERRORS:
        return 3, bytes([_ERRORS[text]])
    if cell.kind == "shared":
        strings.append(text)
        return 7, struct.pack("<I", len(strings) - 1)
    if cell.kind == "rich":
        start, end = cell.raised
        runs = struct.pack("<I4H", 2, start, 2, end, 0)
        return 62, b"\1" + _string(text) + runs
    return 6, _string(text)


def _rk(value: float) -> int:
    """A whole number, or one with two decimals, in 30 bits."""
    if value == int(value):
        return (int(value) << 2 | 2) & 0xFFFFFFFF
    return (round(value * 100) << 2 | 3) & 0xFFFFFFFF


def _beside(number: int, sheet: BinarySheet) -> dict[str, bytes]:
    """The parts of a sheet with its comments and its table."""
    parts: dict[str, bytes] = {}
    targets: dict[str, tuple[str, str]] = {}
    if sheet.comments:
        targets["c"] = ("comments", f"../comments{number}.bin")
        parts[f"xl/comments{number}.bin"] = b"".join(
            record(635, struct.pack("<5I", 0, row, row, column, column) + bytes(16))
            + record(637, b"\0" + _string(text))
            for (row, column), text in sheet.comments.items()
        )
    if sheet.table:
        targets["t"] = ("table", f"../tables/table{number}.bin")
        parts[f"xl/tables/table{number}.bin"] = record(343, struct.pack("<7I", *sheet.table, 0, 1, 1))
    if targets:
        parts[f"xl/worksheets/_rels/sheet{number}.bin.rels"] = _relations(targets)
    return parts

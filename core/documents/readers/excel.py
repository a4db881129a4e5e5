"""Excel workbooks: a page a sheet, its values as a person sees them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from typing import Any

from core.documents.blocks import Block, ReadResult
from core.documents.models import Page
from core.documents.readers.cells import NOT_CALCULATED
from core.documents.readers.container import parsing
from core.documents.readers.drawing import drawing_blocks
from core.documents.readers.excel_sheet import (
    MAX_COLUMNS,
    PLAIN,
    Sheet,
    SheetRow,
    Style,
    only_formulas,
)
from core.documents.readers.limits import char_limit
from core.documents.readers.number_format import BUILT_IN, general, shown, shown_text
from core.documents.readers.ooxml import Package, embedded_file, is_on, local, one_line, rel_key
from core.documents.readers.scripts import down, finished, up
from core.runtime.words import counted

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_EMBEDDED = re.compile(rb'<(?:\w+:)?oleObject(?=[^>]*?\bprogId="([^"]*)")?(?=[^>]*?\bshapeId="([^"]*)")')
_FILTER = re.compile(rb'<(?:\w+:)?autoFilter\b[^>]*?\bref="\$?[A-Z]+\$?(\d+)')
_REF = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
_DIGITS = "0123456789"


def read_xlsx(file: str, data: bytes) -> ReadResult:
    """One page per sheet: its name, then a line per row. Formulas give the value last saved.

    Raises:
        CorruptFileError: When a part that it needs is missing or damaged.
        FileTooLargeError: When its parts unpack to too much, or a sheet has more than is read.
        UnsupportedFileError: When a part is packed with a password.
        NoTextError: When there is nothing but formulas without a saved value.
    """
    with parsing(file, data, "Excel"):
        book = _Book(file, Package(data))
        pages = tuple(book.pages())
        if book.num_uncalculated and not book.num_values:
            raise only_formulas(file)
        return ReadResult(pages, tuple(book.notes()))


class _Book:
    """A workbook of .xlsx: its texts and styles, which its sheets share, and counts of what is not read."""

    def __init__(self, file: str, package: Package) -> None:
        self._file, self._package = file, package
        self.num_uncalculated = self.num_values = self._num_charts_without_data = 0
        # What is not read, as `counted` takes it.
        self._embedded: Counter[tuple[str, str]] = Counter()
        self._count = char_limit(file)
        self._main = package.main_part
        self._root = package.xml(self._main)
        properties = self._root.find("{*}workbookPr")
        self._is_1904 = (
            properties is not None and is_on(properties, "date1904") and "date1904" in properties.attrib
        )
        self._strings = self._read_strings()
        self._styles = self._read_styles()
        # By value and format: a sheet has the same few numbers again and again.
        self._shown: dict[tuple[str, str], str] = {}

    def pages(self) -> Iterator[Page]:
        number = 0
        for sheet in self._root.iterfind("{*}sheets/{*}sheet"):
            part = self._package.target(self._main, sheet.get(rel_key("id")))
            if part is None or part not in self._package or not self._is_worksheet(sheet):
                continue
            number += 1
            yield self._page(number, sheet.get("name", ""), sheet.get("state", "visible"), part)

    def notes(self) -> Iterator[str]:
        if num := self.num_uncalculated:
            yield counted(num, "formula", "without a saved value")
        if num := self._num_charts_without_data:
            yield counted(num, "chart", "without data")
        for what, num in self._embedded.items():
            yield counted(num, *what)

    def _is_worksheet(self, sheet: Any) -> bool:
        relation = self._package.relations(self._main)[sheet.get(rel_key("id"))]
        return relation.kind == "worksheet"

    # --- What all sheets share

    def _read_strings(self) -> list[str]:
        from lxml import etree

        found = self._package.related(self._main, "sharedStrings")
        if not found:
            return []
        strings = []
        for _, item in etree.iterparse(
            BytesIO(self._package.bytes_of(found[0])), tag="{*}si", huge_tree=True, resolve_entities=False
        ):
            strings.append(_rich_text(item))
            item.clear()
        return strings

    def _read_styles(self) -> list[Style]:
        found = self._package.related(self._main, "styles")
        root = self._package.xml_or_none(found[0]) if found else None
        if root is None:
            return []
        codes = dict(BUILT_IN)
        for entry in root.iterfind("{*}numFmts/{*}numFmt"):
            codes[int(entry.get("numFmtId", 0))] = entry.get("formatCode", "General")
        bold = [is_on(font.find("{*}b"), "val") for font in root.iterfind("{*}fonts/{*}font")]
        styles = []
        for entry in root.iterfind("{*}cellXfs/{*}xf"):
            font = int(entry.get("fontId", 0))
            code = codes.get(int(entry.get("numFmtId", 0)), "General")
            styles.append(Style(code, font < len(bold) and bold[font]))
        return styles

    # --- One sheet

    def _page(self, number: int, title: str, state: str, part: str) -> Page:
        data = self._package.bytes_of(part)
        sheet = Sheet(self._file, title, state != "visible")
        self._read_layout(sheet, part, data)
        drawn: list[Block] = []
        for drawing in self._package.related(part, "drawing"):
            blocks, num_without = drawing_blocks(self._package, drawing)
            drawn += blocks
            self._num_charts_without_data += num_without
        return sheet.page(number, self._rows(data, sheet), self._count, drawn)

    def _read_layout(self, sheet: Sheet, part: str, data: bytes) -> None:
        end = max(0, data.rfind(b"sheetData"))
        for first, top, last, bottom in _MERGE.findall(data, end):
            sheet.merge(int(top), int(bottom), column_of(first.decode()), column_of(last.decode()))
        sheet.told_headers.update(int(row) for row in _FILTER.findall(data, end))
        for table in self._package.related(part, "table"):
            root = self._package.xml_or_none(table)
            place = _REF.match(root.get("ref", "")) if root is not None else None
            if place and root.get("headerRowCount", "1") != "0":
                sheet.told_headers.add(int(place[2]))
        # Each is there twice, for programs of different age.
        programs = {shape: program for program, shape in _EMBEDDED.findall(data, end)}
        self._embedded.update(embedded_file(program.decode()) for program in programs.values())
        threads = xml_comments(self._package, part, "threadedComment")
        sheet.comments = threads or xml_comments(self._package, part, "comments")

    def _rows(self, data: bytes, sheet: Sheet) -> Iterator[SheetRow]:
        from lxml import etree

        last = 0
        tags = ("{*}row", "{*}col", "{*}pane")
        for _, element in etree.iterparse(BytesIO(data), tag=tags, huge_tree=True, resolve_entities=False):
            name = local(element)
            if name != "row":
                _note_setting(name, element, sheet)
                continue
            last = int(element.get("r", last + 1))
            row = SheetRow(sheet, last, is_hidden=element.get("hidden") in {"1", "true"})
            for cell in element:
                self._add_cell(cell, row)
            # What was read is not needed any more, nor are the rows before it.
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
            yield row

    def _add_cell(self, cell: Any, row: SheetRow) -> None:
        place = cell.get("r")
        column = len(row.cells) if place is None else column_of(place.rstrip(_DIGITS))
        style = self._style_of(cell)
        row.add(column, self._text(cell, style), is_bold=style.is_bold)

    def _style_of(self, cell: Any) -> Style:
        number = cell.get("s")
        if number is None:
            return PLAIN
        at = int(number)
        return self._styles[at] if at < len(self._styles) else PLAIN

    def _text(self, cell: Any, style: Style) -> str:
        value = formula = None
        for child in cell:
            tag = child.tag
            if tag.endswith("}v"):
                value = child.text
            elif tag.endswith("}f"):
                formula = child
            elif tag.endswith("}is"):
                return _counted(self, _rich_text(child))
        kind = cell.get("t", "n")
        if value is None:
            if formula is None or kind == "str":
                return ""
            self.num_uncalculated += 1
            return f"={one_line(formula.text or '')} {NOT_CALCULATED}"
        self.num_values += 1
        return self._value(kind, value, style)

    def _value(self, kind: str, value: str, style: Style) -> str:
        code = style.code
        if kind == "n":
            return self._number(value, code)
        if kind == "s":
            text = self._strings[int(value)]
            return text if "@" not in code else one_line(shown_text(text, code))
        if kind == "b":
            return "FALSE" if value.strip() in {"0", "false"} else "TRUE"
        if kind == "d":
            return value.removesuffix("T00:00:00").replace("T", " ")
        return one_line(value)

    def _number(self, value: str, code: str) -> str:
        if code == "General" and len(value) < 16 and value.isdecimal():
            return value
        key = value, code
        text = self._shown.get(key)
        if text is None:
            number = float(value)
            text = general(number) if code == "General" else shown(number, code, is_1904=self._is_1904)
            if len(self._shown) < 200_000:
                self._shown[key] = text
        return text


def _counted(book: _Book, text: str) -> str:
    book.num_values += bool(text)
    return text


@lru_cache(maxsize=MAX_COLUMNS)
def column_of(letters: str) -> int:
    """A column's place from 0, of "A" or "BC"."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def xml_comments(package: Package, part: str, kind: str) -> dict[tuple[int, int], str]:
    """The comments of a sheet by row and column; kind: comments or threadedComment."""
    found: dict[tuple[int, int], list[str]] = {}
    for name in package.related(part, kind):
        root = package.xml_or_none(name)
        if root is None:
            continue
        for comment in root.iter("{*}comment", "{*}threadedComment"):
            place = _REF.match(comment.get("ref", ""))
            text = one_line("".join(comment.itertext("{*}t", "{*}text")))
            if place and text:
                found.setdefault((int(place[2]), column_of(place[1])), []).append(text)
    return {place: "; ".join(texts) for place, texts in found.items()}


def _note_setting(name: str, element: Any, sheet: Sheet) -> None:
    if name == "pane" and element.get("state", "").startswith("frozen"):
        sheet.told_headers.add(int(float(element.get("ySplit", 0))))
    elif name == "col" and element.get("hidden") in {"1", "true"}:
        sheet.hide_columns(int(element.get("min", 1)) - 1, int(element.get("max", 1)) - 1)


def _rich_text(item: Any) -> str:
    """The text of a string that may have runs in different looks; how Japanese is pronounced stays out."""
    if len(item) == 1 and item[0].tag.endswith("}t"):
        return one_line(item[0].text or "")
    parts = []
    for child in item:
        name = local(child)
        if name == "t":
            parts.append(child.text or "")
        elif name == "r":
            text = "".join(child.itertext("{*}t"))
            align = child.find("{*}rPr/{*}vertAlign")
            place = "" if align is None else align.get("val", "")
            wrap = {"superscript": up, "subscript": down}.get(place)
            parts.append(wrap(text) if wrap else text)
    return one_line(finished("".join(parts)))

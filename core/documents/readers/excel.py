"""Excel workbooks: a page a sheet, its values as a person sees them."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.models import Page
from core.documents.readers.cells import NOT_CALCULATED
from core.documents.readers.drawing import drawing_blocks
from core.documents.readers.number_format import BUILT_IN, general, shown, shown_text
from core.documents.readers.office import parsing
from core.documents.readers.ooxml import Package, is_on, local, one_line, rel_key
from core.documents.readers.scripts import down, finished, up
from core.documents.readers.tables import ACROSS, Hints, char_limit, sheet_blocks
from core.errors import CorruptFileError, FileTooLargeError, NoTextError

# Excel's own limit of a sheet.
MAX_ROWS = 1_048_576
# Some seconds of reading. A cell far to the right makes its whole row, however empty, as wide.
MAX_CELLS = 10_000_000
# A merged cell that reaches further is a title.
MAX_MERGED_COLUMNS = 256
# Bold rows are looked for among the first ones: further down they are sums.
MAX_BOLD_ROWS = 40
HIDDEN_ROW = "(hidden row)"

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_FILTER = re.compile(rb'<(?:\w+:)?autoFilter\b[^>]*?\bref="\$?[A-Z]+\$?(\d+)')
_REF = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
_DIGITS = "0123456789"


def read_xlsx(file: str, data: bytes) -> ReadResult:
    """One page per sheet: its name, then a line per row. Formulas give the value last saved.

    Raises:
        CorruptFileError: The file is damaged or empty.
        FileTooLargeError: The file, or what it unpacks to, is over the limit.
        UnsupportedFileError: The file's type is not one that is read, or its content is not what its name
            says.
        NoTextError: The file was read but holds no text, such as a scan.
    """
    with parsing(file, data, "Excel"):
        book = _Book(file, Package(data))
        pages = tuple(book.pages())
        if book.num_uncalculated and not book.num_values:
            raise NoTextError(
                f"{file} holds only formulas without a saved value. "
                "Open it in Excel, save it, which calculates them, and upload the new copy."
            )
        return ReadResult(pages, tuple(book.notes()))


@dataclass(frozen=True, slots=True)
class _Style:
    code: str
    is_bold: bool


@dataclass(slots=True)
class _Merge:
    last_row: int
    first: int
    last: int
    text: str = ""


@dataclass(slots=True)
class _Layout:
    """What a sheet says besides its cells.

    Attributes:
        told_headers: Numbers of rows as Excel counts them.
    """

    merges: dict[int, list[_Merge]]
    comments: dict[tuple[int, int], str]
    told_headers: set[int]
    used_columns: set[int] = field(default_factory=set)
    hints: Hints = field(default_factory=Hints)


class _Book:
    def __init__(self, file: str, package: Package) -> None:
        self._file, self._package = file, package
        self.num_uncalculated = self.num_values = self._num_charts_without_data = 0
        self._count = char_limit(file)
        self._main = package.main_part
        self._root = package.xml(self._main)
        properties = self._root.find("{*}workbookPr")
        self._is_1904 = (
            properties is not None and is_on(properties, "date1904") and "date1904" in properties.attrib
        )
        self._strings = self._read_strings()
        self._styles = self._read_styles()
        self._columns: dict[str, int] = {}
        # Milvus Lite and people see the same few numbers again and again.
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
            yield f"{num:,} formula{'s' if num > 1 else ''} without a saved value"
        if num := self._num_charts_without_data:
            yield f"{num:,} chart{'s' if num > 1 else ''} without data"

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

    def _read_styles(self) -> list[_Style]:
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
            styles.append(_Style(code, font < len(bold) and bold[font]))
        return styles

    # --- One sheet

    def _page(self, number: int, title: str, state: str, part: str) -> Page:
        data = self._package.bytes_of(part)
        layout = self._layout(part, data)
        rows = self._rows(data, layout)
        blocks = list(sheet_blocks(rows, hints=layout.hints, count_chars=self._count))
        hidden = sorted(layout.hints.hidden_columns & layout.used_columns)
        if hidden:
            names = ", ".join(map(_letters, hidden[:50]))
            blocks.insert(0, Block(BlockKind.NOTE, f"Hidden columns: {names}"))
        for (row, column), text in sorted(layout.comments.items()):
            blocks.append(Block(BlockKind.NOTE, f"Comment on {_letters(column)}{row}: {text}"))
        for drawing in self._package.related(part, "drawing"):
            drawn, num_without = drawing_blocks(self._package, drawing)
            blocks += drawn
            self._num_charts_without_data += num_without
        if blocks:
            mark = "" if state == "visible" else " (hidden sheet)"
            blocks.insert(0, Block(BlockKind.HEADING, f"{one_line(title)}{mark}", level=1))
        return page_of(number, blocks, label=f"sheet {one_line(title)}")

    def _layout(self, part: str, data: bytes) -> _Layout:
        end = max(0, data.rfind(b"sheetData"))
        merges: dict[int, list[_Merge]] = {}
        for first, top, last, bottom in _MERGE.findall(data, end):
            merge = _Merge(int(bottom), self._column(first.decode()), self._column(last.decode()))
            merges.setdefault(int(top), []).append(merge)
        headers = {int(row) for row in _FILTER.findall(data, end)}
        for table in self._package.related(part, "table"):
            root = self._package.xml_or_none(table)
            place = _REF.match(root.get("ref", "")) if root is not None else None
            if place and root.get("headerRowCount", "1") != "0":
                headers.add(int(place[2]))
        return _Layout(merges, self._comments(part), headers)

    def _comments(self, part: str) -> dict[tuple[int, int], str]:
        found: dict[tuple[int, int], list[str]] = {}
        threads = self._package.related(part, "threadedComment")
        for name in threads or self._package.related(part, "comments"):
            root = self._package.xml_or_none(name)
            if root is None:
                continue
            for comment in root.iter("{*}comment", "{*}threadedComment"):
                place = _REF.match(comment.get("ref", ""))
                text = one_line("".join(comment.itertext("{*}t", "{*}text")))
                if place and text:
                    found.setdefault((int(place[2]), self._column(place[1])), []).append(text)
        return {place: "; ".join(texts) for place, texts in found.items()}

    def _rows(self, data: bytes, layout: _Layout) -> Iterator[list[str]]:
        """The sheet's rows with what merged cells cover; of empty ones, however many, one."""
        hints = layout.hints
        numbers = array("L")
        hints.row_numbers = numbers
        num_out = last = 0
        active: list[_Merge] = []
        previous_bold: int | None = None
        for row, cells, is_bold, is_hidden in self._own_rows(data, layout):
            has_own = any(cells)
            active = _merged(row, cells, layout.merges, active)
            is_gap, last = row > last + 1 and num_out > 0, row
            if is_gap:
                num_out += 1
                numbers.append(row - 1)
                yield []
            if not has_own and any(cells):
                continue
            if is_hidden and has_own:
                hints.marks[num_out] = HIDDEN_ROW
            if row in layout.told_headers:
                hints.header_rows.add(num_out)
            if row <= MAX_BOLD_ROWS and has_own:
                if previous_bold is not None and not is_bold:
                    hints.likely_rows.add(previous_bold)
                previous_bold = num_out if is_bold else None
            num_out += 1
            numbers.append(row)
            yield cells

    def _own_rows(self, data: bytes, layout: _Layout) -> Iterator[tuple[int, list[str], bool, bool]]:
        """The rows that a sheet has: number, texts, whether all are bold, and whether it is hidden.

        Raises:
            CorruptFileError: The file is damaged or empty.
            FileTooLargeError: The file, or what it unpacks to, is over the limit.
        """
        from lxml import etree

        num_cells = last = 0
        tags = ("{*}row", "{*}col", "{*}pane")
        for _, element in etree.iterparse(BytesIO(data), tag=tags, huge_tree=True, resolve_entities=False):
            name = local(element)
            if name != "row":
                self._note_setting(name, element, layout)
                continue
            last = int(element.get("r", last + 1))
            self._check_row(last)
            cells, is_bold = self._cells(last, element, layout)
            num_cells += len(cells)
            if num_cells > MAX_CELLS:
                raise self._too_wide()
            is_hidden = element.get("hidden") in {"1", "true"}
            # What was read is not needed any more, nor are the rows before it.
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
            yield last, cells, is_bold, is_hidden

    def _note_setting(self, name: str, element: Any, layout: _Layout) -> None:
        if name == "pane" and element.get("state", "").startswith("frozen"):
            layout.told_headers.add(int(float(element.get("ySplit", 0))))
        elif name == "col" and element.get("hidden") in {"1", "true"}:
            first, last = int(element.get("min", 1)), int(element.get("max", 1))
            layout.hints.hidden_columns.update(range(first - 1, min(last, first + MAX_MERGED_COLUMNS)))

    def _check_row(self, row: int) -> None:
        if not 0 < row <= MAX_ROWS:
            raise CorruptFileError(
                f"{self._file} is damaged: a sheet claims more than {MAX_ROWS:,} rows, the most that Excel "
                "has. Open it in Excel, save it again and upload the new copy."
            )

    def _too_wide(self) -> FileTooLargeError:
        return FileTooLargeError(
            f"{self._file} has a sheet with more than {MAX_CELLS // 10**6} million cells, empty ones "
            "included. Delete the empty columns, or save what matters as .csv and upload that."
        )

    def _column(self, letters: str) -> int:
        """A column's place from 0, of "A" or "BC"."""
        found = self._columns.get(letters)
        if found is None:
            found = 0
            for letter in letters:
                found = found * 26 + ord(letter) - 64
            self._columns[letters] = found = found - 1
        return found

    def _cells(self, row: int, element: Any, layout: _Layout) -> tuple[list[str], bool]:
        """A row's texts, and whether all of them are bold."""
        cells: list[str] = []
        num_filled = num_bold = 0
        comments = layout.comments
        for cell in element:
            place = cell.get("r")
            column = len(cells) if place is None else self._column(place.rstrip(_DIGITS))
            style = self._style_of(cell)
            text = self._text(cell, style)
            if comments and (row, column) in comments:
                text = f"{text} [comment: {comments.pop((row, column))}]".lstrip()
            if column >= len(cells):
                if column > len(cells):
                    if column > 16_383:
                        raise ValueError("a column that Excel does not have")
                    cells.extend([""] * (column - len(cells)))
                cells.append(text)
            else:
                cells[column] = text
            if text:
                num_filled += 1
                num_bold += style is not None and style.is_bold
                if layout.hints.hidden_columns:
                    layout.used_columns.add(column)
        return cells, num_filled > 1 and num_bold == num_filled

    def _style_of(self, cell: Any) -> _Style | None:
        number = cell.get("s")
        if number is None:
            return None
        at = int(number)
        return self._styles[at] if at < len(self._styles) else None

    def _text(self, cell: Any, style: _Style | None) -> str:
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

    def _value(self, kind: str, value: str, style: _Style | None) -> str:
        code = "General" if style is None else style.code
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


def _merged(
    row: int, cells: list[str], merges: Mapping[int, list[_Merge]], active: list[_Merge]
) -> list[_Merge]:
    """Fill what merged cells cover of a row; returns those that reach into rows below it."""
    active = [merge for merge in active if merge.last_row >= row]
    for merge in active:
        _fill(cells, merge, merge.text)
    for merge in merges.get(row, ()):
        text = cells[merge.first] if merge.first < len(cells) else ""
        if text:
            merge.text = text
            _fill(cells, merge, text)
            if merge.last_row > row:
                active.append(merge)
    return active


def _fill(cells: list[str], merge: _Merge, text: str) -> None:
    last = min(merge.last, merge.first + MAX_MERGED_COLUMNS)
    if last >= len(cells):
        cells.extend([""] * (last + 1 - len(cells)))
    cells[merge.first] = text
    for column in range(merge.first + 1, last + 1):
        cells[column] = ACROSS


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


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

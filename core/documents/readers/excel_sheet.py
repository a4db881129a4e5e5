"""A sheet of an Excel workbook, whatever kind of file it comes from: rows, merged cells, comments, marks."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from core.documents.blocks import Block, BlockKind, page_of
from core.documents.models import Page
from core.documents.readers.limits import CountChars
from core.documents.readers.number_format import general, shown
from core.documents.readers.ooxml import one_line
from core.documents.readers.scripts import down, finished, up
from core.documents.readers.tables import ACROSS, Hints, sheet_blocks
from core.errors import CorruptFileError, FileTooLargeError, NoTextError

# Excel's own limits of a sheet.
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
# Some seconds of reading. A cell far to the right makes its whole row, however empty, as wide.
MAX_CELLS = 10_000_000
# A merged cell that reaches further is a title.
MAX_MERGED_COLUMNS = 256
# Bold rows are looked for among the first ones: further down they are sums.
MAX_BOLD_ROWS = 40
HIDDEN_ROW = "(hidden row)"
# By the numbers that binary files give them.
ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """How a cell looks, as far as it tells what is read."""

    code: str = "General"
    is_bold: bool = False


PLAIN = Style()


@dataclass(slots=True)
class _Merge:
    """A merged cell, by the last row and the columns that it reaches over; its text, once that was met."""

    last_row: int
    first: int
    last: int
    text: str = ""


@dataclass(slots=True)
class Sheet:
    """What a sheet says besides its cells. Rows are numbered as Excel counts them, columns from 0.

    Attributes:
        file: For messages.
        comments: By row and column.
        told_headers: Numbers of rows that the file says name columns.
        used_columns: Those that hold anything, where some are hidden.
    """

    file: str
    title: str
    is_hidden: bool = False
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    told_headers: set[int] = field(default_factory=set)
    used_columns: set[int] = field(default_factory=set)
    hints: Hints = field(default_factory=Hints)
    _merges: dict[int, list[_Merge]] = field(default_factory=dict)

    def merge(self, top: int, bottom: int, first: int, last: int) -> None:
        """Note a merged cell by the rows and columns that it reaches from and to."""
        self._merges.setdefault(top, []).append(_Merge(bottom, first, last))

    def hide_columns(self, first: int, last: int) -> None:
        """Note that columns `first` to `last`, counted from 0 and both included, are hidden."""
        if first < MAX_COLUMNS:
            self.hints.hidden_columns.update(range(first, min(last, first + MAX_MERGED_COLUMNS) + 1))

    def page(
        self,
        number: int,
        rows: Iterable[SheetRow],
        count_chars: CountChars,
        drawn: Iterable[Block] = (),
    ) -> Page:
        """The sheet as a page.

        Args:
            number: The page's number, from 1.
            rows: The sheet's rows from the top.
            count_chars: Told how long each line is; raises where the file has too much text.
            drawn: What stands on the sheet besides the cells; it comes last.

        Raises:
            CorruptFileError: A row that Excel does not have.
            FileTooLargeError: More cells, or more text, than are read.
        """
        blocks = list(sheet_blocks(self._cells(rows), hints=self.hints, count_chars=count_chars))
        hidden = sorted(self.hints.hidden_columns & self.used_columns)
        if hidden:
            names = ", ".join(map(_letters, hidden[:50]))
            blocks.insert(0, Block(BlockKind.NOTE, f"Hidden columns: {names}"))
        for (row, column), text in sorted(self.comments.items()):
            blocks.append(Block(BlockKind.NOTE, f"Comment on {_letters(column)}{row}: {text}"))
        blocks += drawn
        title = one_line(self.title)
        if blocks:
            mark = " (hidden sheet)" if self.is_hidden else ""
            blocks.insert(0, Block(BlockKind.HEADING, f"{title}{mark}", level=1))
        return page_of(number, blocks, label=f"sheet {title}")

    def _cells(self, rows: Iterable[SheetRow]) -> Iterator[list[str]]:
        """The sheet's rows with what merged cells cover; of empty ones, however many, one."""
        hints = self.hints
        numbers = array("L")
        hints.row_numbers = numbers
        num_out = last = num_cells = 0
        active: list[_Merge] = []
        previous_bold: int | None = None
        for row in rows:
            self._check(row, num_cells := num_cells + len(row.cells))
            number, cells = row.number, row.cells
            has_own = row.num_filled > 0
            active = self._merged(row, active)
            is_gap, last = number > last + 1 and num_out > 0, number
            if is_gap:
                num_out += 1
                numbers.append(number - 1)
                yield []
            if not has_own and any(cells):
                continue
            if row.is_hidden and has_own:
                hints.marks[num_out] = HIDDEN_ROW
            if number in self.told_headers:
                hints.header_rows.add(num_out)
            if number <= MAX_BOLD_ROWS and has_own:
                if previous_bold is not None and not row.is_bold:
                    hints.likely_rows.add(previous_bold)
                previous_bold = num_out if row.is_bold else None
            num_out += 1
            numbers.append(number)
            yield cells

    def _check(self, row: SheetRow, num_cells: int) -> None:
        if not 0 < row.number <= MAX_ROWS:
            raise CorruptFileError(
                f"{self.file} is damaged: a sheet claims more than {MAX_ROWS:,} rows, the most that Excel "
                "has. Open it in Excel, save it again and upload the new copy."
            )
        if num_cells > MAX_CELLS:
            raise FileTooLargeError(
                f"{self.file} has a sheet with more than {MAX_CELLS // 10**6} million cells, empty ones "
                "included. Delete the empty columns, or save what matters as .csv and upload that."
            )

    def _merged(self, row: SheetRow, active: list[_Merge]) -> list[_Merge]:
        """Fill what merged cells cover of a row; returns those that reach into rows below it."""
        cells = row.cells
        active = [merge for merge in active if merge.last_row >= row.number]
        for merge in active:
            _fill(cells, merge, merge.text)
        for merge in self._merges.get(row.number, ()):
            text = cells[merge.first] if merge.first < len(cells) else ""
            if text:
                merge.text = text
                _fill(cells, merge, text)
                if merge.last_row > row.number:
                    active.append(merge)
        return active


class SheetRow:
    """A row on its way to be read: its cells are added from left to right."""

    __slots__ = ("_comments", "_num_bold", "_used", "cells", "is_hidden", "num_filled", "number")

    def __init__(self, sheet: Sheet, number: int, *, is_hidden: bool = False) -> None:
        self.number, self.is_hidden = number, is_hidden
        self._comments = sheet.comments
        self._used = sheet.used_columns if sheet.hints.hidden_columns else None
        self.cells: list[str] = []
        self.num_filled = self._num_bold = 0

    @property
    def is_bold(self) -> bool:
        """Whether all that it holds is."""
        return self.num_filled > 1 and self._num_bold == self.num_filled

    def add(self, column: int, text: str, *, is_bold: bool) -> None:
        """Add the next cell; columns from 0 that were left out are empty.

        Raises:
            ValueError: When Excel does not have so many columns.
        """
        cells = self.cells
        if self._comments and (comment := self._comments.pop((self.number, column), "")):
            text = f"{text} [comment: {comment}]".lstrip()
        if column >= len(cells):
            if column > len(cells):
                if column >= MAX_COLUMNS:
                    raise ValueError("a column that Excel does not have")
                cells.extend([""] * (column - len(cells)))
            cells.append(text)
        else:
            cells[column] = text
        if text:
            self.num_filled += 1
            self._num_bold += is_bold
            if self._used is not None:
                self._used.add(column)


@lru_cache(maxsize=50_000)
def number_text(value: float, code: str, is_1904: bool) -> str:
    """A number as a cell shows it; people use the same few again and again."""
    return general(value) if code == "General" else shown(value, code, is_1904=is_1904)


def scripted(text: str, runs: Sequence[tuple[int, int]]) -> str:
    """A text on one line with its raised and lowered letters.

    Args:
        text: With its letters in place.
        runs: Where each change starts, and its place as binary files say it: 1 is above the line, 2 below,
            others on it.
    """
    if not any(place in (1, 2) for _, place in runs):
        return one_line(text)
    runs = sorted(runs)
    parts = [text[: runs[0][0]]]
    for (start, place), (end, _) in zip(runs, [*runs[1:], (len(text), 0)], strict=True):
        part = text[start:end]
        parts.append(up(part) if place == 1 else down(part) if place == 2 else part)
    return one_line(finished("".join(parts)))


def only_formulas(file: str) -> NoTextError:
    """The error for a workbook in which no formula has a value that was saved."""
    return NoTextError(
        f"{file} holds only formulas without a saved value. "
        "Open it in Excel, save it, which calculates them, and upload the new copy."
    )


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

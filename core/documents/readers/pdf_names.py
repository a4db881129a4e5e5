"""The names of the columns of a PDF's tables, also on the pages that a table goes on to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.documents.readers.cells import is_nothing
from core.documents.readers.pdf_layout import Layout
from core.documents.readers.pdf_runs import Run
from core.documents.readers.pdf_tables import PdfTable

MAX_NUMBER_CHARS = 40
# How far a column's left side, right side or middle may lie from where it is on the page before; in points.
SAME_PLACE = 2.0
# A table that goes on says by its places alone that it does: two columns may stand so by chance.
LEAST_COLUMNS = 3

_YEAR = re.compile(r"(19|20)\d\d")
_NUMBER = re.compile(r"[(¥$€£]{0,2}\s?[-+−–]?[\d.,\s]*\d[\d.,\s]*\W{0,2}")
_DIGITS = re.compile(r"\d+")


def column_names(pages: Sequence[Layout]) -> Iterator[tuple[str, ...]]:
    """For each table, in the order of pages and parts, its columns' names; () where these are not certain.

    A table that goes on from the page before has its names there.
    """
    named = _Named()
    for before, page in pairwise([Layout(()), *pages]):
        tables = [part for part in page.parts if isinstance(part, PdfTable)]
        names = {id(table): named.take(table, before, page) for table in _downward(tables)}
        if not tables:
            named = _Named()
        yield from (names[id(table)] for table in tables)


def _downward(tables: Sequence[PdfTable]) -> list[PdfTable]:
    return sorted(tables, key=lambda table: -table.top)


class _Named:
    """The table before, with the names of its columns."""

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._numeric: list[int] = []
        self._last: PdfTable | None = None
        self._page: Layout | None = None

    def take(self, table: PdfTable, before: Layout, page: Layout) -> tuple[str, ...]:
        """The names of the next table.

        Args:
            table: Below the one before, or on the next page.
            before: The page before.
            page: The one that it stands on.
        """
        if _has_header(table.rows):
            self._names = table.rows[0]
            self._numeric = [at for at in range(1, len(self._names)) if _are_numbers(table.rows[1:], at)]
        elif not self._goes_on(table, before, page):
            self._names = ()
        self._last, self._page = table, page
        return self._names

    def _goes_on(self, table: PdfTable, before: Layout, page: Layout) -> bool:
        if not self._names or self._last is None or not _stand_alike(self._last, table):
            return False
        if not (table.rows[0] == self._names or self._holds_the_same(table)):
            return False
        if self._page is page:
            return not any(table.top < line.base < self._last.bottom for line in page.lines)
        if self._page is not before:
            return False
        left_over = [line for line in before.lines if line.base < self._last.bottom]
        come_before = [line for line in page.lines if line.base > table.top]
        return _come_again(left_over, page.lines) and _come_again(come_before, before.lines)

    def _holds_the_same(self, table: PdfTable) -> bool:
        """Whether numbers stand where numbers stood, in the first row too: it is no header."""
        first = [table.rows[0][at] for at in self._numeric]
        return (
            any(map(_is_number, first))
            and all(_is_number(cell) for cell in first if cell and not is_nothing(cell))
            and all(_are_numbers(table.rows, at) or _are_nothing(table.rows, at) for at in self._numeric)
        )


def _stand_alike(one: PdfTable, other: PdfTable) -> bool:
    """Whether two tables have the same columns at the same places."""
    if not LEAST_COLUMNS <= len(one.columns) == len(other.columns):
        return False
    for (left, right), (other_left, other_right) in zip(one.columns, other.columns, strict=True):
        apart = (left - other_left, right - other_right, (left + right - other_left - other_right) / 2)
        if min(map(abs, apart)) > SAME_PLACE:
            return False
    return True


def _come_again(lines: Sequence[Run], others: Sequence[Run]) -> bool:
    """Whether lines stand on the other page too, at the same height: they are its head or foot."""
    places = {(_DIGITS.sub("0", line.text), round(line.base)) for line in others}
    return all(
        any((_DIGITS.sub("0", line.text), round(line.base) + step) in places for step in (-1, 0, 1))
        for line in lines
    )


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether it is certain that the first row names the columns: words or years, and numbers below.

    Not `header_row.header_of`, which takes words above words too: here the cells themselves are a guess, by
    where the characters stand, and two columns of prose would be a table with a header.
    """
    header, *others = rows
    if not all(header[1:]) or any(_is_number(name) and not _YEAR.fullmatch(name) for name in header):
        return False
    return any(_are_numbers(others, at) for at in range(1, len(header)))


def _are_numbers(rows: Sequence[Sequence[str]], at: int) -> bool:
    cells = [row[at] for row in rows if row[at] and not is_nothing(row[at])]
    return bool(cells) and all(map(_is_number, cells))


def _are_nothing(rows: Sequence[Sequence[str]], at: int) -> bool:
    return all(not row[at] or is_nothing(row[at]) for row in rows)


def _is_number(cell: str) -> bool:
    return len(cell) <= MAX_NUMBER_CHARS and _NUMBER.fullmatch(cell) is not None


def named_row(names: Sequence[str], row: Sequence[str]) -> str:
    """ "Alby: Sales 10; Costs 4" """
    cells = "; ".join(f"{name} {cell}" for name, cell in zip(names[1:], row[1:], strict=True) if cell)
    return f"{row[0]}: {cells}" if row[0] and cells else row[0] or cells

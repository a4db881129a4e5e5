"""The names of the columns of a PDF's tables, also on the pages that a table goes on to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.documents.blocks import Block, BlockKind
from core.documents.readers.cells import is_nothing
from core.documents.readers.header_row import ACROSS, header_of, num_filled
from core.documents.readers.pdf_layout import Layout
from core.documents.readers.pdf_runs import Run
from core.documents.readers.pdf_tables import PdfTable
from core.documents.readers.tables import table_blocks

MAX_NUMBER_CHARS = 40
# How far a column's left side, right side or middle may lie from where it is on the page before; in points.
SAME_PLACE = 2.0
# A table that goes on says by its places alone that it does: two columns may stand so by chance.
LEAST_COLUMNS = 3

_YEAR = re.compile(r"(19|20)\d\d")
_NUMBER = re.compile(r"[(¥$€£]{0,2}\s?[-+−–]?[\d.,\s]*\d[\d.,\s]*\W{0,2}")
_DIGITS = re.compile(r"\d+")


def blocks_of_tables(pages: Sequence[Layout]) -> Iterator[list[Block]]:
    """The blocks of each table, in the order of pages and parts; columns have names where these are certain.

    A table that goes on from the page before has its names there.
    """
    named = _Named()
    for before, page in pairwise([Layout(()), *pages]):
        tables = [part for part in page.parts if isinstance(part, PdfTable)]
        blocks = {id(table): named.take(table, before, page) for table in _downward(tables)}
        if not tables:
            named = _Named()
        yield from (blocks[id(table)] for table in tables)


def _downward(tables: Sequence[PdfTable]) -> list[PdfTable]:
    return sorted(tables, key=lambda table: -table.top)


class _Named:
    """The table before, with the rows that name its columns."""

    def __init__(self) -> None:
        self._header: tuple[tuple[str, ...], ...] = ()
        self._numeric: list[int] = []
        self._last: PdfTable | None = None
        self._page: Layout | None = None

    def take(self, table: PdfTable, before: Layout, page: Layout) -> list[Block]:
        """The blocks of the next table.

        Args:
            table: Below the one before, or on the next page.
            before: The page before.
            page: The one that it stands on.
        """
        rows = table.rows
        first, num_header = _own_header(table)
        goes_on = not num_header and self._goes_on(table, before, page)
        if not goes_on:
            self._header = rows[first : first + num_header]
            body = rows[first + num_header :]
            self._numeric = [at for at in range(1, len(rows[0])) if _are_numbers(body, at)]
        elif rows[: len(self._header)] == self._header:
            rows = rows[len(self._header) :]
        self._last, self._page = table, page
        if not table.is_ruled:
            return [_block(rows, self._header, has_own=not goes_on)]
        if goes_on:
            return table_blocks([*self._header, *rows], num_header_rows=len(self._header))
        if len(self._header) == 1:
            # Names may come again above the next group of rows.
            rows = rows[: first + 1] + tuple(row for row in rows[first + 1 :] if row != self._header[0])
        return table_blocks(rows, num_header_rows=0 if first else num_header)

    def _goes_on(self, table: PdfTable, before: Layout, page: Layout) -> bool:
        if not self._header or self._last is None or not _stand_alike(self._last, table):
            return False
        if not (table.rows[: len(self._header)] == self._header or self._holds_the_same(table)):
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
        if table.is_ruled and not self._numeric:
            return True
        first = [table.rows[0][at] for at in self._numeric]
        return (
            any(map(_is_number, first))
            and all(_is_number(cell) for cell in first if cell and not is_nothing(cell))
            and all(_are_numbers(table.rows, at) or _are_nothing(table.rows, at) for at in self._numeric)
        )


def _own_header(table: PdfTable) -> tuple[int, int]:
    """Where the rows begin that certainly name the columns, and how many they are: 0 for none."""
    if not table.is_ruled:
        return 0, int(not table.lacks_columns and _has_header(table.rows))
    first = next((at for at, row in enumerate(table.rows) if num_filled(row) > 1), 0)
    header = header_of(table.rows[first:], is_likely=table.is_headed and first == 0)
    if header is None:
        is_plain = first == 0 and ACROSS not in table.rows[0]
        return 0, int(is_plain and _has_header(table.rows))
    return first, header.num_rows


def _block(rows: Sequence[Sequence[str]], header: Sequence[Sequence[str]], *, has_own: bool) -> Block:
    """The block of a table without lines around its cells."""
    if not header:
        return Block(BlockKind.TABLE, "\n".join(" | ".join(row) for row in rows))
    (names,) = header
    lines = "\n".join(_named_row(names, row) for row in rows[has_own:])
    # Names that stand on an earlier page are told with each row, but are no line of this page.
    return Block(BlockKind.TABLE, lines, header=" | ".join(names) if has_own else "")


def _stand_alike(one: PdfTable, other: PdfTable) -> bool:
    """Whether two tables have the same columns at the same places."""
    if one.is_ruled != other.is_ruled or not LEAST_COLUMNS <= len(one.columns) == len(other.columns):
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

    Not `header_of`, which takes words above words too: without lines around them the cells themselves are a
    guess, by where the characters stand, and two columns of prose would be a table with a header.
    """
    header, *others = rows
    if not all(header[1:]) or any(map(_is_value, header)):
        return False
    return any(_are_numbers(others, at) for at in range(1, len(header)))


def _is_value(name: str) -> bool:
    """Whether it is no column's name but a number, or made of numbers: "36 (75%)"."""
    is_figure = "(" in name and any(map(str.isdigit, name)) and not any(map(str.isalpha, name))
    return is_figure or (_is_number(name) and not _YEAR.fullmatch(name))


def _are_numbers(rows: Sequence[Sequence[str]], at: int) -> bool:
    cells = [row[at] for row in rows if row[at] not in {"", ACROSS} and not is_nothing(row[at])]
    return bool(cells) and all(map(_is_number, cells))


def _are_nothing(rows: Sequence[Sequence[str]], at: int) -> bool:
    return all(row[at] in {"", ACROSS} or is_nothing(row[at]) for row in rows)


def _is_number(cell: str) -> bool:
    return len(cell) <= MAX_NUMBER_CHARS and _NUMBER.fullmatch(cell) is not None


def _named_row(names: Sequence[str], row: Sequence[str]) -> str:
    """ "Alby: Sales 10; Costs 4" """
    cells = "; ".join(f"{name} {cell}" for name, cell in zip(names[1:], row[1:], strict=True) if cell)
    return f"{row[0]}: {cells}" if row[0] and cells else row[0] or cells

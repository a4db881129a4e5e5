"""A table on its way into lines of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.documents.blocks import Block, BlockKind
from core.documents.readers.cells import Kind, kind_of
from core.documents.readers.header_row import ACROSS, SAMPLE_COLUMNS, Row, num_filled
from core.documents.readers.header_words import is_column_name
from core.documents.row_numbers import moved

# A first row that may name the columns is repeated in each chunk when it is no longer than this.
MAX_REPEATED_CHARS = 300
# What spans a row and is longer, or begins or ends so, is no group of the rows below it.
MAX_GROUP_CHARS = 80
_NO_GROUP = re.compile(
    r"\W*(?:notes?|sources?|quellen?|anmerkung|hinweis|remarks?)\b|[*†¹]|.*[.;,]\Z", re.IGNORECASE
)
# A row of sums may be about more than the group above it.
_SUM = re.compile(
    r"\W*(?:(?:grand|sub|overall)[ -]?)?"
    r"(?:total\w*|sums?|(?:zwischen|gesamt)?summe|(?:ins)?gesamt|somme|suma)\b",
    re.IGNORECASE,
)
# What stands alone in a row and is longer is a remark, not a value of the first column.
MAX_LONE_CHARS = 60


@dataclass(slots=True)
class Table:
    """A table on its way into lines.

    Attributes:
        start: Its first column in the sheet, from 0.
        end: The column after its last one; None for all that follow.
        has_groups: A cell that spans a row is about the rows below it, up to the next one.
    """

    start: int
    end: int | None
    names: list[str] | None
    joint: str
    has_groups: bool = False
    group: str = ""
    lines: list[str] = field(default_factory=list)
    # Which rows the lines are, and the first one that its names were taken from.
    rows: list[tuple[int, int]] = field(default_factory=list)
    header_row: int = 0
    header_line: str = ""
    title_row: int = 0
    prefixes: list[str] = field(default_factory=list)
    # Columns that are empty in all of the table's rows that are known.
    gaps: set[int] = field(default_factory=set)
    are_pairs: bool = False
    # How many rows stand above its header, where another table beside it begins higher up.
    num_titles: int = 0
    empty: set[int] = field(default_factory=set)
    body: list[Row] = field(default_factory=list)
    num_rows: int = 0

    def slice_of(self, row: Row) -> Row:
        """The part of a sheet's row that is the table's."""
        return row if self.start == 0 and self.end is None else row[self.start : self.end]

    def line_of(self, row: Row) -> str:
        """One of its rows as a line, with the names of its columns where those are certain."""
        if self.names is None:
            return self._unnamed(row)
        if self.empty:
            for at, cell in enumerate(row):
                if cell:
                    self.empty.discard(at)
        if ACROSS in row:
            if num_filled(row) == 1:
                lone = lone_cell(row)
                self._take_group(lone, row)
                return lone
            row = ["" if cell == ACROSS else cell for cell in row]
        if self.group and _SUM.match(next(filter(None, row), "")) and not _SUM.match(self.group):
            self.group = ""
        named = [before + cell for before, cell in zip(self.prefixes, row, strict=False) if cell]
        if len(row) > len(self.prefixes):
            named += filter(None, row[len(self.prefixes) :])
        if len(named) == 1 and self._is_remark(row[0]):
            return row[0]
        return "; ".join([self.group, *named] if self.group and named else named)

    def _take_group(self, lone: str, row: Row) -> None:
        """What the rows below are told with, where a cell spans its row from the first that is filled."""
        behind = row[row.index(lone) + 1 :]
        if self.has_groups and all(cell == ACROSS for cell in behind) and len(row) >= len(self.prefixes):
            is_group = len(lone) <= MAX_GROUP_CHARS and not _NO_GROUP.match(lone)
            self.group = lone.rstrip(":").rstrip() if is_group else ""

    def _is_remark(self, first: str) -> bool:
        """Whether the cell that stands alone in a row is no value of the first column."""
        return (len(first) > MAX_LONE_CHARS or ": " in first) and len(self.prefixes) > 1

    def _unnamed(self, row: Row) -> str:
        cells = ["" if cell == ACROSS else cell for cell in row]
        if self.gaps:
            cells = [cell for at, cell in enumerate(cells) if cell or at not in self.gaps]
        while cells and not cells[-1]:
            cells.pop()
        if self.are_pairs and len(cells) == 2 and all(cells):
            return f"{cells[0].rstrip(':').rstrip()}: {cells[1]}"
        return self.joint.join(cells)

    def block(self) -> Block:
        """All of its lines, and the one that each chunk repeats."""
        first_line = ""
        if self.names is not None:
            if not self.num_rows:
                first_line = "; ".join(filter(None, self.names))
            elif self.empty:
                # A column without a value has its name only here.
                first_line = f"Columns: {'; '.join(filter(None, self.names))}"
        lines = [first_line, *self.lines] if first_line else self.lines
        if self.title_row:
            rows = moved(self.rows, 1 + bool(first_line))
            return Block(
                BlockKind.TABLE, "\n".join(lines), header=self.header_line, rows=((0, self.title_row), *rows)
            )
        rows = moved(self.rows, 1) if first_line or self.header_line else tuple(self.rows)
        if self.header_row and (self.header_line or not self.num_rows):
            rows = ((0, self.header_row), *rows)
        return Block(BlockKind.TABLE, "\n".join(lines), header=self.header_line, rows=rows)


def lone_cell(row: Row) -> str:
    """What stands alone in a row."""
    return next(cell for cell in row if cell and cell != ACROSS)


def describe_unnamed(table: Table, rows: list[Row]) -> None:
    """Tell names with their values from a table whose first row may or may not name its columns."""
    width = max(map(len, rows), default=0)
    if width <= SAMPLE_COLUMNS:
        used = {at for row in rows for at, cell in enumerate(row) if cell}
        table.gaps = set(range(width)) - used
        rows = [[cell for at, cell in enumerate(row) if at in used] for row in rows] if table.gaps else rows
        width = len(used)
    firsts = [row[0] for row in rows if row and row[0]]
    if width == 2 and len(firsts) * 10 >= len(rows) * 9:
        seconds = [row[1] for row in rows if len(row) > 1 and row[1]]
        kinds = {kind_of(cell) for cell in seconds}
        are_named = sum(is_column_name(cell) for cell in firsts) * 2 >= len(firsts)
        have_colons = sum(cell.endswith(":") for cell in firsts) * 2 > len(firsts)
        is_distinct = len(set(firsts)) == len(firsts)
        table.are_pairs = is_distinct and (are_named or have_colons or len(kinds) > 2)
    first = rows[0] if rows else ()
    if table.are_pairs or len(rows) < 4 or num_filled(first) < 2 or num_filled(first) * 2 <= width:
        return
    cells = [cell for cell in first if cell and cell != ACROSS]
    is_repeatable = len(set(cells)) == len(cells) and all(kind_of(cell) is Kind.TEXT for cell in cells)
    line = table.joint.join(cells)
    if is_repeatable and len(cells) == len(first) and len(line) <= MAX_REPEATED_CHARS:
        table.header_line, table.num_rows = line, -1


def fits(table: Table, rows: Sequence[Row]) -> bool:
    """Whether rows hold what the table's columns hold."""
    names = table.names or []
    for at in range(min(SAMPLE_COLUMNS, max(map(len, rows), default=0) - table.start)):
        before = [kind_of(row[at]) for row in table.body if at < len(row) and row[at]]
        now = [kind_of(part[at]) for row in rows if at < len(part := table.slice_of(row)) and part[at]]
        if now and at >= len(names) and table.end is None:
            return False
        if not before or not now:
            continue
        were_values = sum(kind in {Kind.NUMBER, Kind.DATE, Kind.EMPTY} for kind in before) >= 0.9 * len(
            before
        )
        are_values = sum(kind in {Kind.NUMBER, Kind.DATE, Kind.EMPTY} for kind in now) >= 0.6 * len(now)
        if were_values and not are_values:
            return False
    return True

"""Rows of cells as lines of text: "name: value; name: value" where it is certain how columns are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from core.documents.blocks import Block, BlockKind
from core.documents.readers.cells import Kind, is_year, kind_of
from core.documents.readers.header_row import (
    ACROSS,
    MAX_HEADER_ROWS,
    SAMPLE_COLUMNS,
    SAMPLE_ROWS,
    Header,
    Row,
    header_of,
    is_note_above,
    num_filled,
)
from core.documents.readers.limits import CountChars
from core.documents.readers.table_lines import Table, describe_unnamed, fits, lone_cell
from core.documents.row_numbers import add_line

__all__ = ["ACROSS", "ROWS_FROM_1", "Hints", "sheet_blocks", "table_blocks"]

# Lines before a table: a title, "Report; Stock list", "Date; 2026-03-01".
MAX_LINES_BEFORE = 15
# How many rows, and in what share of those of the first part, go on behind an empty column.
MIN_ROWS_BESIDE, MIN_SHARE_BESIDE = 3, 0.75
HIDDEN_COLUMN = "(hidden column)"
# Numbers of rows of which none is left out.
ROWS_FROM_1 = range(1, 2**31)

_Numbered = tuple[int, Row]


def _ignore(num_chars: int) -> None:
    pass


@dataclass(slots=True)
class Hints:
    """What a file says of its rows, which are numbered from 0 as they come.

    Attributes:
        header_rows: They name columns.
        likely_rows: They look so, such as in bold letters.
        marks: What to say behind a row.
        hidden_columns: By their place from 0.
        row_numbers: Each one's number, as the program shows it; none where rows have no numbers.
    """

    header_rows: set[int] = field(default_factory=set)
    likely_rows: set[int] = field(default_factory=set)
    marks: dict[int, str] = field(default_factory=dict)
    hidden_columns: set[int] = field(default_factory=set)
    row_numbers: Sequence[int] = ()


def table_blocks(
    rows: Sequence[Row],
    *,
    num_header_rows: int = 0,
    is_likely: bool = False,
) -> list[Block]:
    """A table of its own, as in a text: one block, and before it the titles that span all of it.

    Args:
        rows: Cells without line breaks; ACROSS where a merged cell to the left reaches.
        num_header_rows: Where the file says so; 0 where it does not.
        is_likely: The first row looks like names.
    """
    hints = Hints(header_rows=set(range(num_header_rows)), likely_rows={0} if is_likely else set())
    return list(sheet_blocks(rows, hints=hints, joint=" | ", is_one=True))


def sheet_blocks(
    rows: Iterable[Row],
    *,
    hints: Hints | None = None,
    joint: str = "; ",
    is_one: bool = False,
    count_chars: CountChars = _ignore,
) -> Iterator[Block]:
    """What stands on a sheet: tables below and beside each other, and lines between them.

    Args:
        rows: Cells without white space around them.
        hints: May grow while rows are taken.
        joint: Between the cells of a row whose columns have no names.
        is_one: It is one table, whatever is empty in it.
        count_chars: Told how long each line is, and may raise.
    """
    return _Sheet(hints or Hints(), joint, is_one, count_chars).blocks(rows)


class _Sheet:
    """Takes the rows of a sheet one after another and finds the tables in them; see `sheet_blocks`."""

    def __init__(
        self,
        hints: Hints,
        joint: str,
        is_one: bool,
        count_chars: CountChars,
    ) -> None:
        self._hints, self._joint, self._is_one, self._count = hints, joint, is_one, count_chars
        self._tables: list[Table] = []
        self._done: list[Block] = []
        # Rows that stand alone between empty ones, and may name the columns of what follows.
        self._waiting: list[_Numbered] = []

    def blocks(self, rows: Iterable[Row]) -> Iterator[Block]:
        stream = enumerate(rows)
        for first in stream:
            if not any(first[1]):
                continue
            # To the next empty row, or to what is looked at of a longer table.
            head = [first]
            is_cut = True
            for numbered in islice(stream, SAMPLE_ROWS):
                if not any(numbered[1]) and not self._is_one:
                    is_cut = False
                    break
                if any(numbered[1]):
                    head.append(numbered)
            self._take_head(head)
            if is_cut:
                self._take_rest(stream)
            yield from self._finished()
        self._release()
        self._end_tables()
        yield from self._finished()

    def _finished(self) -> Iterator[Block]:
        done, self._done = self._done, []
        return iter(done)

    def _take_rest(self, stream: Iterator[_Numbered]) -> None:
        """The rows behind those that a table was told by: most of a large file."""
        table = self._tables[0] if self._tables else None
        is_simple = len(self._tables) == 1 and table is not None and table.start == 0 and table.end is None
        for number, row in stream:
            if not any(row):
                if self._is_one:
                    continue
                return
            if is_simple and table is not None:
                self._add_line(table, number, table.line_of(row))
                table.num_rows += 1
            else:
                self._add(number, row)

    def _release(self) -> None:
        """The rows that were waiting are a table of their own."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._begin(0, None, waiting)

    def _take_head(self, head: list[_Numbered]) -> None:
        if self._waiting:
            together = [*self._waiting, *head]
            for at in range(len(self._waiting)):
                header = header_of([row for _, row in together[at:]])
                if header is not None:
                    self._waiting = []
                    self._begin(at, header, together, is_titled=at > 0)
                    return
            self._release()
        if self._goes_on(head):
            for number, row in head:
                if num_filled(row) == 1 and number == head[0][0] and len(head) > 1:
                    self._add_line(self._tables[0], number, lone_cell(row))
                else:
                    self._add(number, row)
            return
        self._end_tables()
        start, header = self._find_header(head)
        body = head[start:]
        if header is None and not self._is_one and _may_be_names([row for _, row in body]):
            self._add_lines_before(head[:start])
            self._waiting = body
            return
        self._begin(start, header, head)

    def _begin(
        self, start: int, header: Header | None, head: list[_Numbered], *, is_titled: bool = False
    ) -> None:
        """A table begins, behind `start` rows that are lines before it.

        Args:
            start: How many.
            header: The table's, where that is certain.
            head: Its first rows, with the lines before it.
            is_titled: The last line before it says what the whole table is about.
        """
        self._add_lines_before(head[: start - is_titled])
        body = head[start:]
        if not body:
            return
        parts = self._parts(body, header)
        if is_titled and len(parts) > 1:
            self._add_lines_before([head[start - 1]])
        for begin, end in parts:
            self._begin_table(body, begin, end, header)
        if is_titled and len(parts) == 1:
            self._add_title(self._tables[-1], *head[start - 1])
        for number, row in body:
            self._add(number, row)

    # --- Where tables begin

    def _find_header(self, head: list[_Numbered]) -> tuple[int, Header | None]:
        """The number of rows that come before the table, and its header where that is certain."""
        rows = [row for _, row in head]
        lone = 0
        while lone < len(rows) and num_filled(rows[lone]) < 2:
            lone += 1
        known = next((at for at, (number, _) in enumerate(head) if number in self._hints.header_rows), None)
        if known is not None and known <= MAX_LINES_BEFORE and num_filled(rows[known]) > 1:
            return self._known_header(head, rows, lone, known)
        is_likely = lone < len(rows) and head[lone][0] in self._hints.likely_rows
        if header := header_of(rows[lone:], is_likely=is_likely):
            return lone, header
        widest = 0
        for at in range(lone, min(len(rows), lone + MAX_LINES_BEFORE)):
            filled = num_filled(rows[at])
            is_fuller = filled > 2 and all(num_filled(row) <= max(2, 0.6 * filled) for row in rows[lone:at])
            may_begin = at > lone and (is_fuller or is_note_above(rows[at - 1], rows[at]))
            if may_begin and filled > widest and (header := header_of(rows[at:])):
                return at, header
            widest = max(widest, filled)
        if lone == len(rows) and len(rows) > 1 and not self._is_one:
            return 0, None
        return lone, None

    def _known_header(
        self, head: list[_Numbered], rows: list[Row], lone: int, known: int
    ) -> tuple[int, Header | None]:
        """The header that ends with the rows which the file calls so; it may begin higher up."""
        num = 1
        while known + num < len(head) and head[known + num][0] in self._hints.header_rows:
            num += 1
        for at in range(lone, known):
            header = header_of(rows[at:])
            if header is not None and at + header.num_rows == known + num:
                return at, header
        return known, header_of(rows[known:], num)

    def _parts(self, body: list[_Numbered], header: Header | None) -> list[tuple[int, int | None]]:
        """Columns of tables that stand beside each other, each with a header of its own."""
        whole: list[tuple[int, int | None]] = [(0, None)]
        if self._is_one or (header is None and len(body) < 2):
            return whole
        width = max(len(row) for _, row in body)
        if width > SAMPLE_COLUMNS:
            return whole
        used = [any(at < len(row) and row[at] for _, row in body) for at in range(width)]
        edges: list[tuple[int, int]] = []
        for at, is_used in enumerate(used):
            if is_used and (at == 0 or not used[at - 1]):
                edges.append((at, at + 1))
            elif is_used:
                edges[-1] = (edges[-1][0], at + 1)
        if len(edges) < 2 or any(end - begin < 2 for begin, end in edges):
            return whole
        for begin, end in edges:
            rows = [part for _, row in body if any(part := row[begin:end])]
            if header_of(_without_titles(rows)) is None:
                return whole
        if header is not None and _go_on_beside([row for _, row in body], header.num_rows, edges):
            return whole
        starts = [begin for begin, _ in edges[1:]]
        return list(zip([0, *starts], [*starts, None], strict=True))

    def _begin_table(self, body: list[_Numbered], begin: int, end: int | None, header: Header | None) -> None:
        table = Table(begin, end, None, self._joint, has_groups=self._is_one)
        self._tables.append(table)
        rows = [part for _, row in body if any(part := table.slice_of(row))]
        if begin or end is not None:
            table.num_titles = len(rows) - len(_without_titles(rows))
            header = header_of(rows[table.num_titles :])
        if header is not None:
            hidden = self._hints.hidden_columns
            table.names = (
                [
                    f"{name} {HIDDEN_COLUMN}" if name and at + begin in hidden else name
                    for at, name in enumerate(header.names)
                ]
                if hidden
                else header.names
            )
            table.prefixes = [f"{name}: " if name else "" for name in table.names]
            table.empty = {at for at, name in enumerate(header.names) if name}
            table.num_rows = -header.num_rows
        else:
            describe_unnamed(table, rows)

    def _add_lines_before(self, rows: list[_Numbered]) -> None:
        if not rows:
            return
        table = Table(0, None, None, self._joint)
        for number, row in rows:
            places = [at for at, cell in enumerate(row) if cell and cell != ACROSS]
            table.are_pairs = len(places) == 2 and places[1] == places[0] + 1
            self._add_line(table, number, table.line_of([row[at] for at in places]))
        text = "\n".join(table.lines)
        self._done.append(Block(BlockKind.PARAGRAPH, text, rows=tuple(table.rows)))

    def _add_title(self, table: Table, number: int, row: Row) -> None:
        """A line that each chunk of the table repeats."""
        table.header_line = "; ".join(cell for cell in row if cell and cell != ACROSS)
        self._count(len(table.header_line) + 1)
        if self._hints.row_numbers:
            table.title_row = self._hints.row_numbers[number]

    # --- Rows

    def _goes_on(self, head: list[_Numbered]) -> bool:
        """Whether rows behind an empty one belong to the table before it."""
        if not self._tables or any(number in self._hints.header_rows for number, _ in head):
            return False
        rows = [row for _, row in head]
        body = rows[1:] if num_filled(rows[0]) == 1 else rows
        if not body or self._tables[0].names is None or header_of(body) is not None:
            return False
        return all(table.names is not None and fits(table, body) for table in self._tables) and any(
            num_filled(row) > 1 for row in body
        )

    def _add(self, number: int, row: Row) -> None:
        for table in self._tables:
            part = table.slice_of(row)
            if not any(part):
                continue
            if table.num_titles:
                table.num_titles -= 1
                self._add_line(table, number, lone_cell(part))
                continue
            table.num_rows += 1
            if table.num_rows <= 0 and (table.names is not None or table.header_line):
                if self._hints.row_numbers and not table.header_row:
                    table.header_row = self._hints.row_numbers[number]
                continue
            self._add_line(table, number, table.line_of(part))
            if len(table.body) < SAMPLE_ROWS:
                table.body.append(part)

    def _add_line(self, table: Table, number: int, line: str) -> None:
        if self._hints.marks and number in self._hints.marks:
            line = f"{line} {self._hints.marks[number]}"
        self._count(len(line) + 1)
        if self._hints.row_numbers:
            add_line(table.rows, len(table.lines), self._hints.row_numbers[number])
        table.lines.append(line)

    def _end_tables(self) -> None:
        self._done += [table.block() for table in self._tables]
        self._tables = []


def _go_on_beside(rows: list[Row], num_header: int, edges: list[tuple[int, int]]) -> bool:
    """Whether what stands behind single empty columns is more of the same rows.

    So it is where only the first part tells what a row is about: the others have a number in the same rows
    first, nothing that names rows, and no column's name that another part has too.
    """
    if len(rows) < num_header + MIN_ROWS_BESIDE:
        return False
    if any(begin - end != 1 for (_, end), (begin, _) in pairwise(edges)):
        return False
    parts = [[list(row[begin:end]) for row in rows] for begin, end in edges]
    names = [cell for part in parts for row in part[:num_header] for cell in row if cell and cell != ACROSS]
    if len(set(names)) < len(names):
        return False
    first, *others = ([any(row) for row in part] for part in parts)
    for filled in others:
        if not filled[0] or any(other and not own for own, other in zip(first, filled, strict=True)):
            return False
        if sum(filled) < MIN_SHARE_BESIDE * sum(first):
            return False
    return not any(_names_rows(part[num_header:]) for part in parts[1:])


def _names_rows(rows: Sequence[Row]) -> bool:
    """Whether a column tells rows apart: the first one by words, dates or counting up, another by words."""
    columns = [[row[at] for row in rows if at < len(row) and row[at]] for at in range(max(map(len, rows)))]
    kinds = [[kind_of(cell) for cell in column] for column in columns]
    first = columns[0]
    if kinds[0].count(Kind.NUMBER) + kinds[0].count(Kind.EMPTY) < len(first) or all(map(is_year, first)):
        return True
    counts = [int(cell) for cell in first if cell.isdecimal()]
    if len(counts) == len(first) and all(after > before for before, after in pairwise(counts)):
        return True
    return any(
        len(set(column)) == len(column) > 1 and not {Kind.NUMBER, Kind.EMPTY}.intersection(kind)
        for column, kind in zip(columns, kinds, strict=True)
    )


def _may_be_names(rows: Sequence[Row]) -> bool:
    """Whether rows between empty ones may name the columns of what follows: one, or some without values."""
    if not 0 < len(rows) <= MAX_HEADER_ROWS or any(num_filled(row) < 2 for row in rows):
        return False
    return len(rows) == 1 or all(
        kind_of(cell) not in {Kind.NUMBER, Kind.DATE} or is_year(cell)
        for row in rows
        for cell in row
        if cell and cell != ACROSS
    )


def _without_titles(rows: list[Row]) -> list[Row]:
    num = 0
    while num < len(rows) and num_filled(rows[num]) == 1:
        num += 1
    return rows[num:]

"""Tables of a PDF's page, by where its runs of characters stand."""

from __future__ import annotations

import re
import statistics
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from core.documents.readers.pdf_runs import WORDS_APART, Run

# The rows of a table, each with as many cells.
Rows = tuple[tuple[str, ...], ...]

# How far apart the rows of a table may be, in heights of a line.
ROWS_APART = 3.2
# What follows after a wider gap may be another table; in distances of the rows before.
GAP_BETWEEN_TABLES = 1.4
# Half of the lines of a column of prose have at least as many words, and most lines fill the column.
COLUMN_WORDS = 3.5
_LIST_MARK = re.compile(r"\W{1,2}|\(?\w{1,3}[-.):\]]|o")
_CURRENCY = frozenset("¥$€£")


@dataclass(frozen=True, slots=True)
class PdfTable:
    """A table and where it stands on its page.

    Attributes:
        columns: Left and right of what stands in each.
        top: Where its first line stands.
        bottom: Where its last one does.
        is_ruled: Lines part its cells; each has its lines of text as they stand there, and ACROSS is in what
            a cell to the left covers.
        is_headed: The first row alone is in bold letters, as far as that was looked at.
        lacks_columns: What stands apart is in one cell of several rows: a name above it may be one of two.
    """

    rows: Rows
    columns: tuple[tuple[float, float], ...]
    top: float
    bottom: float
    is_ruled: bool = False
    is_headed: bool = False
    lacks_columns: bool = False


def tables_of(lines: list[list[Run]]) -> Iterator[tuple[int, int, PdfTable]]:
    """First and last line of each table, and the table; some of its lines may have one cell only."""
    start = 0
    while start < len(lines):
        end, last = start + 1, start
        columns = _Columns()
        if len(lines[start]) > 1 and columns.take(lines[start]):
            while end < len(lines) and _is_near(lines[end - 1], lines[end]) and end - last < 4:
                if _begins_another(lines[start:end], lines[end]) or not columns.take(lines[end]):
                    break
                if len(lines[end]) > 1:
                    last = end
                end += 1
            # A table may end in lines of one cell, such as a word that goes on.
            while last + 1 < end and columns.is_below_the_first(lines[last + 1]):
                last += 1
            table = _table(lines[start : last + 1])
            if table:
                yield start, last, table
        start = last + 1


class _Columns:
    """Where the cells of a table's lines stand so far, and which lines have one there."""

    def __init__(self) -> None:
        self._columns: list[tuple[float, float, frozenset[int]]] = []
        self._num_lines = 0

    def take(self, line: list[Run]) -> bool:
        """Add a line; False where a cell of it would lie in two columns, or two cells in one.

        Columns that no line has both of may be one: names stand in the middle above what begins left.
        """
        merged = list(self._columns)
        number = self._num_lines
        for run in line:
            reached = [column for column in merged if column[0] < run.right and run.left < column[1]]
            in_lines = [at for column in reached for at in column[2]]
            if number in in_lines or len(set(in_lines)) < len(in_lines):
                return False
            merged = [column for column in merged if column not in reached]
            left = min([run.left, *(column[0] for column in reached)])
            right = max([run.right, *(column[1] for column in reached)])
            merged.append((left, right, frozenset([number, *in_lines])))
        self._columns = merged
        self._num_lines += 1
        return True

    def is_below_the_first(self, line: list[Run]) -> bool:
        return len(line) == 1 and line[0].text[0].islower()


def _is_near(line: list[Run], following: list[Run]) -> bool:
    height = max(line[0].height, following[0].height)
    return line[0].base - following[0].base < ROWS_APART * height


def _begins_another(table: list[list[Run]], line: list[Run]) -> bool:
    """Whether names of other columns follow after a gap."""
    if len(table) < 3 or len(line) < 2 or any(char.isdigit() for run in line for char in run.text):
        return False
    steps = [above[0].base - below[0].base for above, below in pairwise(table)]
    return table[-1][0].base - line[0].base > GAP_BETWEEN_TABLES * statistics.median(steps)


def _table(lines: list[list[Run]]) -> PdfTable | None:
    """The lines as a table, None where they are none: too few, prose in columns, a list."""
    with_cells = [line for line in lines if len(line) > 1]
    if len(with_cells) < 2:
        return None
    height = statistics.median(run.height for line in lines for run in line)
    gutters = _gutters(with_cells, height)
    places = [[_column_of(run, gutters, height) for run in line] for line in lines]
    columns: list[list[Run]] = [[] for _ in range(len(gutters) + 1)]
    rows: list[list[str]] = []
    for line, its in zip(lines, places, strict=True):
        row = [""] * len(columns)
        for run, column in zip(line, its, strict=True):
            columns[column].append(run)
            row[column] = f"{row[column]} {run.text}".strip()
        if rows and _goes_on(row):
            rows[-1] = [f"{above} {cell}".strip() for above, cell in zip(rows[-1], row, strict=True)]
        else:
            rows.append(row)
    if len(with_cells) * 2 < len(rows):
        return None
    if sum(len(column) > 1 for column in columns) < 2 or sum(map(_is_prose_column, columns)) > 1:
        return None
    marks = [run for run in columns[0] if _LIST_MARK.fullmatch(run.text)]
    if len(columns) == 2 and len(marks) * 2 > len(columns[0]):
        return None
    signs = [
        column is not columns[-1] and bool(column) and all(run.text in _CURRENCY for run in column)
        for column in columns
    ]
    return PdfTable(
        rows=tuple(tuple(_with_currencies(row, signs)) for row in rows),
        columns=tuple(_extent(column) for column, is_sign in zip(columns, signs, strict=True) if not is_sign),
        top=lines[0][0].base,
        bottom=lines[-1][0].base,
        lacks_columns=_lacks_columns(lines, places, height),
    )


def _lacks_columns(lines: list[list[Run]], places: list[list[int]], height: float) -> bool:
    """Whether runs far from each other share a column, in several lines and every fourth that has cells."""
    num_joined = sum(
        any(
            place == after_place and after.left - run.right > WORDS_APART * height
            for (run, place), (after, after_place) in pairwise(zip(line, its, strict=True))
        )
        for line, its in zip(lines, places, strict=True)
    )
    return num_joined > 1 and num_joined * 4 >= sum(len(line) > 1 for line in lines)


def _column_of(run: Run, gutters: list[float], height: float) -> int:
    return bisect_right(gutters, run.left + min(height, (run.right - run.left) / 2))


def _extent(runs: list[Run]) -> tuple[float, float]:
    return min((run.left for run in runs), default=0.0), max((run.right for run in runs), default=0.0)


def _with_currencies(row: list[str], signs: list[bool]) -> Iterator[str]:
    """Signs of currencies that stand in a column of their own are written before their numbers."""
    sign = ""
    for cell, is_sign in zip(row, signs, strict=True):
        if is_sign:
            sign = cell
            continue
        yield f"{sign} {cell}".strip()
        sign = ""


def _goes_on(row: list[str]) -> bool:
    """Whether it is only the next line of the cell above."""
    filled = [cell for cell in row if cell]
    return len(filled) == 1 and filled[0][0].islower()


def _gutters(lines: list[list[Run]], height: float) -> list[float]:
    """Where hardly a line has ink: the middle of each gap between columns."""
    edges = sorted(edge for line in lines for run in line for edge in ((run.left, 1), (run.right, -1)))
    allowed = len(lines) // 8
    covered, start = 0, None
    gutters: list[float] = []
    for x, change in edges:
        before, covered = covered, covered + change
        if before > allowed >= covered:
            start = x
        elif before <= allowed < covered and start is not None:
            if x - start > 0.45 * height:
                gutters.append((start + x) / 2)
            start = None
    return gutters


def _is_prose_column(runs: list[Run]) -> bool:
    if len(runs) < 2:
        return False
    left, right = _extent(runs)
    num_wide = sum(run.right - left > 0.75 * (right - left) for run in runs)
    num_words = statistics.median(run.text.count(" ") + 1 for run in runs)
    return num_words >= COLUMN_WORDS and num_wide >= 0.6 * len(runs)

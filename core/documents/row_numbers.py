"""Which row of a sheet a line of text is, so that a citation can name the rows of its passage."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

# Where rows are numbered anew: a line, counted from 0, and its row, from 1. The lines after it count on;
# row 0 is none, and then they are no rows either.
RowNumbers = tuple[tuple[int, int], ...]


def add_line(numbers: list[tuple[int, int]], line: int, row: int) -> None:
    """Note the row of a line behind those that `numbers` has."""
    counted = 0
    if numbers:
        last_line, last_row = numbers[-1]
        counted = last_row + line - last_line if last_row else 0
    if row != counted:
        numbers.append((line, row))


def moved(numbers: Iterable[tuple[int, int]], num_lines: int) -> RowNumbers:
    """The numbers of the same lines once `num_lines` others stand before them."""
    return tuple((line + num_lines, row) for line, row in numbers)


def rows_label(numbers: RowNumbers, first: int, last: int) -> str:
    """What the rows of these lines are called, as in "rows 12–40"; "" where they are none."""
    rows: list[int] = []
    before = bisect_right(numbers, first, key=lambda number: number[0]) - 1
    for at in range(max(0, before), len(numbers)):
        line, row = numbers[at]
        if line > last:
            break
        following = numbers[at + 1][0] if at + 1 < len(numbers) else last + 1
        begin, end = max(first, line), min(last, following - 1)
        if row and begin <= end:
            rows += [row + begin - line, row + end - line]
    if not rows:
        return ""
    return f"row {rows[0]}" if min(rows) == max(rows) else f"rows {min(rows)}–{max(rows)}"

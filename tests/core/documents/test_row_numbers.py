"""Rows of a sheet that lines of text are."""

from __future__ import annotations

import pytest

from core.documents.row_numbers import RowNumbers, add_line, moved, rows_label

pytestmark = pytest.mark.portable


def _numbers(rows: list[int]) -> RowNumbers:
    numbers: list[tuple[int, int]] = []
    for line, row in enumerate(rows):
        add_line(numbers, line, row)
    return tuple(numbers)


def test_only_where_rows_do_not_count_on_is_a_number_kept() -> None:
    assert _numbers([0, 0, 4, 5, 6, 9, 10, 0, 0, 2]) == ((2, 4), (5, 9), (7, 0), (9, 2))
    assert moved(_numbers([4, 5]), 3) == ((3, 4),)


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        (0, 1, ""),
        (0, 2, "row 4"),
        (2, 4, "rows 4–6"),
        (3, 6, "rows 5–10"),
        (6, 8, "row 10"),
        (7, 8, ""),
        # Of a table beside another one: its first row is not below the last one of that.
        (6, 9, "rows 2–10"),
        (9, 11, "rows 2–4"),
    ],
)
def test_lines_are_called_by_the_rows_among_them(first: int, last: int, label: str) -> None:
    assert rows_label(_numbers([0, 0, 4, 5, 6, 9, 10, 0, 0, 2]), first, last) == label


def test_lines_of_no_sheet_have_no_rows() -> None:
    assert rows_label((), 0, 10) == ""

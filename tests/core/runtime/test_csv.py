"""Tables as CSV that a spreadsheet reads as what they are."""

from __future__ import annotations

import csv
import io

import pytest

from core.runtime.csv import csv_text

pytestmark = pytest.mark.portable


def test_columns_are_those_that_are_named_in_their_order() -> None:
    rows: list[dict[str, object]] = [{"b": 1, "a": "x", "c": 9}, {"b": None, "a": "y", "c": 9}]
    assert csv_text(rows, ["a", "b"]) == "a,b\r\nx,1\r\ny,\r\n"
    assert csv_text(rows).startswith("b,a,c\r\n")
    assert csv_text([]) == "\r\n"


def test_numbers_with_a_decimal_comma_part_their_cells_with_semicolons() -> None:
    assert csv_text([{"a": -0.5, "b": 3, "c": "1.5"}], decimal_comma=True) == "a;b;c\r\n-0,5;3;1.5\r\n"


@pytest.mark.parametrize("text", ["=1+1", "  =1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1"])
def test_text_that_a_spreadsheet_would_run_is_quoted_and_a_number_is_not(text: str) -> None:
    ((cell, number),) = list(csv.reader(io.StringIO(csv_text([{"a": text, "b": -1}]), newline="")))[1:]
    assert (cell, number) == (f"'{text}", "-1")


def test_cell_with_quotes_commas_and_lines_comes_back_as_it_was() -> None:
    text = 'one, "two"\nthree;'
    for decimal_comma in (False, True):
        written = csv_text([{"a": text, "b": 1}], decimal_comma=decimal_comma)
        rows = list(csv.reader(io.StringIO(written, newline=""), delimiter=";" if decimal_comma else ","))
        assert rows == [["a", "b"], [text, "1"]]

"""A sheet on its way into a page: merged cells, what is hidden, and what Excel does not have."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from core.documents.models import Page
from core.documents.readers.excel_sheet import (
    MAX_COLUMNS,
    MAX_ROWS,
    Sheet,
    SheetRow,
    number_text,
    only_formulas,
    scripted,
)
from core.errors import CorruptFileError
from tests.documents import lines_with_rows

pytestmark = pytest.mark.portable


def page_of(sheet: Sheet, rows: Iterable[tuple[int, list[str]]]) -> Page:
    """The page of these rows, each with its number in Excel."""
    filled = []
    for number, cells in rows:
        row = SheetRow(sheet, number)
        for column, text in enumerate(cells):
            row.add(column, text, is_bold=False)
        filled.append(row)
    return sheet.page(1, filled, lambda num_chars: None)


def test_merged_cell_has_its_text_in_every_row_and_column_that_it_covers() -> None:
    sheet = Sheet(file="a.xlsx", title="S")
    sheet.merge(2, 3, 0, 0)
    page = page_of(sheet, [(1, ["Region", "Sales"]), (2, ["North", "1"]), (3, ["", "2"]), (4, ["", "3"])])
    assert lines_with_rows(page) == [
        "-: S",
        "row 2: Region: North; Sales: 1",
        "row 3: Region: North; Sales: 2",
        "row 4: Sales: 3",
    ]


def test_hidden_columns_are_named_by_excel_s_letters_where_they_hold_anything() -> None:
    sheet = Sheet(file="a.xlsx", title="S")
    sheet.hide_columns(1, 1)
    sheet.hide_columns(26, 27)
    cells = ["x"] + [""] * 25 + ["y"]
    assert "Hidden columns: AA\n" in page_of(sheet, [(1, cells)]).text + "\n"


def test_comment_stands_behind_its_cell_or_by_itself_where_that_is_not_there() -> None:
    sheet = Sheet(file="a.xlsx", title="S", comments={(1, 0): "checked", (9, 27): "elsewhere"})
    assert page_of(sheet, [(1, ["x"])]).text == "S\n\nx [comment: checked]\n\nComment on AB9: elsewhere"


def test_sheet_that_holds_nothing_is_an_empty_page_with_its_place() -> None:
    page = page_of(Sheet(file="a.xlsx", title="Empty\n one", is_hidden=True), [])
    assert (page.text, page.label) == ("", "sheet Empty one")


def test_row_and_column_that_excel_does_not_have_are_refused() -> None:
    sheet = Sheet(file="a.xlsx", title="S")
    for number in (0, MAX_ROWS + 1):
        with pytest.raises(CorruptFileError, match="more than 1,048,576 rows"):
            page_of(sheet, [(number, ["x"])])
    SheetRow(sheet, 1).add(MAX_COLUMNS - 1, "x", is_bold=True)
    with pytest.raises(ValueError, match="a column that Excel does not have"):
        SheetRow(sheet, 1).add(MAX_COLUMNS, "x", is_bold=True)


def test_row_is_bold_where_all_of_several_cells_are() -> None:
    sheet = Sheet(file="a.xlsx", title="S")
    bold, single, mixed = (SheetRow(sheet, 1) for _ in range(3))
    for column in range(2):
        bold.add(column, "x", is_bold=True)
        mixed.add(column, "x", is_bold=column == 0)
    bold.add(2, "", is_bold=False)
    single.add(0, "x", is_bold=True)
    assert (bold.is_bold, single.is_bold, mixed.is_bold) == (True, False, False)


@pytest.mark.parametrize(
    ("text", "runs", "read"),
    [
        ("106 t", [(2, 1), (3, 0)], "10⁶ t"),
        ("H2O", [(2, 0), (1, 2)], "H2O"),
        ("a\nb", [], "a b"),
        ("5001", [(3, 1)], "500¹"),
    ],
)
def test_raised_letters_of_a_cell_are_no_digits_of_the_number_before(
    text: str, runs: list[tuple[int, int]], read: str
) -> None:
    assert scripted(text, runs) == read


def test_number_is_shown_in_its_format() -> None:
    assert number_text(0.256, "0.0%", False) == "25.6%"
    assert number_text(0.1 + 0.2, "General", False) == "0.3"


def test_workbook_of_formulas_alone_says_what_to_do() -> None:
    assert str(only_formulas("a.xlsx")).startswith("a.xlsx holds only formulas without a saved value.")

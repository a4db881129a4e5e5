"""A row of a table as a line: its names, its group, and what is no row."""

from __future__ import annotations

import pytest

from core.documents.readers.tables import sheet_blocks
from tests.sheets import sheet_rows, sheet_text, table_lines

pytestmark = pytest.mark.portable


def test_first_row_that_may_name_columns_is_repeated_but_names_nothing() -> None:
    (block,) = sheet_blocks(sheet_rows("Planet,God/Mars,War/Venus,Love/Jupiter,Sky"))
    assert (block.header, block.text) == ("Planet; God", "Mars; War\nVenus; Love\nJupiter; Sky")


@pytest.mark.parametrize(
    "sheet",
    [
        "Contract number,K-4471/Tenant,Maria Okafor/Monthly rent,940 EUR/Notice period,3 months",
        "Tenant,Maria Okafor/Contract number,K-4471/Monthly rent,940 EUR/Start,2026-01-01",
        "Company,Harwick/Employees,120/Revenue,500/Year,2024",
        "Customer,Miller Ltd/Order date,1 March/Total,400",
        "Name:,Ann/Born:,1990",
    ],
)
def test_names_in_the_first_column_stay_with_their_values(sheet: str) -> None:
    assert sheet_text(sheet) == sheet.replace(":", "").replace("/", "\n").replace(",", ": ")


def test_empty_cells_keep_their_column_and_empty_columns_their_name() -> None:
    text = sheet_text("Town,2024 Q1,5,6/Alby,,,7/Borg,8,,9")
    assert text == "Columns: Town; 2024 Q1; 5; 6\nTown: Alby; 6: 7\nTown: Borg; 2024 Q1: 8; 6: 9"
    assert sheet_text("Anna,,12/Bela,Bern,") == "Anna; ; 12\nBela; Bern"
    assert sheet_text("Name,Telephone,Fax/Ann/Bob").split("\n")[0] == "Columns: Name; Telephone; Fax"


def test_merged_title_between_rows_is_a_line() -> None:
    text = sheet_text("Item,Cost/Desk,10//Chairs,~/Oak,5/Pine,4")
    assert text == "Item: Desk; Cost: 10\nChairs\nItem: Oak; Cost: 5\nItem: Pine; Cost: 4"


def test_row_of_one_merged_cell_is_a_line() -> None:
    assert sheet_text(
        "Item,Cost,Tax/Chairs,~,~/Oak,5,1"
    ) == "Columns: Item; Cost; Tax\nChairs\nItem: Oak; Cost: 5; Tax: 1".replace(
        "Columns: Item; Cost; Tax\n", ""
    )


def test_rows_of_a_table_are_told_with_the_cell_that_spans_the_row_above_them() -> None:
    text = "Item,2025,2026/Miners:,~,~/Filed,7,8/Paid,5,6/On-site,~,~/Filed,3,4"
    assert table_lines(f"{text}/,~,~/All,15,18/Sum,~,~/Total filed,1,2") == [
        "Miners:",
        "Miners; Item: Filed; 2025: 7; 2026: 8",
        "Miners; Item: Paid; 2025: 5; 2026: 6",
        "On-site",
        "On-site; Item: Filed; 2025: 3; 2026: 4",
        "",
        "On-site; Item: All; 2025: 15; 2026: 18",
        "Sum",
        "Sum; Item: Total filed; 2025: 1; 2026: 2",
    ]


@pytest.mark.parametrize(
    "cell", ["Note: in thousands,~,~", "All values are estimates.,~,~", "On-site,~,", "A,~,~/Total,7,8"]
)
def test_remark_or_cell_that_spans_a_part_of_a_row_or_has_its_sum_is_no_group(cell: str) -> None:
    assert table_lines(f"Item,2025,2026/Filed,7,8/{cell}/Paid,5,6")[-1] == "Item: Paid; 2025: 5; 2026: 6"

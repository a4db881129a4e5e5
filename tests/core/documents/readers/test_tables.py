"""Which rows name the columns, and where a table begins. A wrong name is worse than none."""

from __future__ import annotations

import pytest

from core.documents.blocks import page_of
from core.documents.readers.tables import ROWS_FROM_1, Hints, sheet_blocks
from tests.documents import lines_with_rows
from tests.sheets import sheet_rows, sheet_text

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("sheet", "text"),
    [
        (
            "Report,Stock list/Date,2026-03-01//Article,Quantity,Shelf/Bolt M8,1200,B4/Nut M8,900,B5",
            "Report: Stock list\nDate: 2026-03-01 // Article: Bolt M8; Quantity: 1200; Shelf: B4\n"
            "Article: Nut M8; Quantity: 900; Shelf: B5",
        ),
        (
            "Report,Stock list,/Date,2026-03-01,/Article,Quantity,Shelf/Bolt M8,1200,B4/Nut M8,900,B5",
            "Report: Stock list\nDate: 2026-03-01 // Article: Bolt M8; Quantity: 1200; Shelf: B4\n"
            "Article: Nut M8; Quantity: 900; Shelf: B5",
        ),
        ("Stock list/Article,Quantity/Bolt,3", "Stock list // Article: Bolt; Quantity: 3"),
    ],
)
def test_lines_before_a_table_are_no_names(sheet: str, text: str) -> None:
    assert sheet_text(sheet) == text


def test_second_table_below_has_its_own_names() -> None:
    text = sheet_text("Region,Sales/North,10//Employee,Age/Ann,41")
    assert text == "Region: North; Sales: 10 // Employee: Ann; Age: 41"
    assert (
        sheet_text("Region,Sales/North,10//Person,Role/Ann,Boss")
        == "Region: North; Sales: 10 // Person: Ann; Role: Boss"
    )


def test_rows_behind_an_empty_one_that_hold_the_same_go_on_and_a_remark_does_not() -> None:
    assert (
        sheet_text("Team,2025,2026/Core,1.5,0.3//Docs,,4")
        == "Team: Core; 2025: 1.5; 2026: 0.3\nTeam: Docs; 2026: 4"
    )
    assert (
        sheet_text("Region,Sales/North,10//Source: ministry")
        == "Region: North; Sales: 10 // Source: ministry"
    )
    assert (
        sheet_text("Region,Sales/North,10//Ann,Boss/Bob,Clerk")
        == "Region: North; Sales: 10 // Ann; Boss\nBob; Clerk"
    )


def test_tables_beside_each_other_are_two() -> None:
    text = sheet_text("Region,Sales,,Employee,Age/North,10,,Ann,41/South,20,,Bob,52/,,,Cy,33")
    assert text == (
        "Region: North; Sales: 10\nRegion: South; Sales: 20 // "
        "Employee: Ann; Age: 41\nEmployee: Bob; Age: 52\nEmployee: Cy; Age: 33"
    )


def test_rows_that_go_on_behind_a_narrow_empty_column_stay_together() -> None:
    text = sheet_text(
        "Pollster,Polls,,Error,Grade,,Bias,Miss/Ann,10,,4.5,A,,1,9/Bo,7,,3.2,B,,-2,8/Cy,9,,3.9,B,,0,7/Di,8,,4.1,A"
    )
    assert text.split("\n") == [
        "Pollster: Ann; Polls: 10; Error: 4.5; Grade: A; Bias: 1; Miss: 9",
        "Pollster: Bo; Polls: 7; Error: 3.2; Grade: B; Bias: -2; Miss: 8",
        "Pollster: Cy; Polls: 9; Error: 3.9; Grade: B; Bias: 0; Miss: 7",
        "Pollster: Di; Polls: 8; Error: 4.1; Grade: A",
    ]


@pytest.mark.parametrize(
    "sheet",
    [
        "Town,Sum,,Rank,Size/Alby,10,,1,3/Borg,20,,2,9/Cely,30,,3,4",
        "Town,Sum,,Year,Size/Alby,10,,2020,3/Borg,20,,2021,9/Cely,30,,2019,4",
        "Town,Sum,,Score,Who/Alby,10,,7,Ann/Borg,20,,4,Bo/Cely,30,,5,Cy",
        "Town,Sum,,Sum,Size/Alby,10,,4,3/Borg,20,,2,9/Cely,30,,3,4",
        "Town,Sum,,,Cost,Size/Alby,10,,,4,3/Borg,20,,,2,9/Cely,30,,,3,4",
        "Town,Sum,,Cost,Size/Alby,10,,4,3/Borg,20,,2,9/Cely,30,,3,4/,,,5,5",
    ],
)
def test_numbers_behind_an_empty_column_that_may_be_of_another_table_are_apart(sheet: str) -> None:
    assert sheet_text(sheet).count(" // ") == 1


YEARS = (
    "In millions,,,2023/,Sales,Profit,Costs//North,10,2,8/South,20,3,17/West,30,4,26//"
    "In millions,,,2022/,Sales,Profit,Costs//North,11,5,6/South,21,6,15/West,31,7,24"
)


def test_names_behind_an_empty_row_name_and_what_stands_above_them_is_the_title_of_each_chunk() -> None:
    assert sheet_text(YEARS) == (
        "In millions; 2023\nNorth; Sales: 10; Profit: 2; Costs: 8\nSouth; Sales: 20; Profit: 3; Costs: 17\n"
        "West; Sales: 30; Profit: 4; Costs: 26 // "
        "In millions; 2022\nNorth; Sales: 11; Profit: 5; Costs: 6\nSouth; Sales: 21; Profit: 6; Costs: 15\n"
        "West; Sales: 31; Profit: 7; Costs: 24"
    )
    first, second = sheet_blocks(sheet_rows(YEARS), hints=Hints(row_numbers=ROWS_FROM_1))
    assert (first.header, second.header) == ("In millions; 2023", "In millions; 2022")
    page = page_of(1, [first, second])
    assert lines_with_rows(page)[:2] == [
        "row 1: In millions; 2023",
        "row 4: North; Sales: 10; Profit: 2; Costs: 8",
    ]
    assert lines_with_rows(page)[-1] == "row 13: West; Sales: 31; Profit: 7; Costs: 24"


def test_rows_between_empty_ones_that_name_nothing_stay_as_they_are() -> None:
    assert (
        sheet_text("Ann,Bern/Bo,Ulm//some words//Cy,Rome") == "Ann; Bern\nBo; Ulm // some words // Cy; Rome"
    )


def test_titles_of_tables_beside_each_other_stay() -> None:
    text = sheet_text("Sales,,,Staff,/Region,Sum,,Who,Age/North,10,,Ann,41")
    assert text == "Sales; Staff // Region: North; Sum: 10 // Who: Ann; Age: 41"
    text = sheet_text("Region,Sum,,Staff,/North,10,,Who,Age/South,20,,Ann,41")
    assert text == "Region: North; Sum: 10\nRegion: South; Sum: 20 // Staff\nWho: Ann; Age: 41"


def test_large_table_goes_on_behind_what_it_was_told_by() -> None:
    rows = [["Name", "Age"], *([f"n{number}", str(number)] for number in range(1000))]
    (block,) = sheet_blocks(rows)
    lines = block.text.split("\n")
    assert (len(lines), lines[0], lines[-1]) == (1000, "Name: n0; Age: 0", "Name: n999; Age: 999")


def _with_rows(text: str, header_rows: set[int] | None = None) -> list[str]:
    hints = Hints(row_numbers=ROWS_FROM_1, header_rows=header_rows or set())
    return lines_with_rows(page_of(None, sheet_blocks(sheet_rows(text), hints=hints)))


def test_names_that_are_no_row_of_their_own_have_no_number() -> None:
    assert _with_rows("Town,Sales,Note/Alby,10,/Borg,20,") == [
        "-: Columns: Town; Sales; Note",
        "row 2: Town: Alby; Sales: 10",
        "row 3: Town: Borg; Sales: 20",
    ]


def test_first_row_that_is_repeated_has_its_number() -> None:
    assert _with_rows("/red,round,soft/blue,flat,hard/grey,flat,soft/red,flat,hard") == [
        "row 2: red; round; soft",
        "row 3: blue; flat; hard",
        "row 4: grey; flat; soft",
        "row 5: red; flat; hard",
    ]


def test_names_without_rows_have_their_number() -> None:
    assert _with_rows("/Town,Sales", header_rows={1}) == ["row 2: Town; Sales"]


def test_tables_beside_each_other_have_the_same_rows() -> None:
    assert _with_rows("Town,Sales,,Name,Age/Alby,10,,Ann,41/Borg,20,,Ben,35") == [
        "row 2: Town: Alby; Sales: 10",
        "row 3: Town: Borg; Sales: 20",
        "row 2: Name: Ann; Age: 41",
        "row 3: Name: Ben; Age: 35",
    ]

"""Which rows name the columns, and where a table begins. A wrong name is worse than none."""

from __future__ import annotations

import pytest

from core.documents.blocks import page_of
from core.documents.readers.tables import ACROSS, ROWS_FROM_1, Hints, sheet_blocks, table_blocks
from tests.documents import lines_with_rows

pytestmark = pytest.mark.portable


def _rows(text: str) -> list[list[str]]:
    """Rows of a sheet, their cells apart by commas; "~" stands where a merged cell reaches."""
    return [[ACROSS if cell == "~" else cell for cell in line.split(",")] for line in text.split("/")]


def _read(text: str, hints: Hints | None = None) -> str:
    blocks = sheet_blocks(_rows(text), hints=hints)
    return " // ".join("\n".join(filter(None, [block.header, block.text])) for block in blocks)


@pytest.mark.parametrize(
    ("sheet", "text"),
    [
        ("Region,Sales/North,10/South,20", "Region: North; Sales: 10\nRegion: South; Sales: 20"),
        ("city,note/Ulm,old/,x", "city: Ulm; note: old\nnote: x"),
        ("Name,Date of birth/Ann Miller,3 May 1990", "Name: Ann Miller; Date of birth: 3 May 1990"),
        ("user_id,isActive/ab,cd/ef,gh", "user_id: ab; isActive: cd\nuser_id: ef; isActive: gh"),
        ("Invoice,To/INV-0042,Ann/INV-0043,Bo", "Invoice: INV-0042; To: Ann\nInvoice: INV-0043; To: Bo"),
        ("a,b/1,2,3", "a: 1; b: 2; 3"),
    ],
)
def test_first_row_that_differs_from_all_others_names_the_columns(sheet: str, text: str) -> None:
    assert _read(sheet) == text


@pytest.mark.parametrize(
    "sheet",
    [
        "Anna,Ulm/Bela,Bern/Cara,Graz",
        "Anna,Ulm,12/Bela,Bern,15",
        "1,2/3,4",
        "2023,2024/7,8",
        "Anna,n/a,12".replace("n/a", "unknown") + "/Bela,Bern,15",
        "Year founded,1998/Staff,120/Offices,3",
        "Name,Ann Miller,Date,3 May 2026/Street,Elm 5,Phone,555-1234",
    ],
)
def test_first_row_that_may_be_data_names_nothing(sheet: str) -> None:
    assert _read(sheet) == sheet.replace("/", "\n").replace(",", "; ")


def test_long_question_names_its_answers_and_a_long_text_names_no_others() -> None:
    question = (
        "If the seat in front of you goes down for most of a long flight" + " and nobody asks" * 5 + "?"
    )
    assert len(question) > 120
    named = _read(f"Respondent,{question},Age/3436,Yes,30/3437,No,41")
    assert named.split("\n")[-1] == f"Respondent: 3437; {question}: No; Age: 41"
    assert ": " not in _read(f"Name,{question},Role/Ann,Good,Boss/Bo,Bad,Clerk")
    assert "Age: " not in _read(f"Respondent,Seat [comment: {question}],Age/3436,Yes,30/3437,No,41")
    assert ": " not in _read(f"Ann,{question},Ulm/Bo,{question},12/Cy,{question},14")


def test_first_row_that_may_name_columns_is_repeated_but_names_nothing() -> None:
    (block,) = sheet_blocks(_rows("Planet,God/Mars,War/Venus,Love/Jupiter,Sky"))
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
    assert _read(sheet) == sheet.replace(":", "").replace("/", "\n").replace(",", ": ")


@pytest.mark.parametrize(
    ("sheet", "text"),
    [
        ("Store,1,2,3/Ulm,120,130,99/Bern,80,85,77", "Store: Ulm; 1: 120; 2: 130; 3: 99"),
        ("Team,2025,2026/Core,1.5,0.3", "Team: Core; 2025: 1.5; 2026: 0.3"),
        ("Town,Jan 2026,Feb 2026/Alby,10,20", "Town: Alby; Jan 2026: 10; Feb 2026: 20"),
        (
            "Ort,Januar 2026,Februar 2026,März 2026/Ulm,1,2,3",
            "Ort: Ulm; Januar 2026: 1; Februar 2026: 2; März 2026: 3",
        ),
        ("Town,2026-01-01,2026-02-01/Alby,10,20", "Town: Alby; 2026-01-01: 10; 2026-02-01: 20"),
        ("Student,Score,Score,Grade/Anna,71,88,B", "Student: Anna; Score: 71; Score (2): 88; Grade: B"),
        ("Region,2025/North,10/South,20", "Region: North; 2025: 10"),
        (",2024,2025/North,1,2/South,3,4", "North; 2024: 1; 2025: 2"),
        ("Student,1,2,3,Total/Anna,5,6,7,18", "Student: Anna; 1: 5; 2: 6; 3: 7; Total: 18"),
        ("Time,8:00,9:00,10:00/Mon,Maths,Art,Sport", "Time: Mon; 8:00: Maths; 9:00: Art; 10:00: Sport"),
        ("x,y,z/0.1,0.2,0.3", "x: 0.1; y: 0.2; z: 0.3"),
        ("Year,North,South/2023,10,20/2024,11,21", "Year: 2023; North: 10; South: 20"),
    ],
)
def test_numbers_years_dates_and_doubles_can_be_names(sheet: str, text: str) -> None:
    assert _read(sheet).split("\n")[0] == text


def test_empty_cells_keep_their_column_and_empty_columns_their_name() -> None:
    text = _read("Town,2024 Q1,5,6/Alby,,,7/Borg,8,,9")
    assert text == "Columns: Town; 2024 Q1; 5; 6\nTown: Alby; 6: 7\nTown: Borg; 2024 Q1: 8; 6: 9"
    assert _read("Anna,,12/Bela,Bern,") == "Anna; ; 12\nBela; Bern"
    assert _read("Name,Telephone,Fax/Ann/Bob").split("\n")[0] == "Columns: Name; Telephone; Fax"


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
    assert _read(sheet) == text


def test_second_table_below_has_its_own_names() -> None:
    text = _read("Region,Sales/North,10//Employee,Age/Ann,41")
    assert text == "Region: North; Sales: 10 // Employee: Ann; Age: 41"
    assert (
        _read("Region,Sales/North,10//Person,Role/Ann,Boss")
        == "Region: North; Sales: 10 // Person: Ann; Role: Boss"
    )


def test_rows_behind_an_empty_one_that_hold_the_same_go_on_and_a_remark_does_not() -> None:
    assert (
        _read("Team,2025,2026/Core,1.5,0.3//Docs,,4")
        == "Team: Core; 2025: 1.5; 2026: 0.3\nTeam: Docs; 2026: 4"
    )
    assert _read("Region,Sales/North,10//Source: ministry") == "Region: North; Sales: 10 // Source: ministry"
    assert (
        _read("Region,Sales/North,10//Ann,Boss/Bob,Clerk")
        == "Region: North; Sales: 10 // Ann; Boss\nBob; Clerk"
    )


def test_tables_beside_each_other_are_two() -> None:
    text = _read("Region,Sales,,Employee,Age/North,10,,Ann,41/South,20,,Bob,52/,,,Cy,33")
    assert text == (
        "Region: North; Sales: 10\nRegion: South; Sales: 20 // "
        "Employee: Ann; Age: 41\nEmployee: Bob; Age: 52\nEmployee: Cy; Age: 33"
    )


def test_rows_that_go_on_behind_a_narrow_empty_column_stay_together() -> None:
    text = _read(
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
    assert _read(sheet).count(" // ") == 1


def test_name_over_running_numbers_and_words_names_the_words() -> None:
    text = _read("Pollster,~,Polls/1,Ann,10/2,Bo,7/3,Cy,9")
    assert text.split("\n")[1] == "2; Pollster: Bo; Polls: 7"
    assert _read("Range,~,Unit/1,5,km/2,4,km").startswith("Range: 1; Range (2): 5; Unit: km")


@pytest.mark.parametrize(
    "sheet",
    [
        "Region,2024,~,2025,~/Region,Q1,Q2,Q1,Q2/North,1,2,3,4",
        "Region,2024,,2025,/,Q1,Q2,Q1,Q2/North,1,2,3,4",
    ],
)
def test_header_of_two_rows_names_by_both(sheet: str) -> None:
    assert _read(sheet) == "Region: North; 2024 Q1: 1; 2024 Q2: 2; 2025 Q1: 3; 2025 Q2: 4"


def test_names_that_come_again_have_their_groups_without_merged_cells() -> None:
    body = "1,North,5,6,3,4/2,South,7,8,5,6/3,West,9,9,8,8"
    text = _read(f"Station,,Electors,,Turnout,/Part,Name,Male,Female,Male,Female/{body}")
    assert text.split("\n")[0] == (
        "Station Part: 1; Station Name: North; Electors Male: 5; Electors Female: 6; "
        "Turnout Male: 3; Turnout Female: 4"
    )
    # The same name twice in one group, or in none: what the row above means is not certain.
    for upper in ("Station,,Electors,,,", "Station,,,Electors,,"):
        assert "Station Part" not in _read(f"{upper}/Part,Name,Male,Female,Male,Female/{body}")
    assert "Staff" not in _read(f"Staff,,Ann,,Bo,/Part,Name,Male,Age,Female,Size/{body}").split(" // ")[-1]


YEARS = (
    "In millions,,,2023/,Sales,Profit,Costs//North,10,2,8/South,20,3,17/West,30,4,26//"
    "In millions,,,2022/,Sales,Profit,Costs//North,11,5,6/South,21,6,15/West,31,7,24"
)


def test_names_behind_an_empty_row_name_and_what_stands_above_them_is_the_title_of_each_chunk() -> None:
    assert _read(YEARS) == (
        "In millions; 2023\nNorth; Sales: 10; Profit: 2; Costs: 8\nSouth; Sales: 20; Profit: 3; Costs: 17\n"
        "West; Sales: 30; Profit: 4; Costs: 26 // "
        "In millions; 2022\nNorth; Sales: 11; Profit: 5; Costs: 6\nSouth; Sales: 21; Profit: 6; Costs: 15\n"
        "West; Sales: 31; Profit: 7; Costs: 24"
    )
    first, second = sheet_blocks(_rows(YEARS), hints=Hints(row_numbers=ROWS_FROM_1))
    assert (first.header, second.header) == ("In millions; 2023", "In millions; 2022")
    page = page_of(1, [first, second])
    assert lines_with_rows(page)[:2] == [
        "row 1: In millions; 2023",
        "row 4: North; Sales: 10; Profit: 2; Costs: 8",
    ]
    assert lines_with_rows(page)[-1] == "row 13: West; Sales: 31; Profit: 7; Costs: 24"


def test_rows_between_empty_ones_that_name_nothing_stay_as_they_are() -> None:
    assert _read("Ann,Bern/Bo,Ulm//some words//Cy,Rome") == "Ann; Bern\nBo; Ulm // some words // Cy; Rome"


def test_titles_of_tables_beside_each_other_stay() -> None:
    text = _read("Sales,,,Staff,/Region,Sum,,Who,Age/North,10,,Ann,41")
    assert text == "Sales; Staff // Region: North; Sum: 10 // Who: Ann; Age: 41"
    text = _read("Region,Sum,,Staff,/North,10,,Who,Age/South,20,,Ann,41")
    assert text == "Region: North; Sum: 10\nRegion: South; Sum: 20 // Staff\nWho: Ann; Age: 41"


@pytest.mark.parametrize(
    ("sheet", "last"),
    [
        (
            "Town,Sales,~,~,~/Town,2024,~,2025,~/Town,Low,High,Low,High/Ulm,1,2,3,4/Bern,5,6,7,8",
            "Town: Bern; Sales 2024 Low: 5; Sales 2024 High: 6; Sales 2025 Low: 7; Sales 2025 High: 8",
        ),
        ("Town,Sales,~/Town,2024,2025/Ulm,1,2/Bern,5,6/Rome,7,8", "Town: Rome; Sales 2024: 7; Sales 2025: 8"),
        (
            "Town,Founded,~/Town,1924,1925/Ulm,1926,1927/Bern,1928,1929",
            "Town: Bern; Founded: 1928; Founded (2): 1929",
        ),
    ],
)
def test_merged_names_stand_before_those_below_them(sheet: str, last: str) -> None:
    (block,) = table_blocks(_rows(sheet))
    assert block.text.splitlines()[-1] == last


@pytest.mark.parametrize(
    "sheet", ["4. Wages,Yes,Office/5. Rents,No,No", "1 Wages,Yes,9/2 Rents,No,10/3 Shares,No,12"]
)
def test_row_that_is_counted_on_below_names_no_columns(sheet: str) -> None:
    (block,) = table_blocks(_rows(sheet))
    assert "Wages:" not in block.text
    assert "Wages | Yes" in f"{block.header}{block.text}"


def test_merged_title_between_rows_is_a_line() -> None:
    text = _read("Item,Cost/Desk,10//Chairs,~/Oak,5/Pine,4")
    assert text == "Item: Desk; Cost: 10\nChairs\nItem: Oak; Cost: 5\nItem: Pine; Cost: 4"


def test_units_below_the_names_belong_to_them() -> None:
    assert _read("Speed,Mass/(km),(kg)/5,6") == "Speed (km): 5; Mass (kg): 6"


def test_row_of_one_merged_cell_is_a_line() -> None:
    assert _read(
        "Item,Cost,Tax/Chairs,~,~/Oak,5,1"
    ) == "Columns: Item; Cost; Tax\nChairs\nItem: Oak; Cost: 5; Tax: 1".replace(
        "Columns: Item; Cost; Tax\n", ""
    )


def _lines_of_one(text: str) -> list[str]:
    return [line for block in table_blocks(_rows(text)) for line in block.text.split("\n")]


def test_rows_of_a_table_are_told_with_the_cell_that_spans_the_row_above_them() -> None:
    text = "Item,2025,2026/Miners:,~,~/Filed,7,8/Paid,5,6/On-site,~,~/Filed,3,4"
    assert _lines_of_one(f"{text}/,~,~/All,15,18/Sum,~,~/Total filed,1,2") == [
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
    assert _lines_of_one(f"Item,2025,2026/Filed,7,8/{cell}/Paid,5,6")[-1] == "Item: Paid; 2025: 5; 2026: 6"


def test_rows_that_the_file_calls_a_header_are_one() -> None:
    hints = Hints(header_rows={1}, marks={2: "(hidden row)"}, hidden_columns={1})
    text = _read("Gods,x/Planet,God/Mars,War/Venus,Love", hints)
    assert text.split("\n") == [
        "Gods: x // Planet: Mars; God (hidden column): War (hidden row)",
        "Planet: Venus; God (hidden column): Love",
    ]


def test_first_row_that_looks_like_a_header_is_one_but_for_pairs_and_numbers() -> None:
    def read(text: str) -> str:
        return "\n".join(block.text for block in table_blocks(_rows(text), is_likely=True))

    assert read("Planet,God/Mars,War") == "Planet: Mars; God: War"
    assert read("Tenant,Maria/Rent,High/Start,Soon") == "Tenant: Maria\nRent: High\nStart: Soon"
    assert read("Mars,7/Venus,8") == "Mars | 7\nVenus | 8"


def test_large_table_goes_on_behind_what_it_was_told_by() -> None:
    rows = [["Name", "Age"], *([f"n{number}", str(number)] for number in range(1000))]
    (block,) = sheet_blocks(rows)
    lines = block.text.split("\n")
    assert (len(lines), lines[0], lines[-1]) == (1000, "Name: n0; Age: 0", "Name: n999; Age: 999")


def _with_rows(text: str, header_rows: set[int] | None = None) -> list[str]:
    hints = Hints(row_numbers=ROWS_FROM_1, header_rows=header_rows or set())
    return lines_with_rows(page_of(None, sheet_blocks(_rows(text), hints=hints)))


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

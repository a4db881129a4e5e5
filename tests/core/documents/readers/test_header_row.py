"""Which rows name the columns. A wrong name is worse than none."""

from __future__ import annotations

import pytest

from core.documents.readers.tables import Hints, table_blocks
from tests.sheets import sheet_rows, sheet_text

pytestmark = pytest.mark.portable


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
    assert sheet_text(sheet) == text


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
    assert sheet_text(sheet) == sheet.replace("/", "\n").replace(",", "; ")


def test_long_question_names_its_answers_and_a_long_text_names_no_others() -> None:
    question = (
        "If the seat in front of you goes down for most of a long flight" + " and nobody asks" * 5 + "?"
    )
    assert len(question) > 120
    named = sheet_text(f"Respondent,{question},Age/3436,Yes,30/3437,No,41")
    assert named.split("\n")[-1] == f"Respondent: 3437; {question}: No; Age: 41"
    assert ": " not in sheet_text(f"Name,{question},Role/Ann,Good,Boss/Bo,Bad,Clerk")
    assert "Age: " not in sheet_text(f"Respondent,Seat [comment: {question}],Age/3436,Yes,30/3437,No,41")
    assert ": " not in sheet_text(f"Ann,{question},Ulm/Bo,{question},12/Cy,{question},14")


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
    assert sheet_text(sheet).split("\n")[0] == text


def test_name_over_running_numbers_and_words_names_the_words() -> None:
    text = sheet_text("Pollster,~,Polls/1,Ann,10/2,Bo,7/3,Cy,9")
    assert text.split("\n")[1] == "2; Pollster: Bo; Polls: 7"
    assert sheet_text("Range,~,Unit/1,5,km/2,4,km").startswith("Range: 1; Range (2): 5; Unit: km")


@pytest.mark.parametrize(
    "sheet",
    [
        "Region,2024,~,2025,~/Region,Q1,Q2,Q1,Q2/North,1,2,3,4",
        "Region,2024,,2025,/,Q1,Q2,Q1,Q2/North,1,2,3,4",
    ],
)
def test_header_of_two_rows_names_by_both(sheet: str) -> None:
    assert sheet_text(sheet) == "Region: North; 2024 Q1: 1; 2024 Q2: 2; 2025 Q1: 3; 2025 Q2: 4"


def test_names_that_come_again_have_their_groups_without_merged_cells() -> None:
    body = "1,North,5,6,3,4/2,South,7,8,5,6/3,West,9,9,8,8"
    text = sheet_text(f"Station,,Electors,,Turnout,/Part,Name,Male,Female,Male,Female/{body}")
    assert text.split("\n")[0] == (
        "Station Part: 1; Station Name: North; Electors Male: 5; Electors Female: 6; "
        "Turnout Male: 3; Turnout Female: 4"
    )
    # The same name twice in one group, or in none: what the row above means is not certain.
    for upper in ("Station,,Electors,,,", "Station,,,Electors,,"):
        assert "Station Part" not in sheet_text(f"{upper}/Part,Name,Male,Female,Male,Female/{body}")
    assert (
        "Staff" not in sheet_text(f"Staff,,Ann,,Bo,/Part,Name,Male,Age,Female,Size/{body}").split(" // ")[-1]
    )


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
    (block,) = table_blocks(sheet_rows(sheet))
    assert block.text.splitlines()[-1] == last


@pytest.mark.parametrize(
    "sheet", ["4. Wages,Yes,Office/5. Rents,No,No", "1 Wages,Yes,9/2 Rents,No,10/3 Shares,No,12"]
)
def test_row_that_is_counted_on_below_names_no_columns(sheet: str) -> None:
    (block,) = table_blocks(sheet_rows(sheet))
    assert "Wages:" not in block.text
    assert "Wages | Yes" in f"{block.header}{block.text}"


def test_units_below_the_names_belong_to_them() -> None:
    assert sheet_text("Speed,Mass/(km),(kg)/5,6") == "Speed (km): 5; Mass (kg): 6"


def test_rows_that_the_file_calls_a_header_are_one() -> None:
    hints = Hints(header_rows={1}, marks={2: "(hidden row)"}, hidden_columns={1})
    text = sheet_text("Gods,x/Planet,God/Mars,War/Venus,Love", hints)
    assert text.split("\n") == [
        "Gods: x // Planet: Mars; God (hidden column): War (hidden row)",
        "Planet: Venus; God (hidden column): Love",
    ]


def test_first_row_that_looks_like_a_header_is_one_but_for_pairs_and_numbers() -> None:
    def read(text: str) -> str:
        return "\n".join(block.text for block in table_blocks(sheet_rows(text), is_likely=True))

    assert read("Planet,God/Mars,War") == "Planet: Mars; God: War"
    assert read("Tenant,Maria/Rent,High/Start,Soon") == "Tenant: Maria\nRent: High\nStart: Soon"
    assert read("Mars,7/Venus,8") == "Mars | 7\nVenus | 8"

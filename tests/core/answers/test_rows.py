"""Rows of tables in an answer. A wrong name is worse than none."""

from __future__ import annotations

import pytest

from core.answers.rows import row_below, row_text, rows_above
from core.documents.sentences import statements

pytestmark = pytest.mark.portable

REPAIR = (
    "Insured name | Gabriel Diaz |  | Year | 2022\n"
    "Repair Order # | RO-20221108 |  | Estimator | Ellis Turner\n"
    " |  | Hours | Rate | Cost\n"
    "Body Labor |  | 2 | 150 | 300\n"
    "GRAND TOTAL |  |  |  | 5,738"
)
MARKDOWN = "| City | People | Area |\n|---|---|---|\n| Oslo | 700,000 | 454 |\n| Bergen | 290,000 | 465 |"
YEARS = (
    "In millions; January–June 2022\n"
    "North; Sales: 11; Profit: 5; Costs: 6\nWest; Sales: 31; Profit: 7; Costs: 24"
)


def _shown(text: str, beginning: str, *, is_markdown: bool = False) -> list[str]:
    """A row as it is shown, with what is shown above and below it."""
    told = statements(text)
    index = next(at for at, each in enumerate(told) if each.text.lstrip("| ").startswith(beginning))
    below = row_below(index, told)
    shown = [*rows_above(index, told, is_markdown=is_markdown), index, *([] if below is None else [below])]
    return [row_text(at, told, is_markdown=is_markdown) for at in shown]


def test_row_of_a_table_without_certain_names_gets_none() -> None:
    assert _shown(REPAIR, "GRAND TOTAL") == ["GRAND TOTAL: 5,738"]
    assert _shown(REPAIR, "Body Labor") == ["Hours · Rate · Cost", "Body Labor · 2 · 150 · 300"]


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ("Balance Due: | $127.50", "Balance Due: $127.50"),
        ("QX-7741 | 15 euros", "QX-7741: 15 euros"),
        ("Booking ID | Payment Mode", "Booking ID · Payment Mode"),
        ("06AABCO6063D1ZQ | U63090DL2012", "06AABCO6063D1ZQ · U63090DL2012"),
        ("Guest Name: Sanjay | Date: 31/12/2017", "Guest Name: Sanjay · Date: 31/12/2017"),
    ],
)
def test_two_cells_are_a_name_and_its_value_where_they_read_so(row: str, shown: str) -> None:
    assert _shown(row, row[:6]) == [shown]


def test_row_that_may_be_names_is_shown_with_the_values_below_it() -> None:
    text = "Booking ID | Payment Mode\nIBZY2087 | Cash at Hotel"
    assert _shown(text, "Booking") == ["Booking ID · Payment Mode", "IBZY2087 · Cash at Hotel"]


@pytest.mark.parametrize("is_markdown", [True, False])
def test_names_that_markdown_marks_as_such_are_given_to_the_values(is_markdown: bool) -> None:
    expected = "Bergen – People: 290,000, Area: 465"
    assert _shown(MARKDOWN, "Bergen", is_markdown=is_markdown)[-1] == expected


def test_row_is_named_by_its_own_table_and_not_by_one_higher_up() -> None:
    rivers = "| River | Length | Mouth |\n|---|---|---|\n| Glomma | 621 | Fredrikstad |"
    other = f"{MARKDOWN}\n\nThe rivers:\n\n{rivers}"
    assert _shown(other, "Glomma", is_markdown=True) == ["Glomma – Length: 621, Mouth: Fredrikstad"]


def test_title_of_a_table_is_shown_above_a_row_whose_cells_have_their_names() -> None:
    assert _shown(YEARS, "West") == [
        "In millions; January–June 2022",
        "West; Sales: 31; Profit: 7; Costs: 24",
    ]
    assert _shown("All prices with tax.\nNorth; Sales: 11; Profit: 5; Costs: 6", "North") == [
        "North; Sales: 11; Profit: 5; Costs: 6"
    ]

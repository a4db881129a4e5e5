"""Names of the columns of a PDF's tables that go on over the page."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.documents.readers.reader import read_document
from tests.documents import new_pdf

pytestmark = pytest.mark.portable

NAMES = ["Town", "Sales", "Costs"]
FIRST = [NAMES, ["Alby", "10", "4"], ["Borg", "20", "9"]]
NEXT = [["Cella", "30", "5"], ["Dorne", "40", "6"]]
HEAD = (72.0, 40.0, "Harbour report of the towns")
# What can stand on a page: x and y from the upper left corner.
Drawn = tuple[float, float, str]


def read(*pages: Sequence[Drawn]) -> list[str]:
    pdf = new_pdf(unit="pt", format=(612, 792))
    for texts in pages:
        pdf.add_page()
        pdf.set_font("Helvetica", size=12)
        for x, y, text in texts:
            pdf.text(x, y, text)
    return [page.text for page in read_document("a.pdf", bytes(pdf.output())).pages]


def table(rows: Sequence[Sequence[str]], *, left: float = 72, top: float = 100) -> list[Drawn]:
    return [
        (left + 120 * column, top + 20 * row, cell)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    ]


def test_table_that_goes_on_over_pages_keeps_its_names() -> None:
    pages = read(table(FIRST), table(NEXT), table([["Elm", "50", "7"], ["Fall", "60", "8"]]))
    assert pages[1] == "Cella: Sales 30; Costs 5\nDorne: Sales 40; Costs 6"
    assert pages[2] == "Elm: Sales 50; Costs 7\nFall: Sales 60; Costs 8"


def test_head_and_foot_of_the_pages_do_not_end_a_table() -> None:
    pages = read(
        [HEAD, *table(FIRST), (300, 760, "Page 1 of 2")], [HEAD, *table(NEXT), (300, 760, "Page 2 of 2")]
    )
    assert "Cella: Sales 30; Costs 5\nDorne: Sales 40; Costs 6" in pages[1]


def test_names_that_come_again_on_the_next_page_are_no_row() -> None:
    rows = [NAMES, ["Cella", "n/a", "n/a"], ["Dorne", "n/a", "n/a"]]
    assert read(table(FIRST), table(rows))[1].endswith(
        "Cella: Sales n/a; Costs n/a\nDorne: Sales n/a; Costs n/a"
    )


@pytest.mark.parametrize(
    ("first", "following"),
    [
        pytest.param([*table(FIRST), (72, 200, "All in thousands.")], table(NEXT), id="text below"),
        pytest.param(table(FIRST), [(72, 60, "What was planned:"), *table(NEXT)], id="text above"),
        pytest.param(table(FIRST), table(NEXT, left=150), id="other places"),
        pytest.param(table(FIRST), table([*NEXT, ["Elm", "old", "red"]]), id="words in numbers' place"),
        pytest.param(table(FIRST), table([[*row, "1"] for row in NEXT]), id="more columns"),
    ],
)
def test_rows_get_no_names_where_it_may_be_another_table(
    first: Sequence[Drawn], following: Sequence[Drawn]
) -> None:
    assert "Dorne | 40 | 6" in read(first, following)[1]


def test_number_that_is_not_known_is_among_numbers() -> None:
    pages = read(table([*FIRST, ["Cella", "-", "8"]]), table([["Dorne", "40", "n/a"]] * 2))
    assert "Cella: Sales -; Costs 8" in pages[0]
    assert "Dorne: Sales 40; Costs n/a" in pages[1]


def test_table_two_pages_further_has_no_names() -> None:
    pages = read(table(FIRST), [HEAD], table(NEXT))
    assert pages[2] == "Cella | 30 | 5\nDorne | 40 | 6"


def test_cells_that_stand_in_one_column_have_no_name() -> None:
    """The name is that of one of them: "Deputies" of the numbers, not of the votes."""
    names = [(250.0, 100.0, "Deputies"), (340.0, 100.0, "Total")]
    votes = [("Votes in favour", "129"), ("Votes against", "65"), ("Abstentions", "22")]
    rows = [
        (x, 120.0 + 20 * row, text)
        for row, (label, number) in enumerate(votes)
        for x, text in ((72, f"Day {row}"), (167, label), (282, number), (344, number))
    ]
    assert "Day 0 | Votes in favour 129 | 129" in read([*names, *rows])[0]

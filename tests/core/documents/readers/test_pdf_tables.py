"""Tables of a PDF that no lines are drawn around, told by where their words stand."""

from __future__ import annotations

import pytest

from core.documents.models import BlockKind
from core.documents.readers.reader import read_document
from tests import documents as build
from tests.drawn_pages import TABLE, by_column, by_row, read_drawn

pytestmark = pytest.mark.portable


@pytest.mark.parametrize("draw", [by_row, by_column])
def test_table_comes_row_by_row_however_it_is_drawn(draw: type[object]) -> None:
    text = read_drawn(draw(TABLE))  # type: ignore[call-arg, arg-type]
    assert text == "Town | Sales | Costs\nAlby: Sales 10; Costs 4\nBorg: Sales 20; Costs 9"


def test_single_digits_below_each_other_are_no_number() -> None:
    text = read_drawn(by_column([["Team", "Goals"], ["Alby", "3"], ["Borg", "7"], ["Cella", "5"]]))
    assert "375" not in text
    assert "Alby: Goals 3" in text


def test_numbers_below_each_other_without_a_table_keep_their_lines() -> None:
    assert read_drawn([(100, 700, "10"), (106, 680, "9"), (106, 660, "8")]).split() == ["10", "9", "8"]


def test_cells_without_neighbours_keep_their_column() -> None:
    text = read_drawn(
        by_row([["Town", "2024", "2025", "2026"], ["Alby", "", "", "7"], ["Borg", "8", "", "9"]])
    )
    assert "Alby: 2026 7" in text
    assert "Borg: 2024 8; 2026 9" in text


def test_cells_get_no_names_where_the_first_row_may_be_none() -> None:
    text = read_drawn(by_row([["Ann", "Ulm", "red"], ["Bob", "Bern", ""], ["Cid", "Rome", "blue"]]))
    assert text.splitlines() == ["Ann | Ulm | red", "Bob | Bern | ", "Cid | Rome | blue"]


def test_name_in_the_middle_above_its_column_names_it() -> None:
    drawn = [(110, 720, "Town"), (240, 720, "2024"), (72, 700, "Alby"), (244, 700, "7")]
    text = read_drawn([*drawn, (72, 680, "A town with a name"), (244, 680, "8")])
    assert text == "Town | 2024\nAlby: 2024 7\nA town with a name: 2024 8"


def test_table_of_narrow_columns_keeps_its_empty_cells() -> None:
    header = [(72, 700, "Town"), (112, 700, "2024"), (148, 700, "2025"), (184, 700, "2026")]
    text = read_drawn([*header, (72, 680, "Alby"), (184, 680, "7"), (72, 660, "Borg"), (148, 660, "8")])
    assert text == "Town | 2024 | 2025 | 2026\nAlby: 2026 7\nBorg: 2025 8"


def test_tables_of_other_columns_below_each_other_are_two() -> None:
    first = by_row(TABLE)
    second = [(72, 640, "Rank"), (200, 640, "Team and all its points"), (72, 620, "1"), (200, 620, "Ann 3")]
    page = read_document("a.pdf", build.build_drawn_pdf([*first, *second])).pages[0]
    assert [block.kind for block in page.blocks].count(BlockKind.TABLE) == 2


def test_cell_of_several_long_lines_stays_in_its_row() -> None:
    drawn = [(72, 700, "Item"), (140, 700, "What it is"), (420, 700, "Price"), (72, 680, "A-1")]
    drawn += [(140, 680 - 14 * row, f"a lamp with a green shade of glass, part {row}") for row in range(3)]
    drawn += [(420, 680, "19"), (72, 630, "B-2"), (140, 630, "a chair"), (420, 630, "85")]
    lines = read_drawn(drawn).splitlines()
    assert lines[1].startswith("A-1: What it is a lamp with")
    assert lines[1].endswith("glass, part 2; Price 19")
    assert lines[2] == "B-2: What it is a chair; Price 85"


def test_names_that_follow_a_table_after_a_gap_begin_another_one() -> None:
    second = [(110, 610, "Item"), (192, 610, "Price"), (110, 590, "Desk"), (192, 590, "5")]
    text = read_drawn([*by_row([*TABLE, ["Cella", "30", "5"]]), *second])
    assert text.split("\n\n")[1] == "Item | Price\nDesk: Price 5"


def test_cell_that_goes_on_in_the_next_line_is_one_cell() -> None:
    rows = by_row([["Item", "Price"], ["Lamp with a shade", "19"], ["of glass", ""], ["Desk", "5"]])
    assert "Lamp with a shade of glass: Price 19" in read_drawn(rows)


def test_sign_of_a_currency_stands_before_its_number() -> None:
    text = read_drawn(by_row([["Town", "", "Sales"], ["Alby", "$", "10"], ["Borg", "$", "20"]]))
    assert "Alby: Sales $ 10" in text


def test_short_lines_in_two_columns_are_no_table() -> None:
    left = ["The lamp is a part of", "the old house, and it", "stands beside a door", "that nobody opens now"]
    right = [
        "A second column has a",
        "text of its own which",
        "goes on line by line",
        "until it ends as well",
    ]
    drawn = [(40, 700 - 14 * row, line) for row, line in enumerate(left)]
    drawn += [(200, 700 - 14 * row, line) for row, line in enumerate(right)]
    # Something that makes the page be looked at character by character.
    text = read_drawn([*drawn, (40, 600, "1"), (140, 600, "2")])
    assert text.split()[:-2] == " ".join([*left, *right]).split()


def test_columns_get_no_names_where_one_has_none() -> None:
    text = read_drawn(by_row([["Town", "2024", ""], ["Alby", "1", "2"], ["Borg", "3", "4"]]))
    assert text.splitlines()[1:] == ["Alby | 1 | 2", "Borg | 3 | 4"]


def test_list_marks_far_from_their_items_make_no_table() -> None:
    drawn = [(x, 700 - 20 * row, text) for row in range(3) for x, text in ((72, f"{row + 1}."), (110, "Pay"))]
    assert read_drawn(drawn).split() == ["1.", "Pay", "2.", "Pay", "3.", "Pay"]


def test_two_spaces_between_sentences_part_no_cells() -> None:
    """They are as wide as a gap between cells, and by chance they stand below each other."""
    drawn = [
        (72, 700, "1."),
        (100, 700, "CALL TO ORDER"),
        (72, 670, "2."),
        (100, 670, "PUBLIC COMMENT"),
        (100, 656, "The public may address the board on any item of the agenda.  The"),
        (100, 642, "president calls on those who have filled out comment cards before"),
        (100, 628, "the meeting, and nobody claps or boos (article 35145.5).  This will"),
        (100, 614, "ensure that all members of the public feel free to speak."),
    ]
    assert read_drawn(drawn).splitlines() == [
        "1. CALL TO ORDER",
        "2. PUBLIC COMMENT",
        "The public may address the board on any item of the agenda. The",
        "president calls on those who have filled out comment cards before",
        "the meeting, and nobody claps or boos (article 35145.5). This will",
        "ensure that all members of the public feel free to speak.",
    ]


def test_cells_that_end_in_a_full_stop_are_cells_still() -> None:
    rows = [["Ann Smith Ltd.", "1. Main St.", "New York"], ["Bob Jones Inc.", "2. High St.", "Boston"]]
    assert read_drawn(by_row(rows)).splitlines() == [" | ".join(row) for row in rows]

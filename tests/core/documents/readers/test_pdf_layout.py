"""A page is read from its head, column by column, with its tables between its paragraphs."""

from __future__ import annotations

import pytest

from core.documents.models import BlockKind
from core.documents.readers.reader import read_document
from tests import documents as build
from tests.drawn_pages import TABLE, by_row, read_drawn

pytestmark = pytest.mark.portable


def test_table_is_a_block_of_its_own_between_paragraphs() -> None:
    before = [(72, 740, "The towns of the valley and what they sold in the year, in thousands.")]
    after = [(72, 600, "Numbers are those that each town hall has given us on the third of May.")]
    page = read_document("a.pdf", build.build_drawn_pdf([*before, *by_row(TABLE), *after])).pages[0]
    assert [block.kind for block in page.blocks] == [
        BlockKind.PARAGRAPH,
        BlockKind.TABLE,
        BlockKind.PARAGRAPH,
    ]
    assert page.blocks[1].header == "Town | Sales | Costs"


def test_lines_drawn_from_the_foot_of_the_page_are_read_from_its_head() -> None:
    upward = [(72, 400 + 14 * row, f"Line {7 - row}") for row in range(7)]
    items = [(90, 200, "Service: last"), (72, 214, "2"), (90, 214, "Mail"), (90, 228, "Service: first")]
    items += [(72, 242, "1"), (90, 242, "Mail"), (72, 256, "Items of the invoice")]
    drawn = [(72, 740, "Head"), (72, 726, "below the head"), *upward, *items]
    numbered = [f"Line {number}" for number in range(1, 8)]
    rest = "Items of the invoice 1 Mail Service: first 2 Mail Service: last"
    expected = " ".join(["Head below the head", *numbered, rest])
    assert read_drawn(drawn).replace("|", " ").split() == expected.split()


def test_prose_drawn_from_the_foot_of_the_page_is_read_from_its_head() -> None:
    lines = [f"This is the line number {number} of a text that fills it nearly" for number in range(9)]
    drawn = [(72, 700 - 14 * number, line) for number, line in enumerate(lines)]
    assert read_drawn(drawn[::-1]).split("\n") == lines


def test_prose_in_two_columns_is_read_column_by_column() -> None:
    left = [f"The left column has line number {number} of its text" for number in range(6)]
    right = [f"The right column has line number {number} of its text" for number in range(6)]
    drawn = [(40, 700 - 14 * row, line) for row, line in enumerate(left)]
    drawn += [(330, 700 - 14 * row, line) for row, line in enumerate(right)]
    assert read_drawn(drawn).split() == " ".join([*left, *right]).split()

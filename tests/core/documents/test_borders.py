"""Where a page may be cut, and what a piece of a table's row takes with it."""

from __future__ import annotations

import pytest

from core.documents.blocks import Block, page_of
from core.documents.borders import (
    MAX_KEY_CHARS,
    block_at,
    cell_starts,
    header_at,
    is_in_row,
    page_breaks,
    row_key,
)
from core.documents.models import BlockKind, Page

pytestmark = pytest.mark.portable

TABLE = page_of(
    1,
    [
        Block(BlockKind.HEADING, "Prices", level=1),
        Block(BlockKind.TABLE, "Bolt | 1\nNut | 2", header="Article | Price"),
        Block(BlockKind.PARAGRAPH, "One. Two."),
    ],
)


def at(page: Page, text: str) -> int:
    return page.text.index(text)


def test_page_is_cut_between_sentences_and_rows_and_never_behind_a_heading() -> None:
    breaks = [TABLE.text[position:].split("\n")[0] for position in page_breaks(TABLE)]
    # The first row stays with the line that names the columns, and that with the heading.
    assert breaks == ["Nut | 2", "One. Two.", "Two."]


def test_page_without_blocks_is_cut_between_sentences() -> None:
    page = Page(number=1, text="One is here. Two is there.")
    assert [page.text[position:] for position in page_breaks(page)] == ["Two is there."]


def test_line_of_the_columns_is_said_again_in_the_rows_only() -> None:
    assert header_at(TABLE, at(TABLE, "Nut")) == "Article | Price"
    assert header_at(TABLE, at(TABLE, "Bolt")) == "Article | Price"
    for outside in ("Prices", "Article", "Two."):
        assert header_at(TABLE, at(TABLE, outside)) == ""


def test_block_of_a_character_is_found_and_none_between_blocks() -> None:
    found = block_at(TABLE, at(TABLE, "Nut"))
    assert found is not None and found.kind is BlockKind.TABLE and is_in_row(TABLE, at(TABLE, "Nut"))
    assert block_at(TABLE, len("Prices")) is None
    assert block_at(TABLE, len(TABLE.text)) is None
    assert not is_in_row(TABLE, at(TABLE, "One."))


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("Bolt | M8; long | 1", ["M8; long | 1", "1"]),
        ("name: Bolt; note: M8; long; price: 1", ["note: M8; long; price: 1", "price: 1"]),
        ("Bolt; M8; 1", ["M8; 1", "1"]),
        ("no cells", []),
    ],
)
def test_cells_begin_behind_the_sign_that_parts_this_row(row: str, cells: list[str]) -> None:
    page = page_of(1, [Block(BlockKind.TABLE, row)])
    assert [page.text[start:] for start in cell_starts(page, 0, len(row))] == cells


def _row(text: str) -> Page:
    return page_of(1, [Block(BlockKind.TABLE, f"first: row\n{text}")])


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ("name: Bolt; price: 1; note: heavy", "name: Bolt; "),
        # A number alone says less than the name behind it.
        ("no: 7; name: Bolt; note: heavy", "no: 7; name: Bolt; "),
        ("no: 7; size: 8; note: heavy", "no: 7; size: 8; "),
        (f"name: {'x' * MAX_KEY_CHARS}; note: heavy", ""),
    ],
)
def test_piece_of_a_row_says_which_row_it_is_of(row: str, key: str) -> None:
    page = _row(row)
    assert row_key(page, at(page, "heavy")) == key


def test_row_s_begin_and_other_blocks_have_no_key() -> None:
    page = _row("name: Bolt; note: heavy")
    assert row_key(page, at(page, "name")) == ""
    text = page_of(1, [Block(BlockKind.PARAGRAPH, "name: Bolt; note: heavy")])
    assert row_key(text, at(text, "heavy")) == ""

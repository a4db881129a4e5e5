from __future__ import annotations

import pytest

from core.documents.blocks import Block, page_of
from core.documents.models import BlockKind, Page
from core.documents.readers.parts import blocks_of, numbered

pytestmark = pytest.mark.portable


def test_blocks_of_a_page_make_the_same_page_again() -> None:
    blocks = [
        Block(BlockKind.HEADING, "Prices", level=2),
        Block(BlockKind.TABLE, "Bolt | 1\nNut | 2", header="Article | Price"),
        Block(BlockKind.LIST_ITEM, "one", level=1),
    ]
    page = page_of(None, blocks)
    assert list(blocks_of(page)) == blocks
    assert page_of(None, blocks_of(page)) == page


def test_page_without_blocks_is_a_paragraph() -> None:
    assert list(blocks_of(Page(number=1, text="Some words."))) == [Block(BlockKind.PARAGRAPH, "Some words.")]


def test_pages_are_counted_from_1_whatever_their_numbers_were() -> None:
    pages = [Page(number=number, text="x", label="y") for number in (7, None, 1)]
    assert [(page.number, page.label) for page in numbered(pages)] == [(1, "y"), (2, "y"), (3, "y")]

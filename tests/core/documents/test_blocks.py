from __future__ import annotations

import pytest

from core.documents.blocks import Block, BlockKind, page_of

pytestmark = pytest.mark.portable


def test_page_of_blocks_knows_where_each_is() -> None:
    blocks = [
        Block(BlockKind.HEADING, "Prices\r\nof 2026", level=2),
        Block(BlockKind.PARAGRAPH, " \n"),
        Block(BlockKind.TABLE, "Bolt | 1\nNut\x00 | 2", header="Article | Price"),
        Block(BlockKind.LIST_ITEM, "1. one"),
        Block(BlockKind.LIST_ITEM, "2. two", level=1),
    ]
    page = page_of(3, blocks, label="sheet Prices")
    assert (page.number, page.label, page.is_damaged) == (3, "sheet Prices", False)
    assert page.text == "Prices\nof 2026\n\nArticle | Price\nBolt | 1\nNut | 2\n\n1. one\n2. two"
    assert [(block.kind, page.text[block.start : block.end], block.level) for block in page.blocks] == [
        ("heading", "Prices\nof 2026", 2),
        ("table", "Article | Price\nBolt | 1\nNut | 2", 0),
        ("list_item", "1. one", 0),
        ("list_item", "2. two", 1),
    ]
    assert [block.header for block in page.blocks] == ["", "Article | Price", "", ""]

"""Where a page may be cut: at sentence ends and between its blocks, never in a table's row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from core.documents.models import BlockKind, Page, PlacedBlock
from core.documents.sentences import sentence_breaks

_OF_LINES = frozenset({BlockKind.TABLE, BlockKind.CODE, BlockKind.CHART})


def page_breaks(page: Page) -> list[int]:
    """Characters at which a chunk may begin, ascending, without 0 and the page's end.

    What follows a heading stays with it.
    """
    if not page.blocks:
        return sentence_breaks(page.text)
    return list(_breaks_of_blocks(page))


def _breaks_of_blocks(page: Page) -> Iterator[int]:
    is_after_heading = True
    for block in page.blocks:
        if not is_after_heading:
            yield block.start
        is_after_heading = block.kind is BlockKind.HEADING
        if block.kind in _OF_LINES:
            yield from _line_starts(page.text, block)
        elif not is_after_heading:
            yield from (block.start + at for at in sentence_breaks(page.text[block.start : block.end]))


def _line_starts(text: str, block: PlacedBlock) -> Iterator[int]:
    """Where rows begin; not the first, which stays with the line that names the columns."""
    first = block.start + len(block.header) + 1 if block.header else block.start
    at = text.find("\n", first, block.end)
    while at >= 0:
        if at + 1 < block.end:
            yield at + 1
        at = text.find("\n", at + 1, block.end)


def block_at(page: Page, position: int) -> PlacedBlock | None:
    """The block that a character belongs to; None between blocks and where there are none."""
    at = bisect_right(page.blocks, position, key=lambda block: block.start) - 1
    if at < 0 or position >= page.blocks[at].end:
        return None
    return page.blocks[at]


def header_at(page: Page, position: int) -> str:
    """The line that names the columns of the row at `position`; "" outside of tables, and in that line."""
    block = block_at(page, position)
    if block is None or not block.header or position <= block.start + len(block.header):
        return ""
    return block.header


def is_in_row(page: Page, position: int) -> bool:
    """Whether a character is in a table's row."""
    block = block_at(page, position)
    return block is not None and block.kind is BlockKind.TABLE

"""Where a page may be cut: between sentences and blocks; a long row of a table between its cells."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from core.documents.models import BlockKind, Page, PlacedBlock
from core.documents.sentences import sentence_breaks

# Where the next cell of a row begins: behind a bar, at a name, or where columns have no names behind any
# semicolon. A value may have one too.
_BARS, _NAMES, _SEMICOLONS = (re.compile(pattern) for pattern in (r" \| ", r"; (?=[^;:\n]{1,150}: )", "; "))
_MOST_AHEAD = 152
# What says which row a piece of it belongs to: so many cells at most, in so many characters.
MOST_KEYS, MAX_KEY_CHARS = 2, 100
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


def cell_starts(page: Page, start: int, end: int) -> list[int]:
    """Where cells begin behind `start` and up to `end`, in one row of a table; ascending."""
    stretch = page.text[start : end + _MOST_AHEAD]
    for border in (_BARS, _NAMES, _SEMICOLONS):
        found = [at for match in border.finditer(stretch) if (at := start + match.end()) <= end]
        if found:
            return found
    return []


def row_key(page: Page, position: int) -> str:
    """The first cells of the row at `position`, which say what it is about, with the sign behind them.

    "" at the row's begin, outside of tables, and where these are too long to be said again.
    """
    block = block_at(page, position)
    if block is None or block.kind is not BlockKind.TABLE:
        return ""
    start = page.text.rfind("\n", block.start, position) + 1 or block.start
    ends = cell_starts(page, start, min(position, start + MAX_KEY_CHARS))[:MOST_KEYS]
    if start == position or not ends:
        return ""
    # A number alone, such as a row's own, says less than the name behind it.
    end = next((end for end in ends if _has_words(page.text[start:end])), ends[-1])
    return page.text[start:end]


def _has_words(cells: str) -> bool:
    return any(char.isalpha() for cell in cells.split("; ") for char in cell.rpartition(": ")[2])


def is_in_row(page: Page, position: int) -> bool:
    """Whether a character is in a table's row."""
    block = block_at(page, position)
    return block is not None and block.kind is BlockKind.TABLE

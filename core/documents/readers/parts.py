"""Documents that hold others: chapters, attachments, cells, each with a place of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.documents.blocks import Block, BlockKind
from core.documents.models import Page


def blocks_of(page: Page) -> Iterator[Block]:
    """A page's blocks with their text, so that they can be put into another page."""
    if not page.blocks:
        yield Block(BlockKind.PARAGRAPH, page.text)
    for placed in page.blocks:
        text = page.text[placed.start : placed.end]
        header = placed.header if placed.header and text.startswith(placed.header + "\n") else ""
        yield Block(placed.kind, text[len(header) + 1 :] if header else text, placed.level, header)


def numbered(pages: Iterable[Page]) -> tuple[Page, ...]:
    """The pages counted from 1."""
    return tuple(replace(page, number=number) for number, page in enumerate(pages, 1))

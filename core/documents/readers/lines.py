"""Texts whose places are line numbers: source code, logs, settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.models import Page
from core.documents.readers.embedded import picture_note, without_pictures
from core.documents.readers.encoding import decode_text

LINES_A_PLACE = 60
# A place ends before this many lines where a gap in the text offers itself.
MIN_LINES = 30


def read_code(file: str, data: bytes) -> ReadResult:
    """Source code, settings: as they are.

    Raises:
        UnsupportedFileError: When it is not text.
    """
    return _read_lines(file, data, BlockKind.CODE)


def read_prose_lines(file: str, data: bytes) -> ReadResult:
    """Texts for people with line numbers, such as LaTeX.

    Raises:
        UnsupportedFileError: When it is not text.
    """
    return _read_lines(file, data, BlockKind.PARAGRAPH)


def _read_lines(file: str, data: bytes, kind: BlockKind) -> ReadResult:
    text, num_pictures = without_pictures(decode_text(file, data))
    pages = tuple(_pages(text.split("\n"), kind))
    return ReadResult(pages, picture_note(num_pictures))


def _pages(lines: Sequence[str], kind: BlockKind) -> Iterator[Page]:
    start, number = 0, 0
    while start < len(lines):
        end = _end_of(lines, start)
        if any(line.strip() for line in lines[start:end]):
            number += 1
            yield page_of(number, _blocks(lines[start:end], kind), label=line_label(start + 1, end))
        start = end


def _blocks(lines: Sequence[str], kind: BlockKind) -> Iterator[Block]:
    if kind is BlockKind.CODE:
        yield Block(kind, "\n".join(lines).strip("\n"))
        return
    for paragraph in "\n".join(lines).split("\n\n"):
        yield Block(kind, paragraph.strip("\n"))


def _end_of(lines: Sequence[str], start: int) -> int:
    """Where a place that begins at `start` ends: at a gap, before what is not indented, or when full."""
    full = start + LINES_A_PLACE
    if full >= len(lines):
        return len(lines)
    gaps = [at for at in range(full, start + MIN_LINES, -1) if not lines[at - 1].strip()]
    outer = (at for at in gaps if lines[at][:1].strip())
    return next(outer, gaps[0] if gaps else full)


def line_label(first: int, last: int) -> str:
    """ "lines 1–60" """
    return f"line {first}" if first == last else f"lines {first:,}–{last:,}"

"""Markdown and plain text: the text as it is, and where its headings, lists, tables and code are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.documents.blocks import BlockKind, ReadResult
from core.documents.models import Page, PlacedBlock
from core.documents.readers.embedded import picture_note, without_pictures
from core.documents.readers.encoding import decode_text

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:\s|$)")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")
_ITEM = re.compile(r"( *)(?:[-*+]|\d{1,9}[.)])\s+\S")
_RULE_CHARS = frozenset("|-: \t")
# What begins a block that is no paragraph.
_MARKS = frozenset("`~#-*+0123456789")
_FRONT_MATTER = ("---", "+++")

# A block's kind, level, and its lines.
_Part = tuple[BlockKind, int, int, int]


def read_plain(file: str, data: bytes) -> ReadResult:
    """Plain text as it is.

    Raises:
        UnsupportedFileError: When it is not text.
    """
    text, num_pictures = without_pictures(decode_text(file, data))
    return ReadResult((Page(number=None, text=text),), picture_note(num_pictures))


def read_markdown(file: str, data: bytes) -> ReadResult:
    """Markdown as it is.

    Raises:
        UnsupportedFileError: When it is not text.
    """
    text, num_pictures = without_pictures(decode_text(file, data))
    return ReadResult((markdown_page(text),), picture_note(num_pictures))


def markdown_page(text: str) -> Page:
    """A page of Markdown, with the places of its blocks."""
    return Page(number=None, text=text, blocks=tuple(_placed(text)))


def _placed(text: str) -> Iterator[PlacedBlock]:
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for kind, level, first, last in _parts(lines):
        start, end = starts[first], min(len(text), starts[last] - 1)
        header = lines[first] if kind is BlockKind.TABLE else ""
        if text[start:end].strip():
            yield PlacedBlock(kind, start, end, level, header)


def _parts(lines: Sequence[str]) -> Iterator[_Part]:
    """Each line is in one part, empty ones in none."""
    at = _front_matter_end(lines)
    if at:
        yield BlockKind.FORM_FIELD, 0, 0, at
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        kind, level, end = _part_at(lines, at)
        yield kind, level, at, end
        at = end


def _front_matter_end(lines: Sequence[str]) -> int:
    fence = lines[0].rstrip()
    if fence not in _FRONT_MATTER:
        return 0
    return next((at + 1 for at in range(1, len(lines)) if lines[at].rstrip() == fence), 0)


def _part_at(lines: Sequence[str], at: int) -> tuple[BlockKind, int, int]:
    line = lines[at]
    if line.lstrip()[0] not in _MARKS and "|" not in line:
        return _paragraph_at(lines, at)
    if fence := _FENCE.match(line):
        mark = fence[1]
        closing = (end for end in range(at + 1, len(lines)) if lines[end].strip().startswith(mark))
        return BlockKind.CODE, 0, min(len(lines), next(closing, len(lines)) + 1)
    if heading := _HEADING.match(line):
        return BlockKind.HEADING, len(heading[1]), at + 1
    if at + 1 < len(lines) and "|" in line and _is_table_rule(lines[at + 1]):
        end = next((end for end in range(at + 2, len(lines)) if "|" not in lines[end]), len(lines))
        return BlockKind.TABLE, 0, end
    if item := _ITEM.match(line):
        return BlockKind.LIST_ITEM, len(item[1]) // 2, _text_end(lines, at)
    return _paragraph_at(lines, at)


def _is_table_rule(line: str) -> bool:
    """The line below a table's header: "|---|:-:|"."""
    return "|" in line and "-" in line and _RULE_CHARS.issuperset(line)


def _paragraph_at(lines: Sequence[str], at: int) -> tuple[BlockKind, int, int]:
    """A paragraph, or a heading that is underlined."""
    end = _text_end(lines, at)
    if end - at == 2 and (underline := _UNDERLINE.match(lines[at + 1])):
        return BlockKind.HEADING, 1 if underline[1].startswith("=") else 2, end
    return BlockKind.PARAGRAPH, 0, end


def _text_end(lines: Sequence[str], at: int) -> int:
    """Where a paragraph or a list's item ends: before an empty line or what begins another block."""
    for end in range(at + 1, len(lines)):
        begin = lines[end].lstrip()[:1]
        if not begin:
            return end
        if begin in _MARKS and (
            _FENCE.match(lines[end]) or _HEADING.match(lines[end]) or _ITEM.match(lines[end])
        ):
            return end
    return len(lines)

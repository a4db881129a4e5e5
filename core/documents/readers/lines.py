"""Texts whose places are line numbers: source code, logs, settings, JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.models import Page
from core.documents.readers.embedded import picture_note, without_pictures
from core.documents.readers.encoding import decode_text
from core.documents.readers.tables import CountChars, char_limit
from core.documents.readers.text import json_lines
from core.errors import CorruptFileError

LINES_A_PLACE = 60
# A place ends before this many lines where a gap in the text offers itself.
MIN_LINES = 30
RECORDS_A_PLACE = 50


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


def read_jsonl(file: str, data: bytes) -> ReadResult:
    """JSON Lines: a line per record, "name: value; name: value".

    Raises:
        UnsupportedFileError: The file's type is not one that is read, or its content is not what its name
            says.
        CorruptFileError: When not a single line is JSON.
        FileTooLargeError: The file, or what it unpacks to, is over the limit.
    """
    text, num_pictures = without_pictures(decode_text(file, data))
    records: list[tuple[int, str]] = []
    num_bad = num_good = 0
    count_chars = char_limit(file)
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        value = _parsed(line)
        is_bad = value is _NO_JSON
        num_bad, num_good = num_bad + is_bad, num_good + (not is_bad)
        records.append((number, line.strip() if is_bad else "; ".join(_record_parts(value, count_chars))))
    if num_bad and not num_good:
        raise CorruptFileError(f"{file} has no line of valid JSON. Correct it, or upload it as .txt.")
    bad = "1 line is" if num_bad == 1 else f"{num_bad:,} lines are"
    notes = (f"{bad} not valid JSON and read as text",) if num_bad else ()
    return ReadResult(tuple(_record_pages(records)), (*notes, *picture_note(num_pictures)))


_NO_JSON = object()


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    # Nested deeper than the parser goes, or a number of thousands of digits.
    except (ValueError, RecursionError):
        return _NO_JSON


def _record_parts(value: Any, count_chars: CountChars) -> Iterator[str]:
    for part in json_lines(value):
        count_chars(len(part) + 2)
        yield " ".join(part.split())


def _record_pages(records: Sequence[tuple[int, str]]) -> Iterator[Page]:
    for number, start in enumerate(range(0, len(records), RECORDS_A_PLACE), 1):
        some = records[start : start + RECORDS_A_PLACE]
        block = Block(BlockKind.TABLE, "\n".join(text for _, text in some))
        yield page_of(number, [block], label=line_label(some[0][0], some[-1][0]))

"""What a reader gives: pages made of blocks, and notes on what could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from core.documents.models import BlockKind, Page, PlacedBlock
from core.documents.row_numbers import RowNumbers, moved

__all__ = ["Block", "BlockKind", "ReadResult", "clean_text", "page_of", "without_terminal_codes"]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")
# What a terminal obeys and does not show: colours, places of the cursor, titles of windows, other alphabets.
_TERMINAL = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-Z^-~])")
# A letter printed over another one, as manuals make bold letters and underlines.
_OVERPRINTED = re.compile(r"[^\n\x08]\x08")
# Kinds of which one follows another in the next line; between all others is an empty one.
_CLOSE = frozenset({BlockKind.LIST_ITEM, BlockKind.FORM_FIELD})


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page that belongs together.

    Attributes:
        text: What it says; a table's rows, one a line.
        level: A heading's, from 1; how deep a list item lies, from 0.
        header: The line that names a table's columns, where its rows do not; a chunk that begins among the
            rows repeats it.
        rows: Which rows of a sheet its lines are, that of the header among them.
    """

    kind: BlockKind
    text: str
    level: int = 0
    header: str = ""
    rows: RowNumbers = ()


@dataclass(frozen=True, slots=True)
class ReadResult:
    """A file as read.

    Attributes:
        notes: What could not be read or was guessed ("2 charts without data").
    """

    pages: tuple[Page, ...]
    notes: tuple[str, ...] = ()


def page_of(
    number: int | None, blocks: Iterable[Block], *, label: str = "", is_damaged: bool = False
) -> Page:
    """The page whose text is that of the blocks, one below the other; those without text are left out."""
    parts: list[str] = []
    placed: list[PlacedBlock] = []
    rows: list[tuple[int, int]] = []
    at = num_lines = 0
    for block in blocks:
        header, text = clean_text(block.header), clean_text(block.text)
        whole = f"{header}\n{text}" if header else text
        if not whole.strip():
            continue
        if placed:
            is_close = block.kind is placed[-1].kind and block.kind in _CLOSE
            parts.append("\n" if is_close else "\n\n")
            at += len(parts[-1])
            num_lines += len(parts[-1])
        parts.append(whole)
        placed.append(PlacedBlock(block.kind, at, at + len(whole), block.level, header))
        at += len(whole)
        end = num_lines + whole.count("\n")
        if block.rows:
            rows += [*moved(block.rows, num_lines), (end + 1, 0)]
        num_lines = end
    return Page(
        number=number,
        text="".join(parts),
        is_damaged=is_damaged,
        label=label,
        blocks=tuple(placed),
        rows=tuple(rows),
    )


def clean_text(text: str) -> str:
    """The text as it is shown, and can be stored: nothing else changes.

    Line ends are "\\n". What UTF-8 or Milvus can't hold is left out, and what only a terminal obeys.
    """
    text = without_terminal_codes(text)
    if text.isascii() and "\r" not in text and "\x00" not in text:
        return text
    return _UNSTORABLE.sub("", _LINE_END.sub("\n", text))


def without_terminal_codes(text: str) -> str:
    """The text that a terminal shows of it: without the codes that colour it, and printed over once."""
    if "\x1b" in text:
        text = _TERMINAL.sub("", text)
    return _OVERPRINTED.sub("", text) if "\x08" in text else text

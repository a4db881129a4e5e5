"""Jupyter notebooks: text, code and what it printed, by the numbers of their cells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.models import Page
from core.documents.readers.embedded import picture_note, without_pictures
from core.documents.readers.encoding import decode_text
from core.documents.readers.markdown import markdown_page
from core.documents.readers.parts import blocks_of
from core.errors import CorruptFileError

# Many cells are a line long: they are put together up to this many characters.
CHARS_A_PLACE = 1500


def read_notebook(file: str, data: bytes) -> ReadResult:
    """The cells of a notebook with what they printed.

    Raises:
        UnsupportedFileError: When it is not text.
        CorruptFileError: When it has not the form of a notebook.
    """
    try:
        book = json.loads(decode_text(file, data))
        # Notebooks before version 4 keep their cells in sheets.
        sheets = book.get("worksheets") or [{}]
        cells = book["cells"] if "cells" in book else [cell for sheet in sheets for cell in sheet["cells"]]
        taken = _Notebook()
        blocks = [list(taken.cell(cell)) for cell in cells]
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as exc:
        raise CorruptFileError(
            f"{file} is damaged and can't be read as a notebook. Save it again and upload that."
        ) from exc
    return ReadResult(tuple(_pages(blocks)), taken.notes())


class _Notebook:
    """Reads one cell after another, and counts the pictures that are not read."""

    def __init__(self) -> None:
        self._num_pictures = 0

    def cell(self, cell: dict[str, Any]) -> Iterator[Block]:
        source = self._text(cell.get("source", cell.get("input", "")))
        if cell["cell_type"] == "markdown":
            yield from blocks_of(markdown_page(source))
            return
        yield Block(BlockKind.CODE if cell["cell_type"] == "code" else BlockKind.PARAGRAPH, source)
        for output in cell.get("outputs", ()):
            text = self._output(output)
            if text.strip():
                yield Block(BlockKind.PARAGRAPH, f"Output: {text}")

    def _output(self, output: dict[str, Any]) -> str:
        if "traceback" in output:
            return f"{output.get('ename', '')}: {output.get('evalue', '')}"
        shown = output.get("data", output)
        if any(str(key).startswith("image/") for key in shown):
            self._num_pictures += 1
        return self._text(shown.get("text/plain", shown.get("text", "")))

    def _text(self, source: str | Sequence[str]) -> str:
        text, num_pictures = without_pictures(source if isinstance(source, str) else "".join(source))
        self._num_pictures += num_pictures
        return text.strip("\n")

    def notes(self) -> tuple[str, ...]:
        return picture_note(self._num_pictures)


def _pages(cells: Sequence[list[Block]]) -> Iterator[Page]:
    start, number = 0, 0
    while start < len(cells):
        end, num_chars = start, 0
        while end < len(cells) and (end == start or num_chars < CHARS_A_PLACE):
            if end > start and _begins_section(cells[end]):
                break
            num_chars += sum(len(block.text) for block in cells[end])
            end += 1
        blocks = [block for cell in cells[start:end] for block in cell]
        if any(block.text.strip() for block in blocks):
            number += 1
            label = f"cell {end}" if end == start + 1 else f"cells {start + 1}–{end}"
            yield page_of(number, blocks, label=label)
        start = end


def _begins_section(blocks: Sequence[Block]) -> bool:
    return bool(blocks) and blocks[0].kind is BlockKind.HEADING

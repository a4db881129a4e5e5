"""The tables of Word documents: their rows, merged cells, and which row looks like names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from core.documents.blocks import Block
from core.documents.readers.ooxml import is_on, local
from core.documents.readers.tables import ACROSS, table_blocks
from core.documents.readers.word_styles import VAL, WORD, Styles, value_of

CELL_SETTINGS = f"{WORD}tcPr"
_SPAN, _MERGE = f"{WORD}gridSpan", f"{WORD}vMerge"
# A table of no more rows, with longer texts or other tables in it, lays out the page.
MAX_LAYOUT_ROWS = 3
LAYOUT_CHARS = 400
MAX_SPAN = 64


@dataclass(slots=True)
class _Cell:
    """A cell as Word writes it.

    Attributes:
        span: Columns that it reaches over.
        goes_on: It belongs to the cell above.
    """

    text: str
    span: int
    goes_on: bool
    is_bold: bool


@dataclass(slots=True)
class _Row:
    """A row as Word writes it.

    Attributes:
        skipped: Columns before its first cell.
        is_header: Word repeats it on each page.
    """

    cells: list[_Cell] = field(default_factory=list)
    skipped: int = 0
    is_header: bool = False


def lays_out(table: Any) -> bool:
    """Whether a table only places what is in it on the page."""
    rows = list(_below(table, "tr"))
    if all(next(islice(_below(row, "tc"), 1, None), None) is None for row in rows):
        return True
    if len(rows) > MAX_LAYOUT_ROWS:
        return False
    return any(
        next(cell.iterdescendants(f"{WORD}tbl"), None) is not None
        or (
            sum(1 for _ in cell.iterchildren(f"{WORD}p")) > 3
            and sum(len(text.text or "") for text in cell.iter(f"{WORD}t")) > LAYOUT_CHARS
        )
        for row in rows
        for cell in _below(row, "tc")
    )


def blocks_of_table(table: Any, styles: Styles, cell_text: Callable[[Any], str]) -> list[Block]:
    """A table's rows, with the names of its columns where they are certain.

    Args:
        table: Its element.
        styles: The document's.
        cell_text: What a cell says, in one line.
    """
    rows: list[_Row] = []
    for each in _below(table, "tr"):
        if (row := _row(each, cell_text, with_looks=len(rows) < 2)) is not None:
            rows.append(row)
    num_header = next((at for at, row in enumerate(rows) if not row.is_header), 0)
    style = value_of(table.find(f"{WORD}tblPr"), "tblStyle")
    is_likely = len(rows) > 1 and (
        (_is_bold(rows[0]) and not _is_bold(rows[1]))
        or (styles.marks_first_row(style) and _shows_first_row(table))
    )
    return table_blocks(_grid(rows), num_header_rows=num_header, is_likely=is_likely)


def _row(row: Any, cell_text: Callable[[Any], str], *, with_looks: bool) -> _Row | None:
    settings = row.find(f"{WORD}trPr")
    found = _Row()
    if settings is not None:
        if settings.find(f"{WORD}del") is not None or is_on(settings.find(f"{WORD}hidden"), VAL):
            return None
        found.is_header = is_on(settings.find(f"{WORD}tblHeader"), VAL)
        found.skipped = min(MAX_SPAN, int(value_of(settings, "gridBefore") or 0))
    for cell in _below(row, "tc"):
        span, goes_on = _merging(cell)
        text = cell_text(cell)
        found.cells.append(_Cell(text, span, goes_on, with_looks and _has_bold_runs(cell)))
    return found


def _grid(rows: list[_Row]) -> list[list[str]]:
    """Rows of texts; a cell that is merged with the one above has its text."""
    grid: list[list[str]] = []
    for row in rows:
        above = grid[-1] if grid else []
        line = [""] * row.skipped
        for cell in row.cells:
            text = cell.text
            if cell.goes_on and len(line) < len(above) and above[len(line)] != ACROSS:
                text = above[len(line)]
            line += [text, *[ACROSS] * (cell.span - 1)]
        grid.append(line)
    return grid


def _merging(cell: Any) -> tuple[int, bool]:
    """How many columns a cell spans, and whether it goes on from the one above."""
    span, goes_on = 1, False
    own = cell[0] if len(cell) and cell[0].tag == CELL_SETTINGS else ()
    for setting in own:
        if setting.tag == _SPAN:
            span = max(1, min(MAX_SPAN, int(setting.get(VAL, 1))))
        elif setting.tag == _MERGE:
            goes_on = setting.get(VAL, "continue") == "continue"
    return span, goes_on


def _below(parent: Any, name: str) -> Iterator[Any]:
    """Rows or cells, also those in content controls and in tracked insertions."""
    for child in parent:
        found = local(child)
        if found == name:
            yield child
        elif found in {"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"}:
            yield from _below(child, name)


def _has_bold_runs(cell: Any) -> bool:
    runs = [run for run in cell.iter(f"{WORD}r") if any(text.text for text in run.iterchildren(f"{WORD}t"))]
    return bool(runs) and all(is_on(run.find(f"{WORD}rPr/{WORD}b"), VAL) for run in runs)


def _is_bold(row: _Row) -> bool:
    filled = [cell for cell in row.cells if cell.text]
    return bool(filled) and all(cell.is_bold for cell in filled)


def _shows_first_row(table: Any) -> bool:
    look = table.find(f"{WORD}tblPr/{WORD}tblLook")
    if look is None:
        return False
    if (first := look.get(f"{WORD}firstRow")) is not None:
        return first not in {"0", "false"}
    return bool(int(look.get(VAL, "0"), 16) & 0x20)

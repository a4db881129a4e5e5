"""Where the characters of a PDF's page stand: lines, columns and tables made of positions.

PDFium gives a page's text in the order in which it was drawn, which is right for prose. It joins what
stands below each other in narrow columns, and leaves out empty cells. So pages whose runs of text do not
simply follow each other line by line are put together here, character by character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ctypes import byref, c_double
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from core.documents.readers.pdf_ruled import ruled_tables
from core.documents.readers.pdf_rules import Grid, grids_of
from core.documents.readers.pdf_runs import (
    EXPONENT,
    PROSE_WORDS,
    RAISED,
    SMALLER,
    Area,
    Run,
    is_run_bold,
    is_same_line,
    lines_of,
    runs_of,
)
from core.documents.readers.pdf_tables import PdfTable, tables_of

MAX_CELLS_BACK = 8
# A page may have been drawn from its bottom upwards: then each line is a little above the one before, by less
# than the first number in heights of a line. Such steps in a row, as many as the second number, say so.
UPWARD_APART, LEAST_UPWARD = 2.0, 3
# A run of more characters, with at least PROSE_WORDS, is a line of prose.
PROSE_CHARS = 34
# A run that is longer, in its own heights, is most of a line.
PROSE_HEIGHTS = 10
_LONE_LETTER = re.compile(r"(?<![^\W\d_])[^\W\d_](?![^\W\d_])")
# Scripts that run from right to left: PDFium knows their order.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# How many characters before a raised one are compared, to tell it from others like it.
_CONTEXT_CHARS = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """A page in reading order.

    Attributes:
        parts: Its text, and each table.
        lines: What stands outside of the tables, as pieces of lines with their places.
    """

    parts: tuple[str | PdfTable, ...]
    lines: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """How a page's runs of text follow each other.

    Attributes:
        raised: Small runs above the line of the one before.
    """

    is_plain: bool
    raised: tuple[Area, ...]


def outline(textpage: Any, area: Area, num_breaks: int) -> Outline:
    """What the runs' boxes tell, without a look at their characters.

    Args:
        textpage: PDFium's text of the page.
        area: Where on the page to look.
        num_breaks: Line breaks in the text as PDFium gives it.
    """
    # Plain numbers and comparisons: a book has tens of thousands of runs.
    bottom_before = right_before = top_before = height_before = 0.0
    far_right = all_width = prose_width = 0.0
    num_lines, num_upward, has_columns = 0, 0, False
    raised: list[Area] = []
    for left, bottom, right, top in _boxes(textpage, area):
        height = top - bottom
        if height > 0 and height_before > 0:
            tallest = height if height > height_before else height_before
            common = (top if top < top_before else top_before) - (
                bottom if bottom > bottom_before else bottom_before
            )
            if common * 2 > height or common * 2 > height_before:
                gap = left - right_before
                if gap > 1.3 * tallest or gap < -1.5 * tallest:
                    return Outline(False, ())
                is_raised = height < SMALLER * height_before and bottom - bottom_before > 0.3 * height_before
                if is_raised and right - left < 1.7 * height and top >= top_before - 0.2 * height_before:
                    raised.append((left, bottom, right, top))
            elif bottom > top_before:
                # Up again beside what came before: another column.
                has_columns = has_columns or left >= far_right
                far_right = 0.0
                num_upward = num_upward + 1 if bottom - top_before < UPWARD_APART * tallest else 0
                if num_upward >= LEAST_UPWARD:
                    return Outline(False, ())
            elif common < -0.2 * tallest:
                num_lines += 1
                num_upward = 0
        width = right - left
        all_width += width
        if width > PROSE_HEIGHTS * height:
            prose_width += width
        if right > far_right:
            far_right = right
        bottom_before, right_before, top_before = bottom, right, top
        height_before = height
    is_prose = not has_columns or prose_width > 0.6 * all_width
    return Outline(is_prose and num_lines <= num_breaks, tuple(raised))


def _boxes(textpage: Any, area: Area) -> list[Area]:
    """The box of each run of characters in the area, in the order in which they were drawn."""
    import pypdfium2.raw as pdfium

    left, top, right, bottom = c_double(), c_double(), c_double(), c_double()
    # Made once: there are tens of thousands of calls.
    places = byref(left), byref(top), byref(right), byref(bottom)
    get_rect, handle = pdfium.FPDFText_GetRect, textpage.raw
    area_left, area_bottom, area_right, area_top = area
    boxes: list[Area] = []
    for index in range(textpage.count_rects()):
        get_rect(handle, index, *places)
        box = (left.value, bottom.value, right.value, top.value)
        if box[0] < area_right and box[2] > area_left and box[1] < area_top and box[3] > area_bottom:
            boxes.append(box)
    return boxes


def with_exponents(textpage: Any, text: str, raised: Sequence[Area]) -> str:
    """PDFium's text of a plain page, its raised digits as superscripts: 10⁶ is not 106."""
    parts: list[str] = []
    end = 0
    for box in raised:
        index = textpage.get_index(box[0] + 0.3, (box[1] + box[3]) / 2, 1, 1)
        run = textpage.get_text_bounded(*box).strip() if index is not None else ""
        if not EXPONENT.fullmatch(run):
            continue
        # Where in the text: the character's own number counts what is outside of the visible area too.
        first = max(0, index - _CONTEXT_CHARS)
        before = textpage.get_text_range(first, index - first)
        at = text.find(before + run, end)
        if at >= 0:
            parts += [text[end : at + len(before)], run.translate(RAISED)]
            end = at + len(before) + len(run)
    return "".join([*parts, text[end:]]) if parts else text


def lay_out(page: Any, textpage: Any, area: Area, text: str) -> Layout | None:
    """The page in reading order; None where PDFium's own text is better.

    That is so for scripts from right to left, and where letters would stand alone.

    Args:
        page: PDFium's page, for the lines that are drawn on it.
        textpage: PDFium's text of the page.
        area: Where on the page to look.
        text: The page as PDFium gives it.
    """
    if _RIGHT_TO_LEFT.search(text):
        return None
    items = list(_items(*_runs_and_ruled(page, textpage, area)))
    parts = tuple(_parts(items))
    lone = sum(_num_lone_letters(part if isinstance(part, str) else _joined(part)) for part in parts)
    if lone > 1.3 * _num_lone_letters(text) + 3 + len(text) // 300:
        return None
    return Layout(parts, tuple(item for item in items if isinstance(item, Run)))


def _downward(runs: list[Run]) -> list[Run]:
    """The runs as they were drawn, but from the top where lines were drawn each above the one before."""
    ordered: list[Run] = []
    stretch: list[Run] = []
    for run in runs:
        if stretch and not _goes_up(stretch[-1], run):
            ordered += _from_the_top(stretch)
            stretch = []
        stretch.append(run)
    return ordered + _from_the_top(stretch)


def _goes_up(run: Run, following: Run) -> bool:
    if run.is_turned or following.is_turned:
        return False
    rise = following.base - run.base
    return is_same_line(run, following) or 0 < rise < (UPWARD_APART + 1) * max(run.height, following.height)


def _from_the_top(stretch: list[Run]) -> list[Run]:
    lines = lines_of(stretch)
    return [run for line in lines for run in line] if len(lines) > LEAST_UPWARD else stretch


def _joined(table: PdfTable) -> str:
    return "\n".join(" ".join(row) for row in table.rows)


def _num_lone_letters(text: str) -> int:
    return len(_LONE_LETTER.findall(text))


def _runs_and_ruled(page: Any, textpage: Any, area: Area) -> tuple[list[Run], dict[int, PdfTable]]:
    """The page's runs from its top, and the table with lines around its cells of each that stands in one."""
    grids = grids_of(page)
    runs = runs_of(textpage, area, partial(_is_parted, grids))
    is_bold = partial(is_run_bold, textpage)
    tables, are_tables = ruled_tables(grids, runs, is_bold)
    if len(are_tables) < len(grids):
        # What is no table parts no words.
        runs = runs_of(textpage, area, partial(_is_parted, are_tables))
        tables, _ = ruled_tables(are_tables, runs, is_bold)
    return _downward(runs), tables


def _is_parted(grids: Sequence[Grid], left: float, right: float, base: float) -> bool:
    return any(grid.parts(left, right, base) for grid in grids)


def _items(runs: Sequence[Run], ruled: Mapping[int, PdfTable]) -> Iterator[Run | PdfTable]:
    """Lines of prose as they were drawn, and each table with lines around its cells where it begins."""
    given: set[int] = set()
    for _, group in groupby(runs, key=lambda run: id(ruled.get(id(run)))):
        stretch = list(group)
        table = ruled.get(id(stretch[0]))
        if table is None:
            yield from _unruled(stretch)
        elif id(table) not in given:
            given.add(id(table))
            yield table


def _unruled(runs: Sequence[Run]) -> Iterator[Run | PdfTable]:
    """Lines of prose as they were drawn; what may be a table between them is looked at as a whole."""
    for part in _zones(runs):
        yield from [part] if isinstance(part, Run) else _zone_parts(part)


def _parts(items: Sequence[Run | PdfTable]) -> Iterator[str | PdfTable]:
    lines: list[Run] = []
    for item in items:
        if isinstance(item, Run):
            lines.append(item)
            continue
        if lines:
            yield _text_of(lines)
        lines = []
        yield item
    if lines:
        yield _text_of(lines)


def _zones(runs: Sequence[Run]) -> Iterator[Run | list[Run]]:
    """Lines of prose, and what stands between them."""
    zone: list[Run] = []
    # What stands beside others on its line, or goes on below such a cell.
    cells: list[Run] = []
    start = 0
    while start < len(runs):
        end = start + 1
        while end < len(runs) and is_same_line(runs[start], runs[end]):
            end += 1
        line, first = runs[start:end], runs[start]
        goes_on = any(_is_below(cell, first) for cell in cells[-MAX_CELLS_BACK:])
        if len(line) > 1 or goes_on:
            cells += line
        if first.is_turned or (len(line) == 1 and _is_prose(first) and not goes_on):
            if zone:
                yield zone
            zone, cells = [], []
            yield from line
        else:
            zone += line
        start = end
    if zone:
        yield zone


def _is_below(cell: Run, line: Run) -> bool:
    """Whether a line goes on with the text of a cell."""
    return abs(cell.left - line.left) < 1 and 0 < cell.base - line.base < 1.3 * cell.height


def _is_prose(run: Run) -> bool:
    return len(run.text) > PROSE_CHARS and run.text.count(" ") + 1 >= PROSE_WORDS


def _zone_parts(zone: list[Run]) -> Iterator[Run | PdfTable]:
    """What was drawn, with each table where its first cell came."""
    owners = {id(piece): run for run in zone for piece in run.pieces or [run]}
    lines = lines_of([piece for run in zone for piece in run.pieces or [run]])
    table_of: dict[int, int] = {}
    tables: list[PdfTable] = []
    for first, last, table in tables_of(lines):
        for line in lines[first : last + 1]:
            table_of.update({id(owners[id(piece)]): len(tables) for piece in line})
        tables.append(table)
    given: set[int] = set()
    for run in zone:
        number = table_of.get(id(run))
        if number is None:
            yield run
        elif number not in given:
            given.add(number)
            yield tables[number]


def _text_of(lines: Sequence[Run]) -> str:
    parts: list[str] = []
    before: Run | None = None
    for run in lines:
        if before is not None:
            goes_on = is_same_line(before, run) and run.left >= before.right - 1
            parts.append(" " if goes_on else "\n")
        parts.append(run.text)
        before = run
    return "".join(parts)

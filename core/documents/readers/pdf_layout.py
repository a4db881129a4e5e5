"""Where the characters of a PDF's page stand: lines, columns and tables made of positions.

PDFium gives a page's text in the order in which it was drawn, which is right for prose. It joins what
stands below each other in narrow columns, and leaves out empty cells. So pages whose runs of text do not
simply follow each other line by line are put together here, character by character.
"""

from __future__ import annotations

import re
import statistics
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from ctypes import byref, c_double
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

# Left, bottom, right, top in the page's own units.
Area = tuple[float, float, float, float]
# The rows of a table, each with as many cells.
Rows = tuple[tuple[str, ...], ...]

# In heights of a line: what stands further apart is no longer one run of words.
WORDS_APART = 1.0
LETTERS_APART = 0.22
CELLS_APART = 0.45
# A table's rows are not further apart, in heights of a line.
ROWS_APART = 3.2
# In distances of its rows: what follows after more may be another table.
GAP_BETWEEN_TABLES = 1.4
MAX_CELLS_BACK = 8
# Raised and lowered letters are smaller than this; browsers make them 0.83 times as high.
SMALLER = 0.88
# In heights of a line: a line so little above the one before may be the next one of what was drawn upwards,
# and so many such steps say that it is.
UPWARD_APART, LEAST_UPWARD = 2.0, 3
# A run of so many characters is a line of prose.
PROSE_CHARS = 34
PROSE_WORDS = 6
# In its heights: a run so long is most of a line.
PROSE_HEIGHTS = 10
# A column of prose has lines of so many words, most of which fill it.
COLUMN_WORDS = 3.5

_RAISED = str.maketrans("0123456789+-−–=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿ")
_EXPONENT = re.compile(r"[-+−–]?\d{1,3}|n")
_LIST_MARK = re.compile(r"\W{1,2}|\(?\w{1,3}[-.):\]]|o")
_CURRENCY = frozenset("¥$€£")
_LONE_LETTER = re.compile(r"(?<![^\W\d_])[^\W\d_](?![^\W\d_])")
# Scripts that run from right to left: PDFium knows their order.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# So many characters before a raised one tell it from others.
_CONTEXT_CHARS = 8
_SPACES = {32: " ", 13: "\n", 10: "\n"}


@dataclass(slots=True)
class Run:
    """Characters on one line without a wide gap.

    Attributes:
        base: Where the line stands.
        is_turned: Not horizontal.
        pieces: What gaps wider than those between words cut it into, which may be cells of a table; none
            where there is no such gap.
    """

    left: float
    right: float
    base: float
    height: float
    text: str
    is_turned: bool = False
    pieces: list[Run] = field(default_factory=list)


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
        if not _EXPONENT.fullmatch(run):
            continue
        # Where in the text: the character's own number counts what is outside of the visible area too.
        first = max(0, index - _CONTEXT_CHARS)
        before = textpage.get_text_range(first, index - first)
        at = text.find(before + run, end)
        if at >= 0:
            parts += [text[end : at + len(before)], run.translate(_RAISED)]
            end = at + len(before) + len(run)
    return "".join([*parts, text[end:]]) if parts else text


def lay_out(textpage: Any, area: Area, text: str) -> list[str | Rows] | None:
    """The page in reading order: its text, and each table as rows; None where PDFium's own text is better.

    That is so for scripts from right to left, and where letters would stand alone.

    Args:
        textpage: PDFium's text of the page.
        area: Where on the page to look.
        text: The page as PDFium gives it.
    """
    if _RIGHT_TO_LEFT.search(text):
        return None
    parts = list(_parts(_downward(_runs(textpage, area))))
    lone = sum(_num_lone_letters(part if isinstance(part, str) else _joined(part)) for part in parts)
    return None if lone > 1.3 * _num_lone_letters(text) + 3 + len(text) // 300 else parts


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
    return _is_same_line(run, following) or 0 < rise < (UPWARD_APART + 1) * max(run.height, following.height)


def _from_the_top(stretch: list[Run]) -> list[Run]:
    lines = _lines_of(stretch)
    return [run for line in lines for run in line] if len(lines) > LEAST_UPWARD else stretch


def _joined(rows: Rows) -> str:
    return "\n".join(" ".join(row) for row in rows)


def _num_lone_letters(text: str) -> int:
    return len(_LONE_LETTER.findall(text))


class _RunBuilder:
    """Puts characters into runs, one after another in the order in which they were drawn."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self._parts: list[str] = []
        self._run = Run(0, 0, 0, 0, "")
        self._space = ""
        self._raised_from: int | None = None
        self._last_place = (0.0, 0.0)
        # Where pieces begin: the number of parts before, and the place on the line.
        self._cuts: list[tuple[int, float, float]] = []

    def add_space(self, space: str) -> None:
        if self._space != "\n":
            self._space = space

    def add(
        self, char: str, left: float, right: float, base: float, height: float, is_turned: Callable[[], bool]
    ) -> None:
        """Take the next character of the page.

        Args:
            char: As PDFium gives it; the second letter of a ligature comes at the first one's place.
            left: Where it begins, in the page's units.
            right: Where it ends.
            base: Where the line stands.
            height: Of the character; 0 where that is not known.
            is_turned: Whether it does not stand upright; asked only where that is not plain.
        """
        run = self._run
        place = (left, base)
        if self._parts:
            if run.is_turned:
                if self._space != "\n" and is_turned():
                    self._append(self._space + char, place, right)
                    return
            # The second letter of a ligature.
            elif place == self._last_place and not self._space:
                self._parts.append(char)
                return
            elif self._continues(char, left, right, base, height):
                self._last_place = place
                return
        self.close()
        self._parts, self._space, self._last_place = [char], "", place
        self._run = Run(left, right, base, height or 1.0, "", is_turned())

    def _continues(self, char: str, left: float, right: float, base: float, height: float) -> bool:
        """Add it to the run where it stands behind it on its line, or a little above or below."""
        run = self._run
        gap, above = left - run.right, base - run.base
        tallest = max(run.height, height)
        if abs(above) < 0.25 * min(run.height, height):
            # PDFium sets no space before a letter that is pushed under the one before.
            if not -(0.5 if self._space else 1.2) * tallest <= gap <= WORDS_APART * tallest:
                return False
            self._end_raised()
            if self._space or gap > LETTERS_APART * tallest:
                self._parts.append(" ")
            if gap > CELLS_APART * tallest:
                self._cuts.append((len(self._parts), run.right, left))
            run.height = tallest
        elif height < SMALLER * run.height and -0.5 * run.height < above < 0.75 * run.height:
            if not -0.3 * run.height < gap < 0.6 * run.height:
                return False
            if above > 0.15 * run.height and self._raised_from is None:
                self._raised_from = len(self._parts)
            elif above < 0:
                self._end_raised()
            if self._space:
                self._parts.append(" ")
        else:
            return False
        self._parts.append(char)
        self._space, run.right = "", max(run.right, right)
        return True

    def _append(self, text: str, place: tuple[float, float], right: float) -> None:
        self._parts.append(text)
        self._space, self._last_place = "", place
        self._run.right = max(self._run.right, right)

    def _end_raised(self) -> None:
        if self._raised_from is not None:
            raised = "".join(self._parts[self._raised_from :])
            if _EXPONENT.fullmatch(raised.strip()):
                self._parts[self._raised_from :] = [raised.translate(_RAISED)]
            self._raised_from = None

    def close(self) -> None:
        self._end_raised()
        self._run.text = _whole("".join(self._parts)).strip()
        if self._run.text:
            self._run.pieces = list(self._pieces())
            self.runs.append(self._run)
        self._parts, self._cuts = [], []

    def _pieces(self) -> Iterator[Run]:
        run = self._run
        first, left = 0, run.left
        for number, right, next_left in (
            [*self._cuts, (len(self._parts), run.right, 0.0)] if self._cuts else ()
        ):
            text = _whole("".join(self._parts[first:number])).strip()
            if text:
                yield Run(left, right, run.base, run.height, text)
            first, left = number, next_left


def _whole(text: str) -> str:
    """Characters beyond the first 65,536 come as two halves."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _runs(textpage: Any, area: Area) -> list[Run]:
    import pypdfium2.raw as pdfium

    handle, box, x, base = textpage.raw, pdfium.FS_RECTF(), c_double(), c_double()
    builder = _RunBuilder()
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(handle, index)
        if code in _SPACES:
            builder.add_space(_SPACES[code])
            continue
        pdfium.FPDFText_GetLooseCharBox(handle, index, box)
        pdfium.FPDFText_GetCharOrigin(handle, index, x, base)
        if box.right <= area[0] or box.left >= area[2] or base.value >= area[3] or box.top <= area[1]:
            continue
        char = chr(code) if 0 < code < 0x110000 else ""
        turned = partial(_is_turned, handle, index)
        builder.add(char, box.left, box.right, base.value, box.top - box.bottom, turned)
    builder.close()
    return builder.runs


def _is_turned(handle: Any, index: int) -> bool:
    import pypdfium2.raw as pdfium

    return 0.1 < pdfium.FPDFText_GetCharAngle(handle, index) < 6.18


def _parts(runs: Sequence[Run]) -> Iterator[str | Rows]:
    """Lines of prose as they were drawn; what may be a table between them is looked at as a whole."""
    lines: list[Run] = []
    for part in _zones(runs):
        for item in [part] if isinstance(part, Run) else _zone_parts(part):
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
        while end < len(runs) and _is_same_line(runs[start], runs[end]):
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


def _is_same_line(one: Run, other: Run) -> bool:
    if one.is_turned or other.is_turned:
        return False
    return abs(one.base - other.base) < 0.35 * min(one.height, other.height)


def _is_prose(run: Run) -> bool:
    return len(run.text) > PROSE_CHARS and run.text.count(" ") + 1 >= PROSE_WORDS


def _zone_parts(zone: list[Run]) -> Iterator[Run | Rows]:
    """What was drawn, with each table where its first cell came."""
    owners = {id(piece): run for run in zone for piece in run.pieces or [run]}
    lines = _lines_of([piece for run in zone for piece in run.pieces or [run]])
    table_of: dict[int, int] = {}
    tables: list[Rows] = []
    for first, last, rows in _tables(lines):
        for line in lines[first : last + 1]:
            table_of.update({id(owners[id(piece)]): len(tables) for piece in line})
        tables.append(rows)
    given: set[int] = set()
    for run in zone:
        number = table_of.get(id(run))
        if number is None:
            yield run
        elif number not in given:
            given.add(number)
            yield tables[number]


def _lines_of(zone: list[Run]) -> list[list[Run]]:
    """From the top, each line from the left."""
    lines: list[list[Run]] = []
    for run in sorted(zone, key=lambda run: (-run.base, run.left)):
        if lines and _is_same_line(lines[-1][0], run):
            lines[-1].append(run)
        else:
            lines.append([run])
    for line in lines:
        line.sort(key=lambda run: run.left)
    return lines


def _tables(lines: list[list[Run]]) -> Iterator[tuple[int, int, Rows]]:
    """First line, last line and rows of each table; between those of several cells may be some of one."""
    start = 0
    while start < len(lines):
        end, last = start + 1, start
        columns = _Columns()
        if len(lines[start]) > 1 and columns.take(lines[start]):
            while end < len(lines) and _is_near(lines[end - 1], lines[end]) and end - last < 4:
                if _begins_another(lines[start:end], lines[end]) or not columns.take(lines[end]):
                    break
                if len(lines[end]) > 1:
                    last = end
                end += 1
            # A table may end in lines of one cell, such as a word that goes on.
            while last + 1 < end and columns.is_below_the_first(lines[last + 1]):
                last += 1
            rows = _rows(lines[start : last + 1])
            if rows:
                yield start, last, rows
        start = last + 1


class _Columns:
    """Where the cells of a table's lines stand so far, and which lines have one there."""

    def __init__(self) -> None:
        self._columns: list[tuple[float, float, frozenset[int]]] = []
        self._num_lines = 0

    def take(self, line: list[Run]) -> bool:
        """Add a line; False where a cell of it would lie in two columns, or two cells in one.

        Columns that no line has both of may be one: names stand in the middle above what begins left.
        """
        merged = list(self._columns)
        number = self._num_lines
        for run in line:
            reached = [column for column in merged if column[0] < run.right and run.left < column[1]]
            in_lines = [at for column in reached for at in column[2]]
            if number in in_lines or len(set(in_lines)) < len(in_lines):
                return False
            merged = [column for column in merged if column not in reached]
            left = min([run.left, *(column[0] for column in reached)])
            right = max([run.right, *(column[1] for column in reached)])
            merged.append((left, right, frozenset([number, *in_lines])))
        self._columns = merged
        self._num_lines += 1
        return True

    def is_below_the_first(self, line: list[Run]) -> bool:
        return len(line) == 1 and line[0].text[0].islower()


def _is_near(line: list[Run], following: list[Run]) -> bool:
    height = max(line[0].height, following[0].height)
    return line[0].base - following[0].base < ROWS_APART * height


def _begins_another(table: list[list[Run]], line: list[Run]) -> bool:
    """Whether names of other columns follow after a gap."""
    if len(table) < 3 or len(line) < 2 or any(char.isdigit() for run in line for char in run.text):
        return False
    steps = [above[0].base - below[0].base for above, below in pairwise(table)]
    return table[-1][0].base - line[0].base > GAP_BETWEEN_TABLES * statistics.median(steps)


def _rows(lines: list[list[Run]]) -> Rows | None:
    """The lines as a table's rows, None where they are none: too few, prose in columns, a list."""
    with_cells = [line for line in lines if len(line) > 1]
    if len(with_cells) < 2:
        return None
    height = statistics.median(run.height for line in lines for run in line)
    gutters = _gutters(with_cells, height)
    columns: list[list[Run]] = [[] for _ in range(len(gutters) + 1)]
    rows: list[list[str]] = []
    for line in lines:
        row = [""] * len(columns)
        for run in line:
            column = bisect_right(gutters, run.left + min(height, (run.right - run.left) / 2))
            columns[column].append(run)
            row[column] = f"{row[column]} {run.text}".strip()
        if rows and _goes_on(row):
            rows[-1] = [f"{above} {cell}".strip() for above, cell in zip(rows[-1], row, strict=True)]
        else:
            rows.append(row)
    if len(with_cells) * 2 < len(rows):
        return None
    if sum(len(column) > 1 for column in columns) < 2 or sum(map(_is_prose_column, columns)) > 1:
        return None
    marks = [run for run in columns[0] if _LIST_MARK.fullmatch(run.text)]
    if len(columns) == 2 and len(marks) * 2 > len(columns[0]):
        return None
    return tuple(tuple(_with_currencies(row, columns)) for row in rows)


def _with_currencies(row: list[str], columns: list[list[Run]]) -> Iterator[str]:
    """Signs of currencies that stand in a column of their own are written before their numbers."""
    sign = ""
    for cell, column in zip(row, columns, strict=True):
        if column and column is not columns[-1] and all(run.text in _CURRENCY for run in column):
            sign = cell
            continue
        yield f"{sign} {cell}".strip()
        sign = ""


def _goes_on(row: list[str]) -> bool:
    """Whether it is only the next line of the cell above."""
    filled = [cell for cell in row if cell]
    return len(filled) == 1 and filled[0][0].islower()


def _gutters(lines: list[list[Run]], height: float) -> list[float]:
    """Where hardly a line has ink: the middle of each gap between columns."""
    edges = sorted(edge for line in lines for run in line for edge in ((run.left, 1), (run.right, -1)))
    allowed = len(lines) // 8
    covered, start = 0, None
    gutters: list[float] = []
    for x, change in edges:
        before, covered = covered, covered + change
        if before > allowed >= covered:
            start = x
        elif before <= allowed < covered and start is not None:
            if x - start > 0.45 * height:
                gutters.append((start + x) / 2)
            start = None
    return gutters


def _is_prose_column(runs: list[Run]) -> bool:
    if len(runs) < 2:
        return False
    left, right = min(run.left for run in runs), max(run.right for run in runs)
    num_wide = sum(run.right - left > 0.75 * (right - left) for run in runs)
    num_words = statistics.median(run.text.count(" ") + 1 for run in runs)
    return num_words >= COLUMN_WORDS and num_wide >= 0.6 * len(runs)


def _text_of(lines: Sequence[Run]) -> str:
    parts: list[str] = []
    before: Run | None = None
    for run in lines:
        if before is not None:
            goes_on = _is_same_line(before, run) and run.left >= before.right - 1
            parts.append(" " if goes_on else "\n")
        parts.append(run.text)
        before = run
    return "".join(parts)

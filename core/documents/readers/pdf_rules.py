"""The lines that are drawn on a PDF's page, and the grids that they make: the cells of ruled tables."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from ctypes import c_float, c_int, c_uint
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

# Lines closer than this are one: a border drawn as a narrow rectangle, or drawn twice; in points.
SNAP = 3.0
# Shorter ones are dots, ticks and the ends of wide lines.
LEAST_LENGTH = 6.0
# A drawing with more has no table that could be told; looking at it would take too long.
MAX_SEGMENTS, MAX_CROSSINGS = 20_000, 400_000
# How much of a cell's side is drawn where it is one.
DRAWN_SHARE = 0.7
# At least so many of a table's rows have all of its columns; the others have cells that span some.
FULL_ROWS = 0.5
_WHITE = 250

# Two places on the page: right and up.
Line = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line along the page, or down it.

    Attributes:
        place: Its height, where it runs along; how far to the right it is, where it runs down.
    """

    place: float
    start: float
    end: float

    def covers(self, start: float, end: float) -> bool:
        """Whether most of a cell's side is drawn by it."""
        return min(self.end, end) - max(self.start, start) >= DRAWN_SHARE * (end - start)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows and columns between lines.

    Attributes:
        xs: Where columns begin and end, from the left.
        ys: Where rows begin and end, from the top.
        owners: For each row and column, the cell that it is part of, as row and column of its first part.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    owners: tuple[tuple[tuple[int, int], ...], ...]

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The cell in which a place of the page lies; None outside."""
        column, row = bisect_right(self.xs, x) - 1, bisect_left(self.ys, -y, key=lambda at: -at) - 1
        if not (0 <= column < len(self.xs) - 1 and 0 <= row < len(self.ys) - 1):
            return None
        return self.owners[row][column]

    def parts(self, left: float, right: float, y: float) -> bool:
        """Whether a border between two cells stands between two places of a line."""
        at = bisect_left(self.xs, left - 1)
        if at == len(self.xs) or self.xs[at] > right + 1 or not self.ys[-1] <= y <= self.ys[0]:
            return False
        return self.cell_at(self.xs[at] - SNAP, y) != self.cell_at(self.xs[at] + SNAP, y)


def grids_of(page: Any) -> list[Grid]:
    """The grids of at least two rows and columns on a page."""
    import pypdfium2

    try:
        across, down = _rules_of(page)
    except pypdfium2.PdfiumError:
        # A drawing that can't be read takes no text away.
        return []
    if len(across) * len(down) > MAX_CROSSINGS:
        return []
    found = (_grid(*lines) for lines in _connected(across, down))
    return [grid for grid in found if grid is not None]


def _rules_of(page: Any) -> tuple[list[Rule], list[Rule]]:
    """What is drawn along the page and down it; nothing where too much is drawn."""
    import pypdfium2.raw as pdfium

    across: list[Rule] = []
    down: list[Rule] = []
    num_segments = 0
    for path in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH]):
        num_segments += pdfium.FPDFPath_CountSegments(path.raw)
        if num_segments > MAX_SEGMENTS:
            return [], []
        for (x, y), (next_x, next_y) in _drawn_lines(path):
            if abs(y - next_y) < 1:
                across.append(Rule((y + next_y) / 2, min(x, next_x), max(x, next_x)))
            elif abs(x - next_x) < 1:
                down.append(Rule((x + next_x) / 2, min(y, next_y), max(y, next_y)))
    return _joined(across), _joined(down)


def _drawn_lines(path: Any) -> Iterator[Line]:
    """The straight lines of a path; of areas that are only filled those that are as narrow as a line.

    A colour behind the words of a cell ends where they do, not where the cell does.
    """
    import pypdfium2.raw as pdfium

    filling, has_lines = c_int(), c_int()
    pdfium.FPDFPath_GetDrawMode(path.raw, filling, has_lines)
    if has_lines.value:
        for points in _strokes(path):
            yield from pairwise(points)
    elif filling.value and _has_colour(path):
        for points in _strokes(path):
            xs, ys = [x for x, _ in points], [y for _, y in points]
            if max(ys) - min(ys) <= SNAP:
                yield (min(xs), (min(ys) + max(ys)) / 2), (max(xs), (min(ys) + max(ys)) / 2)
            elif max(xs) - min(xs) <= SNAP:
                yield ((min(xs) + max(xs)) / 2, min(ys)), ((min(xs) + max(xs)) / 2, max(ys))


def _has_colour(path: Any) -> bool:
    import pypdfium2.raw as pdfium

    red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint()
    pdfium.FPDFPageObj_GetFillColor(path.raw, red, green, blue, alpha)
    return alpha.value > 0 and min(red.value, green.value, blue.value) < _WHITE


def _strokes(path: Any) -> Iterator[list[tuple[float, float]]]:
    """The places on the page that each part of a path leads to, in straight lines; a curve begins another."""
    import pypdfium2.raw as pdfium

    matrices = []
    outer = path
    while outer is not None:
        matrices.append(outer.get_matrix())
        outer = outer.container
    x, y = c_float(), c_float()
    points: list[tuple[float, float]] = []
    for index in range(pdfium.FPDFPath_CountSegments(path.raw)):
        segment = pdfium.FPDFPath_GetPathSegment(path.raw, index)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (x.value, y.value)
        for matrix in matrices:
            point = matrix.on_point(*point)
        if pdfium.FPDFPathSegment_GetType(segment) != pdfium.FPDF_SEGMENT_LINETO:
            if len(points) > 1:
                yield points
            points = []
        points.append(point)
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if len(points) > 1:
        yield points


def _joined(rules: list[Rule]) -> list[Rule]:
    """Lines at one place in one piece, where they touch."""
    found: list[Rule] = []
    for place, group in _at_one_place(rules):
        start, end = group[0].start, group[0].end
        for rule in group[1:]:
            if rule.start > end + SNAP:
                found.append(Rule(place, start, end))
                start, end = rule.start, rule.end
            end = max(end, rule.end)
        found.append(Rule(place, start, end))
    return [rule for rule in found if rule.end - rule.start >= LEAST_LENGTH]


def _at_one_place(rules: list[Rule]) -> Iterator[tuple[float, list[Rule]]]:
    """The middle of each group of lines that are one, and its lines by where they begin."""
    group: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: rule.place):
        if group and rule.place - group[0].place > SNAP:
            yield _middle(group), sorted(group, key=lambda each: each.start)
            group = []
        group.append(rule)
    if group:
        yield _middle(group), sorted(group, key=lambda each: each.start)


def _middle(group: list[Rule]) -> float:
    return (group[0].place + group[-1].place) / 2


def _connected(across: list[Rule], down: list[Rule]) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Lines that cross or touch each other, group by group."""
    left_over = list(down)
    groups: list[tuple[list[Rule], list[Rule]]] = []
    for rule in across:
        touching = [each for each in left_over if _cross(rule, each)]
        left_over = [each for each in left_over if not _cross(rule, each)]
        reached = [group for group in groups if any(_cross(rule, each) for each in group[1])]
        groups = [group for group in groups if group not in reached]
        groups.append(
            (
                [rule, *(each for group in reached for each in group[0])],
                [*touching, *(each for group in reached for each in group[1])],
            )
        )
    yield from groups


def _cross(across: Rule, down: Rule) -> bool:
    return (
        across.start - SNAP <= down.place <= across.end + SNAP
        and down.start - SNAP <= across.place <= down.end + SNAP
    )


def _grid(across: list[Rule], down: list[Rule]) -> Grid | None:
    """The grid of lines that touch each other; None where it has one row or column, or is a patchwork.

    A table may have no line at its left and right, or at its top and bottom: it ends where the others do.
    """
    if len(across) < 2 or not down:
        return None
    xs = _places([rule.place for rule in down], [end for rule in across for end in (rule.start, rule.end)])
    ys = _places([rule.place for rule in across], [end for rule in down for end in (rule.start, rule.end)])[
        ::-1
    ]
    if len(xs) < 3 or len(ys) < 3:
        return None
    borders = [
        [any(abs(rule.place - x) <= SNAP and rule.covers(low, high) for rule in down) for x in xs]
        for high, low in pairwise(ys)
    ]
    num_full = sum(all(row[1:-1]) for row in borders)
    if num_full < FULL_ROWS * len(borders):
        return None
    owners: list[list[tuple[int, int]]] = []
    for number, row in enumerate(borders):
        owners.append([])
        for start, end in _spans(row):
            floor = [rule for rule in across if abs(rule.place - ys[number]) <= SNAP]
            is_open = number > 0 and not any(rule.covers(xs[start], xs[end]) for rule in floor)
            above = owners[number - 1][start:end] if is_open else []
            goes_on = is_open and len(set(above)) == 1 and borders[number - 1][start] == row[start]
            goes_on = goes_on and (end == len(xs) - 1 or owners[number - 1][end : end + 1] != above[:1])
            owners[number] += [above[0] if goes_on else (number, start)] * (end - start)
    return Grid(tuple(xs), tuple(ys), tuple(map(tuple, owners)))


def _places(lines: list[float], ends: list[float]) -> list[float]:
    """Where the lines are, and where the others end beyond the first and last of them."""
    found: list[float] = []
    for place in sorted([*lines, min(ends), max(ends)]):
        if not found or place - found[-1] > SNAP:
            found.append(place)
    return found


def _spans(borders: list[bool]) -> Iterable[tuple[int, int]]:
    """First column, and the one after the last, of each cell of a row."""
    edges = [at for at, is_drawn in enumerate(borders) if is_drawn or at in {0, len(borders) - 1}]
    return pairwise(edges)

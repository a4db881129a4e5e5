"""Tables of a PDF's page whose cells are parted by lines: what stands in each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from core.documents.readers.cells import Kind, kind_of
from core.documents.readers.header_row import MAX_HEADER_ROWS
from core.documents.readers.pdf_rules import Grid
from core.documents.readers.pdf_runs import WORDS_APART, Run, lines_of
from core.documents.readers.pdf_tables import ROWS_APART, PdfTable
from core.documents.readers.tables import ACROSS

# Less of a grid holds text where it is a chart's, or a form that nobody has filled in.
LEAST_FILLED = 0.4
# A table of no more rows, with longer texts in it, lays out the page.
MAX_LAYOUT_ROWS, LAYOUT_CHARS = 3, 400
# Words in as many lines of a cell may be rows without lines between them.
LINES_IN_A_CELL = 3
# In more of the rows a cell holds words far from each other where the grid does not have all columns.
MAX_WIDE_ROWS = 0.2

_Place = tuple[int, int]
_Cells = dict[_Place, list[Run]]


def ruled_tables(
    grids: Sequence[Grid], runs: Sequence[Run], is_bold: Callable[[Run], bool]
) -> tuple[dict[int, PdfTable], list[Grid]]:
    """The table of each run that stands in one, by the run's id; and which of the grids are tables.

    Args:
        grids: What is drawn on the page.
        runs: What is written on it.
        is_bold: Whether a run is in bold letters.
    """
    found: dict[int, PdfTable] = {}
    are_tables: list[Grid] = []
    for grid in grids:
        cells: _Cells = defaultdict(list)
        outside: list[Run] = []
        for run in runs:
            cell = grid.cell_at((run.left + run.right) / 2, run.base + 0.3 * run.height)
            if cell is None:
                outside.append(run)
            elif id(run) not in found:
                cells[cell].append(run)
        table = None if _goes_on_without_lines(grid, outside) else _table(grid, cells)
        if table is not None:
            table = replace(table, is_headed=_is_headed(cells, is_bold))
            found.update({id(run): table for inside in cells.values() for run in inside})
            are_tables.append(grid)
    return found, are_tables


def _goes_on_without_lines(grid: Grid, outside: Sequence[Run]) -> bool:
    """Whether only the head of a table is ruled: cells follow below, in most of its columns."""
    below = [
        run
        for run in outside
        if not run.is_turned
        and 0 < grid.ys[-1] - run.base < ROWS_APART * run.height
        and grid.xs[0] < (run.left + run.right) / 2 < grid.xs[-1]
    ]
    columns = len(grid.xs) - 1
    return any(len(line) > 1 and len(line) * 2 > columns for line in lines_of(below))


def _table(grid: Grid, cells: _Cells) -> PdfTable | None:
    """What stands in a grid, as rows; None where it is no table, or does not tell where cells end."""
    unmerged = _unmerged(grid, cells)
    if unmerged is None:
        return None
    grid, cells = unmerged
    if _lacks_columns(cells):
        return None
    rows = _rows(grid, cells)
    used = [at for at in range(len(grid.xs) - 1) if any(row[at] and row[at] != ACROSS for row in rows)]
    if len(rows) < 2 or len(used) < 2:
        return None
    texts = [row[at] for row in rows for at in used if row[at] != ACROSS]
    if sum(map(bool, texts)) < LEAST_FILLED * len(texts):
        return None
    if len(rows) <= MAX_LAYOUT_ROWS and any(len(text) > LAYOUT_CHARS for text in texts):
        return None
    return PdfTable(
        rows=tuple(tuple(row[at] for at in used) for row in rows),
        columns=tuple((grid.xs[at], grid.xs[at + 1]) for at in used),
        top=grid.ys[0],
        bottom=grid.ys[-1],
        is_ruled=True,
    )


def _is_headed(cells: _Cells, is_bold: Callable[[Run], bool]) -> bool:
    """Whether the first row is in bold letters, and the second one is not."""
    rows = sorted({row for (row, _), inside in cells.items() if inside})[:2]
    are_bold = [
        all(is_bold(run) for (row, _), inside in cells.items() if row == at for run in inside) for at in rows
    ]
    return are_bold == [True, False]


def _unmerged(grid: Grid, cells: _Cells) -> tuple[Grid, _Cells] | None:
    """The grid with the columns that a cell over several of them has by its words alone.

    None where words of its first rows stand apart, but not each in a column: they may be names.
    """
    found: _Cells = defaultdict(list)
    apart: set[_Place] = set()
    for place, inside in cells.items():
        columns = [at for at, owner in enumerate(grid.owners[place[0]]) if owner == place]
        is_wide = len(columns) > 1 and any(map(_is_wide, _upright_lines(inside)))
        homes = [_column_of(run, columns, grid) for run in inside]
        if is_wide and None in homes and place[0] < MAX_HEADER_ROWS:
            return None
        if not is_wide or None in homes:
            found[place] += inside
            continue
        apart.add(place)
        for run, column in zip(inside, homes, strict=True):
            found[place[0], column or 0].append(run)
    rows = (
        tuple((owner[0], at) if owner in apart else owner for at, owner in enumerate(row))
        for row in grid.owners
    )
    return replace(grid, owners=tuple(rows)), found


def _column_of(run: Run, columns: Sequence[int], grid: Grid) -> int | None:
    within = (at for at in columns if grid.xs[at] - 1 < run.left and run.right < grid.xs[at + 1] + 1)
    return next(within, None)


def _is_wide(line: list[Run]) -> bool:
    return any(after.left - before.right > WORDS_APART * before.height for before, after in pairwise(line))


def _lacks_columns(cells: _Cells) -> bool:
    """Whether cells of many rows hold what stands apart as in columns."""
    wide = {row for (row, _), inside in cells.items() if any(map(_is_wide, _upright_lines(inside)))}
    return len(wide) > MAX_WIDE_ROWS * len({row for row, _ in cells})


def _rows(grid: Grid, cells: _Cells) -> list[list[str]]:
    """Each row's cells; one that is merged with the cell above has its text. Empty rows are left out.

    None at all where numbers of several rows stand in one, and it is not clear which belong together.
    """
    texts = {place: "\n".join(_lines(inside)) for place, inside in cells.items()}
    rows: list[list[str]] = []
    for number, owners in enumerate(grid.owners):
        if not any(row == number and texts.get((row, column)) for row, column in owners):
            continue
        parts = _parts(grid, cells, number)
        if parts is None:
            return []
        rows += (
            [part.get(owner, "") if owner[1] == column else ACROSS for column, owner in enumerate(owners)]
            for part in parts or [texts]
        )
    return rows


def _lines(runs: Sequence[Run]) -> list[str]:
    lines = [_joined(line) for line in _upright_lines(runs)]
    # Turned lines come in the order in which they were drawn: to the right or to the left.
    return lines + [run.text for run in runs if run.is_turned]


def _upright_lines(runs: Sequence[Run]) -> list[list[Run]]:
    return lines_of([run for run in runs if not run.is_turned])


def _right(grid: Grid, place: _Place) -> float:
    owners = grid.owners[place[0]]
    end = max(at for at, owner in enumerate(owners) if owner == place)
    return grid.xs[end + 1]


def _are_values(lines: list[list[Run]]) -> bool:
    return all(_is_value(_joined(line)) for line in lines)


def _joined(line: list[Run]) -> str:
    return " ".join(run.text for run in line)


def _is_value(text: str) -> bool:
    """Whether it is a number or date, or made of numbers: "36 (75%)"."""
    is_figure = any(char.isdigit() for char in text) and not any(char.isalpha() for char in text)
    return is_figure or kind_of(text) in {Kind.NUMBER, Kind.DATE}


def _is_list(lines: list[list[Run]], right: float, least: int) -> bool:
    """Whether the words of a cell are not one text: most lines had room for the next one's first word."""
    if len(lines) < least or _are_values(lines):
        return False
    num_short = 0
    for line, following in pairwise(lines):
        first = following[0]
        word = first.text.split(" ")[0]
        width = (len(word) + 1) * (first.right - first.left) / max(1, len(first.text))
        num_short += line[-1].text.endswith("...") or right - line[-1].right > 1.2 * width + first.height / 2
    return num_short * 2 > len(lines) - 1


def _parts(grid: Grid, cells: _Cells, number: int) -> list[dict[_Place, str]] | None:
    """The texts of each row that stands in one row of the grid, with no line between them; none for one row.

    None where numbers stand below each other, and it is not clear what is beside each.
    """
    inside = {
        place: lines
        for place, runs in cells.items()
        if place[0] == number and (lines := _upright_lines(runs))
    }
    num_values = sum(len(lines) > 1 and _are_values(lines) for lines in inside.values())
    # Beside numbers two lines of words are enough. Names above the columns may have as many lines each.
    least = 2 if num_values else LINES_IN_A_CELL
    num_lists = sum(_is_list(lines, _right(grid, place), least) for place, lines in inside.items())
    if num_values + num_lists > 1 and (number > 0 or num_values):
        rows = _rows_beside(inside)
        if rows:
            return rows
    # No names have numbers below each other.
    return None if num_values > 1 or (number == 0 and num_values) else []


def _rows_beside(inside: dict[_Place, list[list[Run]]]) -> list[dict[_Place, str]]:
    """The rows that lines of cells make: by their number, else by their height; none where one is alone.

    What has one line before those of several is about all of these.
    """
    first = min(place[1] for place, lines in inside.items() if len(lines) > 1)
    keys = {place: _joined(lines[0]) for place, lines in inside.items() if place[1] < first}
    lists = {place: lines for place, lines in inside.items() if place not in keys}
    if len({len(lines) for lines in lists.values()}) == 1:
        columns = [map(_joined, lines) for lines in lists.values()]
        return [keys | dict(zip(lists, row, strict=True)) for row in zip(*columns, strict=True)]
    places = {id(run): place for place, lines in lists.items() for line in lines for run in line}
    rows: list[dict[_Place, str]] = []
    for beside in lines_of([run for lines in lists.values() for line in lines for run in line]):
        row: dict[_Place, str] = {}
        for run in beside:
            row[places[id(run)]] = f"{row.get(places[id(run)], '')} {run.text}".strip()
        if len(row) < 2:
            return []
        rows.append(keys | row)
    return rows

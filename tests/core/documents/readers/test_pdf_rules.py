"""Lines that are drawn on a page, as the cells that they make."""

from __future__ import annotations

import pytest

from core.documents.readers.pdf_rules import SNAP, Grid, Rule, _connected, _grid, _joined

pytestmark = pytest.mark.portable


def ruled(xs: list[float], ys: list[float]) -> tuple[list[Rule], list[Rule]]:
    """All lines of a table, along and down."""
    return (
        [Rule(y, xs[0], xs[-1]) for y in ys],
        [Rule(x, ys[0], ys[-1]) for x in xs],
    )


XS, YS = [0.0, 100.0, 200.0, 300.0], [0.0, 20.0, 40.0]


def grid_of(across: list[Rule], down: list[Rule]) -> Grid:
    grid = _grid(across, down)
    assert grid is not None
    return grid


def test_cell_of_a_place_is_found_by_row_from_the_top_and_column() -> None:
    grid = grid_of(*ruled(XS, YS))
    assert (grid.xs, grid.ys) == ((0.0, 100.0, 200.0, 300.0), (40.0, 20.0, 0.0))
    assert grid.cell_at(50, 30) == (0, 0)
    assert grid.cell_at(250, 10) == (1, 2)
    assert grid.cell_at(-5, 10) is grid.cell_at(50, 45) is grid.cell_at(305, 10) is None


def test_cell_without_a_line_in_its_middle_is_one() -> None:
    across, down = ruled(XS, YS)
    down[1] = Rule(100.0, 0.0, 20.0)
    grid = grid_of(across, down)
    assert grid.cell_at(50, 30) == grid.cell_at(150, 30) == (0, 0)
    assert grid.cell_at(50, 10) != grid.cell_at(150, 10)
    assert grid.parts(90, 110, 10) and not grid.parts(90, 110, 30) and not grid.parts(20, 40, 10)


def test_cell_that_reaches_down_is_one() -> None:
    across, down = ruled(XS, [0.0, 20.0, 40.0, 60.0])
    across[1] = Rule(20.0, 100.0, 300.0)
    grid = grid_of(across, down)
    assert grid.cell_at(50, 30) == grid.cell_at(50, 10)
    assert grid.cell_at(150, 30) != grid.cell_at(150, 10)


def test_table_without_lines_at_its_sides_ends_where_the_others_do() -> None:
    across, down = ruled(XS, YS)
    assert grid_of(across, down[1:3]).xs == (0.0, 100.0, 200.0, 300.0)
    assert grid_of(across[:2], down).ys == (40.0, 20.0, 0.0)


@pytest.mark.parametrize(("xs", "ys"), [([0.0, 300.0], [0.0, 40.0]), ([0.0, 300.0], YS), (XS, [0.0, 40.0])])
def test_frame_and_single_row_or_column_are_no_grid(xs: list[float], ys: list[float]) -> None:
    assert _grid(*ruled(xs, ys)) is None


def test_patchwork_is_no_grid() -> None:
    across, down = ruled(XS, [20.0 * row for row in range(5)])
    assert _grid(across, [down[0], *(Rule(x, 0.0, 20.0) for x in XS[1:3]), down[3]]) is None


def test_pieces_of_a_line_and_a_border_drawn_twice_are_one_line() -> None:
    pieces = [Rule(10.0, 50.0, 90.0), Rule(10.0 + SNAP / 2, 0.0, 52.0), Rule(10.0, 200.0, 260.0)]
    assert [(rule.start, rule.end) for rule in _joined(pieces)] == [(0.0, 90.0), (200.0, 260.0)]
    assert _joined([Rule(10.0, 0.0, 2.0)]) == [], "a tick is no line"
    assert len(_joined([Rule(10.0, 0.0, 90.0), Rule(10.0 + 2 * SNAP, 0.0, 90.0)])) == 2


def test_tables_apart_from_each_other_are_grids_of_their_own() -> None:
    left, right = ruled(XS, YS), ruled([x + 500 for x in XS], YS)
    groups = list(_connected(left[0] + right[0], left[1] + right[1]))
    assert [(len(across), len(down)) for across, down in groups] == [(3, 4), (3, 4)]
    bridge = Rule(50.0, 250.0, 550.0)
    down = [Rule(280.0, 0.0, 60.0), Rule(520.0, 0.0, 60.0)]
    (joined,) = _connected([*left[0], *right[0], bridge], left[1] + right[1] + down)
    assert (len(joined[0]), len(joined[1])) == (7, 10)


def test_side_of_a_cell_is_drawn_where_most_of_it_is() -> None:
    assert Rule(0.0, 0.0, 70.0).covers(0.0, 100.0)
    assert not Rule(0.0, 0.0, 69.0).covers(0.0, 100.0)

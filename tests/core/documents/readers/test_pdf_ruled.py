"""Tables of a PDF whose cells are parted by lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from fpdf import FPDF

from core.documents.models import BlockKind
from core.documents.readers.reader import read_document
from tests.documents import new_pdf

pytestmark = pytest.mark.portable

LEFT, TOP, WIDTH, HEIGHT = 72.0, 100.0, 130.0, 40.0
PEOPLE = [["Name", "City"], ["Ann Lee", "Ulm"], ["Bob Ray", "Bern"], ["Cid Moe", "Rome"]]
Draw = Callable[[FPDF], None]


def read(*pages: Draw) -> list[str]:
    return [page.text for page in read_document("a.pdf", drawn(*pages)).pages]


def drawn(*pages: Draw) -> bytes:
    pdf = new_pdf(unit="pt", format=(612, 792))
    for draw in pages:
        pdf.add_page()
        pdf.set_font("Helvetica", size=10)
        draw(pdf)
    return bytes(pdf.output())


def ruled(
    rows: Sequence[Sequence[str]],
    *,
    top: float = TOP,
    lines: Sequence[int] | None = None,
    open_sides: Sequence[tuple[int, int]] = (),
) -> Draw:
    """A table with lines around its cells.

    rows: a cell's lines of text are parted by "|".
    lines: the rows that have a line above them, and their number for the foot; None for all.
    open_sides: the row and column of each cell that is one with the cell to its right.
    """

    def draw(pdf: FPDF) -> None:
        num_columns = len(rows[0])
        for row in range(len(rows) + 1) if lines is None else lines:
            pdf.line(LEFT, top + HEIGHT * row, LEFT + WIDTH * num_columns, top + HEIGHT * row)
        for row, cells in enumerate(rows):
            upper = top + HEIGHT * row
            for column in range(num_columns + 1):
                if (row, column - 1) not in open_sides:
                    pdf.line(LEFT + WIDTH * column, upper, LEFT + WIDTH * column, upper + HEIGHT)
            for column, cell in enumerate(cells):
                for number, line in enumerate(cell.split("|")):
                    pdf.text(LEFT + WIDTH * column + 4, upper + 14 + 12 * number, line)

    return draw


def test_words_name_columns_of_words_where_lines_part_the_cells() -> None:
    (text,) = read(ruled(PEOPLE))
    assert text == "Name: Ann Lee; City: Ulm\nName: Bob Ray; City: Bern\nName: Cid Moe; City: Rome"


@pytest.mark.parametrize(
    ("bold_rows", "text"),
    [
        ([0], "Environs: Java; Tier: server-side\nEnvirons: Docker; Tier: anywhere"),
        ([], "Environs | Tier\nJava | server-side\nDocker | anywhere"),
        ([0, 1, 2], "Environs | Tier\nJava | server-side\nDocker | anywhere"),
    ],
)
def test_first_row_in_bold_letters_names_the_columns(bold_rows: Sequence[int], text: str) -> None:
    rows = [["Environs", "Tier"], ["Java", "server-side"], ["Docker", "anywhere"]]

    def draw(pdf: FPDF) -> None:
        ruled([["", ""]] * len(rows))(pdf)
        for row, cells in enumerate(rows):
            pdf.set_font("Helvetica", style="B" if row in bold_rows else "", size=10)
            for column, cell in enumerate(cells):
                pdf.text(LEFT + WIDTH * column + 4, TOP + HEIGHT * row + 14, cell)

    assert read(draw) == [text]


def test_lines_of_a_cell_are_one_cell() -> None:
    rows = [
        ["Name", "Description|of it"],
        ["Ann Lee", "a lamp with a green|shade of glass"],
        ["Bob Ray", "a chair"],
    ]
    (text,) = read(ruled([*rows, ["Cid Moe", "a desk"]]))
    assert "Name: Ann Lee; Description of it: a lamp with a green shade of glass" in text


def test_word_divided_in_a_cell_is_whole() -> None:
    rows = [["Name", "Note"], ["Ann Lee", "an agree-|ment of both"], ["Bob Ray", "an agreement"]]
    assert "Name: Ann Lee; Note: an agreement of both" in read(ruled(rows))[0]


def test_name_over_two_columns_stands_before_each_of_theirs() -> None:
    rows = [["Town", "Sales", ""], ["", "2024", "2025"], ["Alby", "10", "4"], ["Borg", "20", "9"]]
    (text,) = read(ruled(rows, open_sides=[(0, 1)]))
    assert text.splitlines()[-1] == "Town: Borg; Sales 2024: 20; Sales 2025: 9"


def test_turned_names_are_names() -> None:
    def draw(pdf: FPDF) -> None:
        ruled([["Town", "", ""], ["Alby", "10", "4"], ["Borg", "20", "9"]])(pdf)
        for column, name in enumerate(["Sales", "Costs"], 1):
            x, y = LEFT + WIDTH * column + 20, TOP + HEIGHT - 4
            with pdf.rotation(90, x, y):
                pdf.text(x, y, name)

    assert read(draw)[0] == "Town: Alby; Sales: 10; Costs: 4\nTown: Borg; Sales: 20; Costs: 9"


def test_words_close_to_a_line_stay_in_their_cells() -> None:
    def draw(pdf: FPDF) -> None:
        ruled([[*row, ""] for row in PEOPLE])(pdf)
        border = LEFT + 2 * WIDTH
        pdf.text(border - pdf.get_string_width("Barnes and Sons") - 1, TOP + HEIGHT + 28, "Barnes and Sons")
        pdf.text(border + 1, TOP + HEIGHT + 28, "Mountain View")

    assert "Barnes and Sons; Mountain View" in read(draw)[0]


def test_rows_of_numbers_without_lines_between_them_are_rows() -> None:
    rows = [["Month", "Sales", "Costs"], ["May|June", "10|20", "4|9"], ["July|August", "30|40", "5|6"]]
    (text,) = read(ruled(rows))
    assert text.splitlines()[1] == "Month: June; Sales: 20; Costs: 9"
    assert text.splitlines()[3] == "Month: August; Sales: 40; Costs: 6"


@pytest.mark.parametrize(
    ("first", "text"),
    [
        ("Rows fitted", "Rows fitted | 118 (73%)\nRows not fitted | 43\nTotal | 161"),
        # It may be one text with the line below: then the characters' places tell the rows.
        (
            "Rows that fit the description",
            "Rows that fit the description | 118 (73%)\nRows not fitted | 43\nTotal | 161",
        ),
    ],
)
def test_rows_without_lines_between_them_at_the_top_are_no_names(first: str, text: str) -> None:
    assert read(ruled([[f"{first}|Rows not fitted", "118 (73%)|43"], ["Total", "161"]])) == [text]


def test_cell_of_one_line_is_about_all_rows_beside_it() -> None:
    rows = [
        ["Layers", "Language", "Score"],
        ["6", "OTSL|HTML", "0.965|0.969"],
        ["4", "OTSL|HTML", "0.938|0.952"],
    ]
    (text,) = read(ruled(rows))
    assert text.splitlines()[1] == "Layers: 6; Language: HTML; Score: 0.969"


def test_names_that_come_again_within_a_table_are_no_row() -> None:
    (text,) = read(ruled([*PEOPLE, *PEOPLE]))
    assert len(text.splitlines()) == 6


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(ruled([["A note to all who|read this page"]]), id="a frame"),
        pytest.param(ruled([["x" * 20, ""], ["", ""], ["", ""], ["", "y" * 20]]), id="a chart"),
        pytest.param(
            ruled([["The harbour|" + "|".join(["long lines of text in a box"] * 16)], ["End"]]), id="a page"
        ),
    ],
)
def test_frames_and_charts_are_no_tables(draw: Draw) -> None:
    (page,) = read_document("a.pdf", drawn(draw)).pages
    assert BlockKind.TABLE not in [block.kind for block in page.blocks]


def test_colour_behind_words_makes_no_cells() -> None:
    def draw(pdf: FPDF) -> None:
        pdf.set_fill_color(200, 220, 255)
        for row, cells in enumerate([["Town", "Sales"], ["Alby", "10"], ["Borg", "20"]]):
            for column, cell in enumerate(cells):
                if row < 2:
                    pdf.rect(LEFT + WIDTH * column, TOP + 16 * row, WIDTH, 16, style="F")
                pdf.text(LEFT + WIDTH * column + 4, TOP + 16 * row + 12, cell)

    assert read(draw)[0] == "Town | Sales\nAlby: Sales 10\nBorg: Sales 20"


def test_table_of_words_that_goes_on_over_the_page_keeps_its_names() -> None:
    rows = [
        ["Name", "City", "Colour"],
        ["Ann", "Ulm", "red"],
        ["Bob", "Bern", "blue"],
        ["Cid", "Rome", "grey"],
    ]
    following = [["Dora", "Oslo", "green"], ["Emil", "Cork", "white"]]
    pages = read(ruled(rows), ruled(following, top=50))
    assert pages[1] == "Name: Dora; City: Oslo; Colour: green\nName: Emil; City: Cork; Colour: white"


def test_rows_that_are_numbered_have_no_name_among_them() -> None:
    rows = [["1. Wages", "Yes", "Office"], ["2. Rents", "No", ""], ["3. Shares", "No", ""]]
    assert read(ruled(rows))[0].startswith("1. Wages | Yes | Office")

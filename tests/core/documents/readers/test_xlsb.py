"""Binary Excel workbooks: what a person sees of them."""

from __future__ import annotations

import datetime as dt
import struct
from io import BytesIO

import pytest

from core.documents.readers.reader import read_document
from core.errors import CorruptFileError, FileTooLargeError, UnsupportedFileError
from tests.binary_excel import BinarySheet, Cell, build_xlsb, record
from tests.documents import build_zip, lines_with_rows, message_of, replace_zip_part, set_zip_encrypted
from tests.fuzz.mutate import unpacked

pytestmark = pytest.mark.portable

PLANETS: list[list[object]] = [["Planet", "God"], ["Mars", "War"], ["Venus", "Love"]]
NAMED = "Planet: Mars; God: War\nPlanet: Venus; God: Love"
DAY = (dt.date(2026, 1, 1) - dt.date(1899, 12, 30)).days


def _text(sheet: BinarySheet, *, is_1904: bool = False) -> str:
    text = read_document("a.xlsb", build_xlsb([sheet], is_1904=is_1904)).pages[0].text
    assert text.startswith("S\n\n")
    return text.removeprefix("S\n\n")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (Cell(0.256, "0.0 %"), "25.6 %"),
        (Cell(1234567.5, '#,##0.00 "EUR"'), "1,234,567.50 EUR"),
        (Cell(1067, "00000", "rk"), "01067"),
        (Cell(42, '"INV-"0000'), "INV-0042"),
        (Cell(30.25 / 24, "[h]:mm"), "30:15"),
        (Cell(DAY, "mmm yyyy", "rk"), "Jan 2026"),
        (Cell(-12.34, kind="rk"), "-12.34"),
        (Cell(-7, kind="rk"), "-7"),
        (Cell(0.5, "0%", "formula"), "50%"),
        (Cell("Alby", kind="formula"), "Alby"),
        (Cell("Alby", kind="shared"), "Alby"),
        (Cell("Alby", '"Town: "@'), "Town: Alby"),
        (Cell(value=True), "TRUE"),
        (Cell(value=False, kind="formula"), "FALSE"),
        (Cell("#N/A"), "#N/A"),
        (Cell("#DIV/0!", kind="formula"), "#DIV/0!"),
        (Cell("10 6 t", kind="rich", raised=(3, 4)), "10 6 t"),
        (Cell("106 t", kind="rich", raised=(2, 3)), "10⁶ t"),
    ],
)
def test_value_is_shown_as_excel_shows_it(cell: Cell, shown: str) -> None:
    assert _text(BinarySheet("S", [[cell]])) == shown


def test_cells_without_their_column_stand_right_of_the_one_before() -> None:
    rows: list[list[object]] = [["Town", "Street", "Share"], [None, "Elm", Cell(0.5, "0%", "short")]]
    assert (
        _text(BinarySheet("S", rows, num_frozen_rows=1))
        == "Columns: Town; Street; Share\nStreet: Elm; Share: 50%"
    )


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    sheet = BinarySheet("S", [[Cell(DAY - 1462, "yyyy-mm-dd")]])
    assert _text(sheet, is_1904=True) == "2026-01-01"


def test_merged_cells_count_for_all_that_they_cover() -> None:
    rows: list[list[object]] = [["Region", "Town", "Sales"], ["North", "Alby", 1], [None, "Borg", 2]]
    assert _text(BinarySheet("S", rows, merged=[(1, 2, 0, 0)])) == (
        "Region: North; Town: Alby; Sales: 1\nRegion: North; Town: Borg; Sales: 2"
    )


@pytest.mark.parametrize(
    "sheet",
    [
        BinarySheet("S", PLANETS, num_frozen_rows=1),
        BinarySheet("S", PLANETS, filtered=(0, 2, 0, 1)),
        BinarySheet("S", PLANETS, table=(0, 2, 0, 1)),
        BinarySheet("S", [[Cell(name, is_bold=True) for name in PLANETS[0]], *PLANETS[1:]]),
    ],
)
def test_frozen_filtered_and_bold_rows_and_those_of_tables_are_headers(sheet: BinarySheet) -> None:
    assert _text(BinarySheet("S", PLANETS)) == "Planet; God\nMars; War\nVenus; Love"
    assert _text(sheet) == NAMED


def test_comments_stand_behind_their_cell_and_what_is_hidden_is_marked() -> None:
    rows: list[list[object]] = [["Name", "Salary", "Room"], ["Ann", 5000, 7], ["Bob", 4000, 8]]
    sheet = BinarySheet(
        "S", rows, hidden_rows=[2], hidden_columns=[1], comments={(1, 0): "Cy: checked", (9, 9): "alone"}
    )
    hidden = BinarySheet("Secret", [["x"]], is_hidden=True)
    pages = read_document("a.xlsb", build_xlsb([sheet, hidden])).pages
    assert pages[0].text == (
        "S\n\nHidden columns: B\n\nName: Ann [comment: Cy: checked]; Salary (hidden column): 5000; Room: 7\n"
        "Name: Bob; Salary (hidden column): 4000; Room: 8 (hidden row)\n\nComment on J10: alone"
    )
    assert (pages[1].text, pages[1].label) == ("Secret (hidden sheet)\n\nx", "sheet Secret")


def test_rows_have_the_numbers_that_excel_shows() -> None:
    rows: list[list[object]] = [[], ["Town", "Rent"], ["Alby", 5], [], ["Borg", 6.5]]
    page = read_document("a.xlsb", build_xlsb([BinarySheet("S", rows)])).pages[0]
    assert lines_with_rows(page) == [
        "-: S",
        "row 3: Town: Alby; Rent: 5",
        "row 5: Town: Borg; Rent: 6.5",
    ]


def test_workbook_of_excel_2007_before_its_release_is_read() -> None:
    """Its list of sheets has one number more in each entry."""
    data = build_xlsb([BinarySheet("S", [["Mars"]])])
    entry = struct.pack("<III", 0, 0, 1) + b"".join(
        struct.pack("<I", len(text)) + text.encode("utf-16-le") for text in ("r1", "S")
    )
    book = record(131) + record(143) + record(156, entry) + record(144) + record(132)
    assert (
        read_document("a.xlsb", replace_zip_part(data, "xl/workbook.bin", book)).pages[0].text == "S\n\nMars"
    )


def test_charts_of_a_sheet_are_read() -> None:
    import openpyxl
    from openpyxl.chart import BarChart, Reference

    book = openpyxl.Workbook()
    chart = BarChart()
    chart.add_data(Reference(book.active, min_col=1, min_row=1, max_row=2))
    book.active.add_chart(chart, "E1")
    buffer = BytesIO()
    book.save(buffer)
    drawn = unpacked(buffer.getvalue())
    parts = unpacked(build_xlsb([BinarySheet("S", PLANETS)]))
    parts |= {name: part for name, part in drawn.items() if name.startswith(("xl/drawings", "xl/charts"))}
    parts["xl/worksheets/_rels/sheet1.bin.rels"] = drawn["xl/worksheets/_rels/sheet1.xml.rels"]
    # openpyxl saves no values with a chart, as Excel does.
    assert read_document("a.xlsb", build_zip(parts)).notes == ("1 chart without data",)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/workbook.bin", b"\x9c"),
        ("xl/workbook.bin", record(156, bytes(8) + b"\xf0\xff\xff\x00")),
        ("xl/styles.bin", record(44, b"\1\0\xff\xff\xff\0")),
        ("xl/worksheets/sheet1.bin", record(0, bytes(17)) + record(7, bytes(8) + b"\xff\xff\xff\xff")),
        ("xl/worksheets/sheet1.bin", record(0, bytes(17)) + record(1, b"\xff\xff\xff\xff" + bytes(4))),
        ("xl/worksheets/sheet1.bin", record(0, b"\xff\xff\xff\xff" + bytes(13))),
        ("xl/worksheets/sheet1.bin", b"\x00\xff\xff\xff\xff"),
        ("xl/worksheets/sheet1.bin", record(145) + b"\x40\x7f"),
    ],
)
def test_damaged_workbook_is_corrupt(part: str, content: bytes) -> None:
    data = build_xlsb([BinarySheet("S", [["a", "b"]])])
    assert "is damaged" in message_of("a.xlsb", replace_zip_part(data, part, content), CorruptFileError)


def test_workbook_that_claims_too_many_cells_is_too_large() -> None:
    last = record(1, bytes([0xFF, 0x3F, 0, 0]) + bytes(4))
    rows = b"".join(record(0, row.to_bytes(4, "little") + bytes(13)) + last for row in range(700))
    data = replace_zip_part(build_xlsb([BinarySheet("S", [["a"]])]), "xl/worksheets/sheet1.bin", rows)
    assert "more than 10 million cells" in message_of("a.xlsb", data, FileTooLargeError)


def test_workbook_that_is_packed_with_a_password_is_refused() -> None:
    data = set_zip_encrypted(build_xlsb([BinarySheet("S", [["a"]])]))
    assert "packed with a password" in message_of("a.xlsb", data, UnsupportedFileError)

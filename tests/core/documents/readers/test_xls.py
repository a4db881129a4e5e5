"""Excel workbooks of before 2007: what a person sees of them."""

from __future__ import annotations

import datetime as dt
import struct
from io import BytesIO
from typing import Any

import pytest

from core.documents.readers.reader import read_document
from core.errors import CorruptFileError, EncryptedFileError, NoTextError
from tests import ole_documents as ole
from tests.documents import labels, lines_with_rows, message_of, text_of

pytestmark = pytest.mark.portable

PLANETS: list[list[object]] = [["Planet", "God"], ["Mars", "War"], ["Venus", "Love"]]
NAMED = "Planet: Mars; God: War\nPlanet: Venus; God: Love"


def _book(rows: list[list[object]]) -> tuple[Any, Any]:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value is not None:
                sheet.write(row, column, value)
    return book, sheet


def _saved(book: Any) -> bytes:
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _text(book: Any) -> str:
    text = read_document("a.xls", _saved(book)).pages[0].text
    assert text.startswith("S\n\n")
    return text.removeprefix("S\n\n")


def _style(code: str = "General", *, is_bold: bool = False) -> Any:
    import xlwt

    return xlwt.easyxf(f"font: bold {'on' if is_bold else 'off'}", num_format_str=code)


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.256, "0.0 %", "25.6 %"),
        (1234567.5, '#,##0.00 "EUR"', "1,234,567.50 EUR"),
        (1234.5, '"$"#,##0.00_);("$"#,##0.00)', "$1,234.50"),
        (1067, "00000", "01067"),
        (42, '"INV-"0000', "INV-0042"),
        (30.25 / 24, "[h]:mm", "30:15"),
        (dt.date(2026, 1, 1), "mmm yyyy", "Jan 2026"),
        (dt.datetime(2026, 1, 1, 9, 30), "d mmm yyyy h:mm", "1 Jan 2026 9:30"),
        ("Alby", '"Town: "@', "Town: Alby"),
        (True, "General", "TRUE"),
        (1e-7, "General", "1e-07"),
    ],
)
def test_value_is_shown_as_excel_shows_it(value: object, code: str, shown: str) -> None:
    book, sheet = _book([])
    sheet.write(0, 0, value, _style(code))
    assert _text(book) == shown


def test_formats_that_a_workbook_names_by_number_only_are_shown_as_in_newer_ones() -> None:
    look = struct.pack("<HHHBB", 0, 14, 0, 0, 0) + bytes(12)
    sheet = ole.biff_record(0x0203, struct.pack("<3Hd", 0, 0, 0, 46023))
    data = ole.build_biff(globals_=ole.biff_record(0x0031, FONT) + ole.biff_record(0x00E0, look), sheet=sheet)
    assert read_document("a.xls", data).pages[0].text == "Budget\n\n2026-01-01"


FONT = struct.pack("<5H4BBB", 220, 0, 0, 400, 0, 0, 0, 0, 0, 5, 0) + b"Arial"


def test_errors_are_named() -> None:
    book, sheet = _book([])
    sheet.row(0).set_cell_error(0, 0x2A)
    sheet.row(0).set_cell_error(1, 0x07)
    assert _text(book) == "#N/A; #DIV/0!"


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    book, sheet = _book([])
    book.dates_1904 = True
    sheet.write(0, 0, (dt.date(2026, 1, 1) - dt.date(1904, 1, 1)).days, _style("yyyy-mm-dd"))
    assert _text(book) == "2026-01-01"


def test_merged_cells_count_for_all_that_they_cover() -> None:
    book, sheet = _book([["Region", "Town", "Sales"], [None, "Alby", 1], [None, "Borg", 2]])
    sheet.write_merge(1, 2, 0, 0, "North")
    assert _text(book) == "Region: North; Town: Alby; Sales: 1\nRegion: North; Town: Borg; Sales: 2"


def test_frozen_and_bold_rows_are_headers() -> None:
    plain, _ = _book(PLANETS)
    assert _text(plain) == "Planet; God\nMars; War\nVenus; Love"
    frozen, sheet = _book(PLANETS)
    sheet.set_panes_frozen(True)
    sheet.set_horz_split_pos(1)
    assert _text(frozen) == NAMED
    bold, sheet = _book([[], *PLANETS[1:]])
    for column, name in enumerate(PLANETS[0]):
        sheet.write(0, column, name, _style(is_bold=True))
    assert _text(bold) == NAMED


def test_what_is_hidden_is_marked() -> None:
    book, sheet = _book([["Name", "Salary", "Room"], ["Ann", 5000, 7], ["Bob", 4000, 8]])
    sheet.row(2).hidden = True
    sheet.col(1).hidden = True
    secret = book.add_sheet("Secret")
    secret.write(0, 0, "x")
    secret.visibility = 1
    pages = read_document("a.xls", _saved(book)).pages
    assert pages[0].text == (
        "S\n\nHidden columns: B\n\nName: Ann; Salary (hidden column): 5000; Room: 7\n"
        "Name: Bob; Salary (hidden column): 4000; Room: 8 (hidden row)"
    )
    assert (pages[1].text, pages[1].label) == ("Secret (hidden sheet)\n\nx", "sheet Secret")


def test_comments_stand_behind_their_cell() -> None:
    data = ole.build_old_excel([["Town", "Sales"], ["Alby", 10]], comments={(1, 1): "Cy: checked"})
    assert read_document("a.xls", data).pages[0].text.endswith("Town: Alby; Sales: 10 [comment: Cy: checked]")


def test_odd_comment_costs_the_comments_and_not_the_cells() -> None:
    odd = ole.biff_record(0x001C, struct.pack("<5HB", 1, 1, 0, 9, 2, 0) + b"Cy\0and more")
    document = read_document("a.xls", ole.build_old_excel([["Town", "Sales"], ["Alby", 10]], more=odd))
    assert document.pages[0].text == "Budget\n\nTown: Alby; Sales: 10"
    assert document.notes == ("1 comment not read",)


def test_raised_letters_are_told_from_the_digits_before_them() -> None:
    import xlwt

    book, sheet = _book([])
    raised = xlwt.easyfont("escapement superscript")
    sheet.write_rich_text(0, 0, ["10", ("6", raised), " t"])
    assert _text(book) == "10⁶ t"


def test_formulas_without_a_saved_value_are_named_and_a_workbook_of_nothing_else_is_refused() -> None:
    import xlwt

    book, sheet = _book([["Item", "Cost"], ["Desk", 100], ["Total"]])
    sheet.write(2, 1, xlwt.Formula("SUM(B2:B2)"))
    document = read_document("a.xls", _saved(book))
    assert document.pages[0].text.endswith("Item: Total; Cost: formula (not calculated)")
    assert document.notes == ("1 formula without a saved value",)
    book, sheet = _book([])
    sheet.write(0, 0, xlwt.Formula("1+1"))
    message = message_of("a.xls", _saved(book), NoTextError)
    assert message.startswith("a.xls holds only formulas without a saved value.")


def test_formula_whose_value_is_an_empty_text_is_empty_where_others_have_values() -> None:
    empty = ole.biff_record(0x0006, struct.pack("<3H8sHIH", 1, 1, 0, b"\3\0\0\0\0\0\xff\xff", 0, 0, 0))
    number = ole.biff_record(0x0006, struct.pack("<3HdHIH", 2, 1, 0, 2.5, 0, 0, 0))
    names = [["Town", "Sales"], ["Alby"], ["Borg"]]
    document = read_document("a.xls", ole.build_old_excel(names, more=empty + number))
    assert document.pages[0].text == "Budget\n\nTown: Alby\nTown: Borg; Sales: 2.5"
    assert document.notes == ()


def test_charts_are_noted() -> None:
    chart = ole.biff_record(0x0809, struct.pack("<4H2I", 0x0600, 0x20, 0, 0, 0, 0)) + ole.biff_record(0x0A)
    document = read_document("a.xls", ole.build_old_excel(PLANETS, more=chart))
    assert document.notes == ("1 chart not read",)


def test_files_of_other_programs_are_noted() -> None:
    data = ole.build_old_excel(
        PLANETS, folders={"MBD005707B0": {"Ole": b"1"}, "MBD005707B1": {"Ole": b"2"}, "_VBA": {"a": b"3"}}
    )
    assert read_document("a.xls", data).notes == ("2 embedded files not read",)
    data = ole.build_old_excel([], folders={"MBD005707B0": {"Ole": b"1"}})
    assert "holds no text that can be read: 1 embedded file not read." in message_of(
        "a.xls", data, NoTextError
    )


def test_rows_have_the_numbers_that_excel_shows() -> None:
    rows: list[list[object]] = [[], ["Town", "Rent"], ["Alby", 5], [], ["Borg", 6.5]]
    page = read_document("a.xls", ole.build_old_excel(rows)).pages[0]
    assert lines_with_rows(page) == [
        "-: Budget",
        "row 3: Town: Alby; Rent: 5",
        "row 5: Town: Borg; Rent: 6.5",
    ]


def test_protected_workbook_is_read_with_its_password_and_without_it_where_excel_needs_none() -> None:
    data = ole.protect_old_excel(ole.build_old_excel(PLANETS), "key")
    assert "Give the password" in message_of("a.xls", data, EncryptedFileError)
    assert "Mars" in read_document("a.xls", data, password="key").pages[0].text
    with pytest.raises(EncryptedFileError, match="does not open"):
        read_document("a.xls", data, password="other")
    data = ole.protect_old_excel(ole.build_old_excel(PLANETS), "VelvetSweatshop")
    assert "Mars" in read_document("a.xls", data).pages[0].text


@pytest.mark.parametrize("kind", [0x0203, 0x0006, 0x0204, 0x00FD, 0x00BD])
def test_damaged_workbook_is_corrupt(kind: int) -> None:
    data = ole.build_old_excel(PLANETS, more=ole.biff_record(kind, b"\1"))
    assert "is damaged" in message_of("a.xls", data, CorruptFileError)


def test_workbook_with_a_name_that_makes_no_sense_is_read() -> None:
    name = struct.pack("<HBBHHHBBBB", 0, 0, 1, 1, 0, 0, 0, 0, 0, 0) + b"\0n\x2d"
    data = ole.build_biff(globals_=ole.biff_record(0x0018, name), sheet=ole.biff_record(0x0204, TEXT))
    assert read_document("a.xls", data).pages[0].text == "Budget\n\nx"


TEXT = struct.pack("<3HHB", 0, 0, 0, 1, 0) + b"x"


def test_old_excel_workbook_is_read() -> None:
    document = read_document("a.xls", ole.build_old_excel([["Town", "Sales"], ["Alby", 10], ["Borg", 20.5]]))
    assert labels(document) == ["sheet Budget"]
    assert document.pages[0].text.splitlines()[-2:] == ["Town: Alby; Sales: 10", "Town: Borg; Sales: 20.5"]


@pytest.mark.parametrize(
    "data", [b"<html><table><tr><th>Town<th>Sales<tr><td>Alby<td>10</table>", b"Town\tSales\nAlby\t10\n"]
)
def test_xls_that_is_a_web_page_or_a_text_with_tabs_is_read(data: bytes) -> None:
    assert "Alby" in text_of("a.xls", data)


def test_damaged_workbook_of_the_old_kind_is_corrupt() -> None:
    data = ole.build_old_excel([["a", "b"]])
    assert "is damaged" in message_of("a.xls", data[:512] + b"\xff" * 512 + data[1024:], CorruptFileError)

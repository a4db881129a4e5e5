"""Excel workbooks: what a person sees of them."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import pytest

from core.documents.readers.reader import read_document
from core.errors import NoTextError
from tests.documents import Table, build_xlsx, lines_with_rows, made_strict, message_of, replace_zip_part

pytestmark = pytest.mark.portable


def _book(rows: list[list[object]]) -> tuple[Any, Any]:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "S"
    for row in rows:
        sheet.append(row)
    return book, sheet


def _saved(book: Any) -> bytes:
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _text(book: Any) -> str:
    text = read_document("a.xlsx", _saved(book)).pages[0].text
    assert text.startswith("S\n\n")
    return text.removeprefix("S\n\n")


def test_values_are_shown_in_their_cells_formats() -> None:
    book, sheet = _book([["What", "Value"]])
    for name, value, code in (
        ("Share", 0.256, "0.0%"),
        ("Price", 1234567.5, '#,##0.00 "EUR"'),
        ("Day", dt.datetime(2026, 3, 1), "yyyy-mm-dd"),
        ("Duration", dt.timedelta(hours=30, minutes=15), "[h]:mm"),
        ("Postcode", 1067, "00000"),
        ("Paid", True, "General"),
    ):
        sheet.append([name, value])
        sheet.cell(sheet.max_row, 2).number_format = code
    assert _text(book).split("\n")[1:] == [
        "Share: 25.6%",
        "Price: 1,234,567.50 EUR",
        "Day: 2026-03-01",
        "Duration: 30:15",
        "Postcode: 01067",
        "Paid: TRUE",
    ]


def test_dates_in_the_header_are_names() -> None:
    book, sheet = _book([["Town", dt.datetime(2026, 1, 1), dt.datetime(2026, 2, 1)], ["Alby", 10, 20]])
    for cell in sheet[1][1:]:
        cell.number_format = "MMM YY"
    assert _text(book) == "Town: Alby; Jan 26: 10; Feb 26: 20"


def test_merged_cells_count_for_all_that_they_cover() -> None:
    book, sheet = _book(
        [
            ["Sales of 2026", None, None],
            ["Region", "Town", "Sales"],
            ["North", "Alby", 1],
            [None, "Borg", 2],
            ["South", "Cella", 3],
        ]
    )
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("A3:A4")
    assert _text(book) == (
        "Sales of 2026\n\nRegion: North; Town: Alby; Sales: 1\nRegion: North; Town: Borg; Sales: 2\n"
        "Region: South; Town: Cella; Sales: 3"
    )


def test_merged_names_are_a_header_of_two_rows() -> None:
    book, sheet = _book([["Region", "2024", None], [None, "Q1", "Q2"], ["North", 1, 2]])
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:C1")
    assert _text(book) == "Region: North; 2024 Q1: 1; 2024 Q2: 2"


def test_merged_note_above_the_names_of_columns_is_no_part_of_them() -> None:
    notes: list[list[object]] = [["Lots of people"], ["or", "merging", None, "some", "cells"]]
    names: list[object] = ["Name", "Profession", "Age", "Born", "Died"]
    people: list[list[object]] = [
        ["Chuck Berry", "musician", 90, 1926, 2017],
        ["Vera Rubin", "scientist", 88, 1928, 2016],
    ]
    book, sheet = _book([*notes, names, *people])
    sheet.merge_cells("B2:C2")
    assert _text(book).splitlines()[-2:] == [
        "Name: Chuck Berry; Profession: musician; Age: 90; Born: 1926; Died: 2017",
        "Name: Vera Rubin; Profession: scientist; Age: 88; Born: 1928; Died: 2016",
    ]
    assert "or; merging; some; cells" in _text(book)


def test_names_above_others_that_come_again_are_no_note_beside_merged_ones() -> None:
    names: list[list[object]] = [
        ["Route", "JTA", "RAC", "Group", None],
        ["Flights", "Domestic", "Domestic", "Domestic", "Abroad"],
    ]
    book, sheet = _book([*names, ["Planned", 2172, 1285, 26453, 4348], ["Delayed", 152, 0, 2136, 349]])
    sheet.merge_cells("D1:E1")
    assert _text(book).splitlines()[-1] == (
        "Route Flights: Delayed; JTA Domestic: 152; RAC Domestic: 0; Group Domestic: 2136; Group Abroad: 349"
    )


def test_frozen_bold_and_filtered_rows_are_headers() -> None:
    rows: list[list[object]] = [["Planet", "God"], ["Mars", "War"], ["Venus", "Love"]]
    named = "Planet: Mars; God: War\nPlanet: Venus; God: Love"
    plain, _ = _book(rows)
    assert _text(plain) == "Planet; God\nMars; War\nVenus; Love"
    frozen, sheet = _book(rows)
    sheet.freeze_panes = "A2"
    assert _text(frozen) == named
    filtered, sheet = _book(rows)
    sheet.auto_filter.ref = "A1:B3"
    assert _text(filtered) == named
    from openpyxl.styles import Font

    bold, sheet = _book(rows)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    assert _text(bold) == named


def test_formulas_without_a_saved_value_are_named_and_a_workbook_of_nothing_else_is_refused() -> None:
    data = build_xlsx({"S": [["Item", "Cost"], ["Desk", 100], ["Total", "=SUM(B2:B2)"]]})
    document = read_document("a.xlsx", data)
    assert document.pages[0].text.endswith("Item: Total; Cost: =SUM(B2:B2) (not calculated)")
    assert document.notes == ("1 formula without a saved value",)
    message = message_of("a.xlsx", build_xlsx({"S": [["=1+1"]]}), NoTextError)
    assert message.startswith("a.xlsx holds only formulas without a saved value.")


def test_comments_stand_behind_their_cell_and_what_is_hidden_is_marked() -> None:
    from openpyxl.comments import Comment

    book, sheet = _book([["Name", "Salary", "Room"], ["Ann", 5000, 7], ["Bob", 4000, 8]])
    sheet["A2"].comment = Comment("checked by Cy", "Cy")
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    hidden = book.create_sheet("Secret")
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    pages = read_document("a.xlsx", _saved(book)).pages
    assert pages[0].text == (
        "S\n\nHidden columns: B\n\nName: Ann [comment: checked by Cy]; Salary (hidden column): 5000; "
        "Room: 7\n"
        "Name: Bob; Salary (hidden column): 4000; Room: 8 (hidden row)"
    )
    assert (pages[1].text, pages[1].label) == ("Secret (hidden sheet)\n\nx", "sheet Secret")


def test_charts_of_a_sheet_are_read() -> None:
    from openpyxl.chart import BarChart, Reference

    book, sheet = _book([["Town", "Sales"], ["Alby", 417], ["Borg", 523]])
    chart = BarChart()
    chart.title = "Sales by town"
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    sheet.add_chart(chart, "E1")
    document = read_document("a.xlsx", _saved(book))
    # openpyxl saves no values with a chart, as Excel does.
    assert document.notes == ("1 chart without data",)


def test_files_of_other_programs_are_noted() -> None:
    data = build_xlsx({"S": [["x"]]})
    objects = (
        b'<oleObjects><oleObject progId="Word.Document.12" shapeId="7"/>'
        b'<oleObject progId="Word.Document.12" shapeId="7"/>'
        b'<oleObject shapeId="8" progId="Word.Document.12"/><oleObject shapeId="9"/></oleObjects>'
    )
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = b'<worksheet xmlns="%s"><sheetData/>%s</worksheet>' % (namespace, objects)
    message = message_of("a.xlsx", replace_zip_part(data, "xl/worksheets/sheet1.xml", sheet), NoTextError)
    assert "2 embedded files not read (Word.Document); 1 embedded file not read." in message


def test_raised_letters_and_how_japanese_is_pronounced() -> None:
    data = build_xlsx({"S": [["x"]]})
    cell = (
        b'<c r="A1" t="inlineStr"><is><r><t>10</t></r>'
        b'<r><rPr><vertAlign val="superscript"/></rPr><t>6</t></r>'
        b'<r><t xml:space="preserve"> t</t></r><rPh sb="0" eb="1"><t>how</t></rPh></is></c>'
    )
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = b'<worksheet xmlns="%s"><sheetData><row>%s</row></sheetData></worksheet>' % (namespace, cell)
    book = replace_zip_part(data, "xl/worksheets/sheet1.xml", sheet)
    assert read_document("a.xlsx", book).pages[0].text == "S\n\n10⁶ t"


def test_strict_open_xml_is_read() -> None:
    data = made_strict(build_xlsx({"S": [["Town", "Sales"], ["Alby", 10]]}))
    assert read_document("a.xlsx", data).pages[0].text == "S\n\nTown: Alby; Sales: 10"


def test_rows_have_the_numbers_that_excel_shows() -> None:
    book, sheet = _book([["Rents of 2026"], [], [], ["Town", "Rent"], ["Alby", 5], ["Borg", 6], ["Cella", 7]])
    for row, (town, rent) in enumerate([("Dorf", 8), ("Elm", 9)], start=30):
        sheet.cell(row, 1, town)
        sheet.cell(row, 2, rent)
    sheet.row_dimensions[6].hidden = True
    assert lines_with_rows(read_document("a.xlsx", _saved(book)).pages[0]) == [
        "-: S",
        "row 1: Rents of 2026",
        "row 5: Town: Alby; Rent: 5",
        "row 6: Town: Borg; Rent: 6 (hidden row)",
        "row 7: Town: Cella; Rent: 7",
        "row 30: Town: Dorf; Rent: 8",
        "row 31: Town: Elm; Rent: 9",
    ]


def test_xlsx_gives_sheets_with_named_cells() -> None:
    sheets: dict[str, Table] = {
        "Budget": [["Budget of 2026"], ["Team", 2025, 2026], ["Core", 1.5, 0.1 + 0.2], [], ["Docs", None, 4]],
        "Empty": [],
        "Numbers": [[1, 2], [3, 4]],
    }
    document = read_document("budget.xlsx", build_xlsx(sheets))
    assert [(page.number, page.text) for page in document.pages] == [
        (1, "Budget\n\nBudget of 2026\n\nTeam: Core; 2025: 1.5; 2026: 0.3\nTeam: Docs; 2026: 4"),
        (2, ""),
        (3, "Numbers\n\n1; 2\n3; 4"),
    ]

"""OpenDocument: texts, sheets and slides."""

from __future__ import annotations

import pytest

from core.documents.models import BlockKind
from core.documents.readers.reader import read_document
from core.errors import (
    EncryptedFileError,
    FileTooLargeError,
)
from tests import documents as build
from tests.documents import kinds, labels, lines_with_rows, message_of, text_of

pytestmark = pytest.mark.portable

CELL = "<table:table-cell><text:p>{}</text:p></table:table-cell>"


def odf_row(*cells: str) -> str:
    return f"<table:table-row>{''.join(CELL.format(cell) for cell in cells)}</table:table-row>"


def test_opendocument_text_is_read_as_it_is_shown() -> None:
    body = (
        '<text:h text:outline-level="2">Head</text:h><text:p>Mass 10'
        '<text:span text:style-name="T1">6</text:span>'
        "<text:s/>t<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>By law."
        '</text:p></text:note-body></text:note></text:p><text:list text:style-name="L1"><text:list-item>'
        "<text:p>First</text:p></text:list-item><text:list-item><text:p>Second</text:p></text:list-item>"
        f"</text:list><table:table>{odf_row('Town', 'Sales')}{odf_row('Alby', '10')}</table:table>"
        "<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"
        "<text:p>End<office:annotation><dc:creator>Ann</dc:creator><text:p>Check</text:p></office:annotation>"
        "</text:p>"
    )
    styles = (
        '<style:style style:name="T1"><style:text-properties style:text-position="super 58%"/></style:style>'
        '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/>'
        "</text:list-style>"
    )
    header = "<style:header><text:p>Q-4471</text:p></style:header>"
    page = read_document(
        "a.odt", build.build_odf("text", body, automatic_styles=styles, styles=header * 2)
    ).pages[0]
    assert page.text.split("\n\n") == [
        "Q-4471",
        "Head",
        "Mass 10⁶ t[1]",
        "1 By law.",
        "1. First\n2. Second",
        "Town: Alby; Sales: 10",
        "End",
        "Note by Ann: Check",
    ]
    assert kinds(page)[:4] == [
        BlockKind.HEADER_FOOTER,
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.FOOTNOTE,
    ]


def test_head_of_a_list_is_read_without_a_number() -> None:
    items = "<text:list-item><text:p>First</text:p></text:list-item>"
    head = "<text:list-header><text:p>Rules</text:p></text:list-header>"
    body = f'<text:list text:style-name="L1">{head}{items}</text:list>'
    style = (
        '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/>'
        "</text:list-style>"
    )
    assert text_of("a.odt", build.build_odf("text", body, automatic_styles=style)) == "Rules\n1. First"


def test_opendocument_sheet_gives_values_as_they_are_shown() -> None:
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    spanned = (
        '<table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>North</text:p>'
        f"</table:table-cell>{CELL.format('25.6 %')}</table:table-row>"
    )
    below = f"<table:table-row><table:covered-table-cell/>{CELL.format('3.0 %')}</table:table-row>"
    table = (
        f'<table:table table:name="Budget">{odf_row("Region", "Share")}{spanned}{below}{empty}</table:table>'
    )
    document = read_document("a.ods", build.build_odf("spreadsheet", table))
    assert labels(document) == ["sheet Budget"]
    assert document.pages[0].text.splitlines()[-2:] == [
        "Region: North; Share: 25.6 %",
        "Region: North; Share: 3.0 %",
    ]


def test_opendocument_sheet_that_repeats_cells_without_end_is_too_large() -> None:
    cell = '<table:table-cell table:number-columns-repeated="4000"><text:p>1</text:p></table:table-cell>'
    rows = f'<table:table-row table:number-rows-repeated="1000">{cell}</table:table-row>' * 4
    table = f'<table:table table:name="Budget">{rows}</table:table>'
    assert "a.ods" in message_of("a.ods", build.build_odf("spreadsheet", table), FileTooLargeError)


def test_rows_of_opendocument_sheets_have_the_numbers_that_libreoffice_shows() -> None:
    def repeated(num: int, *cells: str) -> str:
        return odf_row(*cells).replace(
            "<table:table-row", f'<table:table-row table:number-rows-repeated="{num}"'
        )

    rows = [
        *(odf_row("Town", "Rent"), odf_row("Alby", "5")),
        *(repeated(2, "Borg", "6"), repeated(5000), odf_row("Cella", "7")),
    ]
    table = f'<table:table table:name="Rent">{"".join(rows)}</table:table>'
    page = read_document("a.ods", build.build_odf("spreadsheet", table)).pages[0]
    assert lines_with_rows(page) == [
        "-: Rent",
        "row 2: Town: Alby; Rent: 5",
        "row 3: Town: Borg; Rent: 6",
        "row 4: Town: Borg; Rent: 6",
        "row 5005: Town: Cella; Rent: 7",
    ]


def test_opendocument_slides_have_their_notes() -> None:
    box = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    notes = f"<presentation:notes>{box.format('Say hi')}</presentation:notes>"
    slide = f"<draw:page>{box.format('Title')}{notes}</draw:page>"
    document = read_document("a.odp", build.build_odf("presentation", slide * 2))
    assert labels(document) == ["slide 1", "slide 2"]
    assert document.pages[0].text == "Title\n\nNotes: Say hi"


def test_opendocument_with_a_password_says_so() -> None:
    data = build.replace_zip_part(
        build.build_odf("text", ""), "META-INF/manifest.xml", b"<m><manifest:encryption-data/></m>"
    )
    assert "is protected by a password" in message_of("a.odt", data, EncryptedFileError)

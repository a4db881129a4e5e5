"""Tables of Word: merged cells, names of columns, and tables that only place things."""

from __future__ import annotations

import pytest

from tests.documents import (
    word_cell,
    word_paragraph,
    word_table,
    word_text,
)

pytestmark = pytest.mark.portable


def _control(content: str) -> str:
    return f'<w:sdt><w:sdtPr><w:alias w:val="x"/></w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>'


def test_cells_rows_and_paragraphs_in_content_controls_are_read() -> None:
    names = word_cell("Name") + word_cell("Date of birth")
    row = f"<w:tr>{_control(word_cell('Ann Miller'))}{_control(word_cell('3 May 1990'))}</w:tr>"
    table = f"<w:tbl><w:tr>{names}</w:tr>{_control(row)}</w:tbl>"
    assert word_text(table) == "Name: Ann Miller; Date of birth: 3 May 1990"
    cover = word_table(_control(word_cell("Annual report")))
    assert (
        word_text(_control(cover) + _control(word_paragraph("Please sign.")))
        == "Annual report\n\nPlease sign."
    )


def test_merged_cells_hold_in_every_row_that_they_span() -> None:
    merged, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    table = word_table(
        word_cell("Region") + word_cell("Town") + word_cell("Sales 2025"),
        word_cell("North", merged) + word_cell("Alby") + word_cell("10"),
        word_cell("", goes_on) + word_cell("Borg") + word_cell("20"),
        word_cell("Total", '<w:gridSpan w:val="2"/>') + word_cell("30"),
    )
    assert word_text(table).split("\n") == [
        "Region: North; Town: Alby; Sales 2025: 10",
        "Region: North; Town: Borg; Sales 2025: 20",
        "Region: Total; Sales 2025: 30",
    ]


def test_row_that_word_repeats_on_each_page_names_the_columns() -> None:
    header = f"<w:trPr><w:tblHeader/></w:trPr>{word_cell('Planet')}{word_cell('God of')}"
    rows = word_cell("Mars") + word_cell("war"), word_cell("Venus") + word_cell("love")
    assert word_text(word_table(header, *rows)) == "Planet: Mars; God of: war\nPlanet: Venus; God of: love"
    plain = word_cell("Planet") + word_cell("God of")
    assert word_text(word_table(plain, *rows)) == "Planet | God of\nMars | war\nVenus | love"


def test_table_that_lays_out_the_page_is_read_cell_by_cell() -> None:
    inner = word_table(word_cell("Item") + word_cell("Cost"), word_cell("Desk") + word_cell("10"))
    outer = f"<w:tbl><w:tr><w:tc>{word_paragraph('Left')}</w:tc><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    assert word_text(outer) == "Left\n\nItem: Desk; Cost: 10"

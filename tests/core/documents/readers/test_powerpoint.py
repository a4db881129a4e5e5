from __future__ import annotations

from io import BytesIO

import pytest

from core.documents.readers.reader import read_document
from tests.documents import build_pptx, made_strict, replace_zip_part, slide_show, slide_text

pytestmark = pytest.mark.portable


def test_title_is_a_heading_and_raised_letters_are_no_digits() -> None:
    show, slide = slide_show()
    slide.shapes.title.text = "Emissions"
    paragraph = slide.shapes.add_textbox(0, 0, 9, 9).text_frame.paragraphs[0]
    paragraph.add_run().text = "10"
    raised = paragraph.add_run()
    raised.text = "6"
    raised.font._element.set("baseline", "30000")
    buffer = BytesIO()
    show.save(buffer)
    page = read_document("a.pptx", buffer.getvalue()).pages[0]
    assert (page.text, page.label) == ("Emissions\n\n10⁶", "slide 1")
    assert [block.kind for block in page.blocks] == ["heading", "paragraph"]


def test_hidden_slides_are_marked() -> None:
    data = build_pptx(["One", "Two"])
    from zipfile import ZipFile

    xml = ZipFile(BytesIO(data)).read("ppt/slides/slide2.xml")
    hidden = replace_zip_part(data, "ppt/slides/slide2.xml", xml.replace(b"<p:sld ", b'<p:sld show="0" ', 1))
    assert [page.text for page in read_document("a.pptx", hidden).pages] == ["One", "(hidden slide)\n\nTwo"]


def test_merged_cells_of_a_table_hold_in_all_rows() -> None:
    show, slide = slide_show()
    table = slide.shapes.add_table(3, 3, 0, 0, 9, 9).table
    for row, values in zip(
        table.rows, [("Region", "Town", "Sales"), ("North", "Alby", "1"), ("", "Borg", "2")], strict=True
    ):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    table.cell(1, 0).merge(table.cell(2, 0))
    assert slide_text(show) == "Region: North; Town: Alby; Sales: 1\nRegion: North; Town: Borg; Sales: 2"


def test_strict_open_xml_is_read() -> None:
    data = made_strict(build_pptx(["Title"], table=[["City", "Size"], ["Ulm", 126]], notes="Speak up"))
    assert read_document("a.pptx", data).pages[0].text == "Title\n\nCity: Ulm; Size: 126\n\nNotes: Speak up"


def test_pptx_gives_slides_with_tables_and_notes() -> None:
    data = build_pptx(["Title", "Two\vlines"], table=[["City", "Size"], ["Ulm", 126]], notes="Speak up")
    document = read_document("talk.pptx", data)
    assert [(page.number, page.text) for page in document.pages] == [
        (1, "Title"),
        (2, "Two\nlines\n\nCity: Ulm; Size: 126\n\nNotes: Speak up"),
    ]


def test_page_of_notes_is_read_whole_and_its_lines_above_and_below_once_in_a_document() -> None:
    from copy import deepcopy

    show, first = slide_show()
    second = show.slides.add_slide(show.slide_layouts[5])
    for slide in (first, second):
        slide.shapes.title.text = "Pier"
        notes = slide.notes_slide
        notes.notes_text_frame.text = "Speak up"
        body = notes.notes_placeholder._element
        for kind, text in (("", "A box beside them"), ("ftr", "For members only"), ("sldNum", "7")):
            shape = deepcopy(body)
            place = shape.find(".//{*}ph")
            if kind:
                place.set("type", kind)
            else:
                place.getparent().remove(place)
            shape.find(".//{*}t").text = text
            body.getparent().append(shape)
    buffer = BytesIO()
    show.save(buffer)
    spoken = ["Pier", "Notes: Speak up", "Notes: A box beside them"]
    assert [page.text.split("\n\n") for page in read_document("a.pptx", buffer.getvalue()).pages] == [
        [*spoken, "For members only"],
        spoken,
    ]

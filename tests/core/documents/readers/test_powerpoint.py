from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from core.documents.readers.reader import read_document
from tests.documents import build_pptx, made_strict, replace_zip_part

pytestmark = pytest.mark.portable


def _show() -> tuple[Any, Any]:
    import pptx

    show = pptx.Presentation()
    return show, show.slides.add_slide(show.slide_layouts[5])


def _text(show: Any) -> str:
    buffer = BytesIO()
    show.save(buffer)
    return read_document("a.pptx", buffer.getvalue()).pages[0].text


def test_chart_gives_its_title_series_and_values() -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    show, slide = _show()
    data = CategoryChartData(number_format="0.0%")
    data.categories = ["Alby", "Borg"]
    data.add_series("Share", (0.25, 0.5))
    data.add_series("Last year", (0.125, None))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 100, 100, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Sales by town"
    chart.value_axis.has_title = True
    chart.value_axis.axis_title.text_frame.text = "Share of all"
    assert _text(show).split("\n") == [
        "Chart: Sales by town",
        "Axes: Share of all",
        "Alby; Share: 25.0%; Last year: 12.5%",
        "Borg; Share: 50.0%",
    ]


def test_title_is_a_heading_and_raised_letters_are_no_digits() -> None:
    show, slide = _show()
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


def test_paragraphs_of_a_list_have_their_numbers() -> None:
    from lxml import etree

    show, slide = _show()
    frame = slide.shapes.add_textbox(0, 0, 9, 9).text_frame
    frame.text = "Plan"
    for text in ("Build", "Sell"):
        frame.add_paragraph().text = text
    for paragraph in frame.paragraphs:
        settings = paragraph._p.get_or_add_pPr()
        etree.SubElement(settings, settings.tag.replace("pPr", "buAutoNum"), type="arabicParenR", startAt="4")
    assert _text(show) == "4) Plan\n5) Build\n6) Sell"


def test_hidden_slides_are_marked() -> None:
    data = build_pptx(["One", "Two"])
    from zipfile import ZipFile

    xml = ZipFile(BytesIO(data)).read("ppt/slides/slide2.xml")
    hidden = replace_zip_part(data, "ppt/slides/slide2.xml", xml.replace(b"<p:sld ", b'<p:sld show="0" ', 1))
    assert [page.text for page in read_document("a.pptx", hidden).pages] == ["One", "(hidden slide)\n\nTwo"]


def test_merged_cells_of_a_table_hold_in_all_rows() -> None:
    show, slide = _show()
    table = slide.shapes.add_table(3, 3, 0, 0, 9, 9).table
    for row, values in zip(
        table.rows, [("Region", "Town", "Sales"), ("North", "Alby", "1"), ("", "Borg", "2")], strict=True
    ):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    table.cell(1, 0).merge(table.cell(2, 0))
    assert _text(show) == "Region: North; Town: Alby; Sales: 1\nRegion: North; Town: Borg; Sales: 2"


def test_smart_art_gives_its_texts() -> None:
    show, _ = _show()
    buffer = BytesIO()
    show.save(buffer)
    data = buffer.getvalue()
    from zipfile import ZipFile

    archive = ZipFile(BytesIO(data))
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    frame = (
        f'<p:graphicFrame><a:graphic><a:graphicData uri="{drawing}/diagram"><dgm:relIds '
        f'xmlns:dgm="{drawing}/diagram" '
        'r:dm="rId77"/></a:graphicData></a:graphic></p:graphicFrame></p:spTree>'
    )
    slide_xml = archive.read("ppt/slides/slide1.xml").replace(b"</p:spTree>", frame.encode())
    relations = archive.read("ppt/slides/_rels/slide1.xml.rels").replace(
        b"</Relationships>",
        b'<Relationship Id="rId77" Type="x/diagramData" Target="../diagrams/data1.xml"/></Relationships>',
    )
    points = "".join(
        f'<dgm:pt type="{kind}"><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>'
        for kind, text in (("doc", "no"), ("node", "Plan"), ("node", "Build"), ("pres", "no"))
    )
    diagram = (
        f'<dgm:dataModel xmlns:dgm="{drawing}/diagram" xmlns:a="{drawing}/main"><dgm:ptLst>'
        f"{points}</dgm:ptLst></dgm:dataModel>"
    )
    data = replace_zip_part(data, "ppt/slides/slide1.xml", slide_xml)
    data = replace_zip_part(data, "ppt/slides/_rels/slide1.xml.rels", relations)
    data = replace_zip_part(data, "ppt/diagrams/data1.xml", diagram.encode())
    assert read_document("a.pptx", data).pages[0].text == "Plan\nBuild"


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

    show, first = _show()
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

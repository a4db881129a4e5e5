"""Charts, SmartArt and lists of shapes, as Word, PowerPoint and Excel have them."""

from __future__ import annotations

from io import BytesIO

import pytest

from core.documents.readers.reader import read_document
from tests.documents import replace_zip_part, slide_show, slide_text

pytestmark = pytest.mark.portable


def test_chart_gives_its_title_series_and_values() -> None:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    show, slide = slide_show()
    data = CategoryChartData(number_format="0.0%")
    data.categories = ["Alby", "Borg"]
    data.add_series("Share", (0.25, 0.5))
    data.add_series("Last year", (0.125, None))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 100, 100, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Sales by town"
    chart.value_axis.has_title = True
    chart.value_axis.axis_title.text_frame.text = "Share of all"
    assert slide_text(show).split("\n") == [
        "Chart: Sales by town",
        "Axes: Share of all",
        "Alby; Share: 25.0%; Last year: 12.5%",
        "Borg; Share: 50.0%",
    ]


def test_paragraphs_of_a_list_have_their_numbers() -> None:
    from lxml import etree

    show, slide = slide_show()
    frame = slide.shapes.add_textbox(0, 0, 9, 9).text_frame
    frame.text = "Plan"
    for text in ("Build", "Sell"):
        frame.add_paragraph().text = text
    for paragraph in frame.paragraphs:
        settings = paragraph._p.get_or_add_pPr()
        etree.SubElement(settings, settings.tag.replace("pPr", "buAutoNum"), type="arabicParenR", startAt="4")
    assert slide_text(show) == "4) Plan\n5) Build\n6) Sell"


def test_smart_art_gives_its_texts() -> None:
    show, _ = slide_show()
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

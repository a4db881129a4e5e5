"""Word files: what is on the paper, in its order, and nothing else."""

from __future__ import annotations

import pytest

from core.documents.readers.reader import read_document
from tests.documents import (
    build_docx,
    build_word,
    made_strict,
    replace_zip_part,
    text_of,
    word_cell,
    word_paragraph,
    word_run,
    word_text,
)

pytestmark = pytest.mark.portable


def test_footnotes_endnotes_and_comments_stand_in_their_place() -> None:
    note = '<w:{0} w:id="2"><w:p><w:r><w:t>{1}</w:t></w:r></w:p></w:{0}>'
    body = (
        '<w:p><w:r><w:t>Ends in May</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>, '
        "or</w:t></w:r></w:p>"
        '<w:p><w:r><w:t>New roof.</w:t><w:endnoteReference w:id="2"/></w:r></w:p>'
        '<w:p><w:r><w:t>It is 400.</w:t><w:commentReference w:id="2"/></w:r></w:p>'
    )
    text = word_text(
        body,
        footnotes=note.format("footnote", "Unless noticed."),
        endnotes=note.format("endnote", "By Harwick."),
        comments=note.format("comment", "Should be 450."),
    )
    assert text == (
        "Ends in May [footnote: Unless noticed.], or\n\nNew roof. [endnote: By Harwick.]\n\n"
        "It is 400. [comment: Should be 450.]"
    )


def test_headers_and_footers_stand_once_and_page_numbers_nowhere() -> None:
    field = (
        '<w:p><w:r><w:t>Page </w:t></w:r><w:fldSimple w:instr=" PAGE "><w:r><w:t>7</w:t></w:r>'
        "</w:fldSimple></w:p>"
    )
    section = (
        '<w:sectPr><w:headerReference w:type="default" r:id="rIdheader"/>'
        '<w:footerReference w:type="default" r:id="rIdfooter"/></w:sectPr>'
    )
    body = f"<w:p><w:pPr>{section}</w:pPr><w:r><w:t>We agree.</w:t></w:r></w:p>{section}"
    text = word_text(body, header=word_paragraph("Contract Q-4471"), footer=word_paragraph("Secret") + field)
    assert text == "Contract Q-4471\n\nWe agree.\n\nSecret"
    assert word_text(body, header=word_paragraph(""), footer=field) == "We agree."


def test_first_pages_header_is_read_only_where_it_is_shown() -> None:
    reference = '<w:headerReference w:type="first" r:id="rIdheader"/>'
    body = word_paragraph("Text") + "<w:sectPr>{}</w:sectPr>"
    assert word_text(body.format(reference), header=word_paragraph("First")) == "Text"
    shown = body.format(reference + "<w:titlePg/>")
    assert word_text(shown, header=word_paragraph("First")) == "First\n\nText"
    # The next section has it from the one before, and shows it.
    before = f"<w:p><w:pPr><w:sectPr>{reference}</w:sectPr></w:pPr></w:p>"
    assert word_text(before + body.format("<w:titlePg/>"), header=word_paragraph("First")) == "First\n\nText"


def test_what_was_moved_stands_once_and_what_was_deleted_nowhere() -> None:
    moved = "<w:p><w:{0} w:id='1'>" + word_run("Pay soon.") + "</w:{0}></w:p>"
    gone = '<w:p><w:del w:id="3"><w:r><w:delText>old</w:delText></w:r></w:del></w:p>'
    row = f"<w:tr><w:trPr><w:del w:id='4'/></w:trPr>{word_cell('gone')}{word_cell('too')}</w:tr>"
    rows = "".join(
        f"<w:tr>{word_cell(a)}{word_cell(b)}</w:tr>" for a, b in [("Item", "Cost"), ("Desk", "10")]
    )
    body = moved.format("moveFrom") + word_paragraph("Middle.") + moved.format("moveTo") + gone
    assert word_text(f"{body}<w:tbl>{rows}{row}</w:tbl>") == "Middle.\n\nPay soon.\n\nItem: Desk; Cost: 10"


def test_symbols_drop_caps_and_soft_hyphens() -> None:
    symbol = '<w:r><w:sym w:font="Symbol" w:char="F0B1"/></w:r>'
    dropped = word_paragraph("D", '<w:framePr w:dropCap="drop"/>') + word_paragraph("ragons live here.")
    hyphens = (
        "<w:p><w:r><w:t>co</w:t><w:softHyphen/><w:t>operate X</w:t><w:noBreakHyphen/><w:t>1</w:t></w:r></w:p>"
    )
    body = f"<w:p>{word_run('5 ')}{symbol}{word_run(' 1')}</w:p>{dropped}{hyphens}"
    assert word_text(body) == "5 ± 1\n\nDragons live here.\n\ncooperate X-1"


def test_raised_figures_are_not_read_as_digits_of_the_number_before() -> None:
    up, down = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
    body = (
        f"<w:p>{word_run('10')}{word_run('-', up)}{word_run('6', up)}{word_run(' kg, 500')}"
        f"{word_run('1', up)}{word_run(' EUR, 5')}{word_run('1', up)}"
        f"{word_run('/')}{word_run('2', down)}{word_run(' in, 21')}{word_run('st', up)}"
        f"{word_run(', H')}{word_run('2', down)}{word_run('O')}</w:p>"
    )
    assert word_text(body) == "10⁻⁶ kg, 500¹ EUR, 5½ in, 21st, H2O"


def test_parts_in_other_formats_are_read_where_they_stand() -> None:
    body = word_paragraph("Before.") + '<w:altChunk r:id="rIdafchunk"/>' + word_paragraph("After.")
    for suffix, content in (
        ("html", b"<html><body><p>Inner <b>page</b></p></body></html>"),
        ("mht", b"MIME-Version: 1.0\nContent-Type: text/html\n\n<html><p>Inner page</p></html>"),
        ("docx", build_docx(["Inner page"])),
        ("txt", b"Inner page"),
    ):
        assert word_text(body, **{f"afchunk__{suffix}": content}) == "Before.\n\nInner page\n\nAfter.", suffix
    document = read_document("a.docx", build_word(body, afchunk__rtf=rb"{\rtf1 Inner}"))
    assert document.notes == ("1 embedded file not read",)


def test_embedded_files_that_are_not_read_are_told_by_their_program() -> None:
    def of(program: str) -> str:
        return f'<w:r><w:object><OLEObject xmlns="urn:o" ProgID="{program}"/></w:object></w:r>'

    body = (
        f"<w:p>{word_run('Sums.')}{of('Excel.Sheet.12')}{of('Excel.Sheet.8')}{of('Drawing')}{of('? ?')}</w:p>"
    )
    assert sorted(read_document("a.docx", build_word(body)).notes) == [
        "1 embedded file not read",
        "1 embedded file not read (Drawing)",
        "2 embedded files not read (Excel.Sheet)",
    ]


def test_strict_open_xml_is_read() -> None:
    assert (
        text_of("a.docx", build_word(word_paragraph("Saved as Strict."), is_strict=True))
        == "Saved as Strict."
    )
    assert text_of("a.docx", made_strict(build_docx(["One", [["City", "Size"], ["Ulm", 126]]]))) == (
        "One\n\nCity: Ulm; Size: 126"
    )


def test_check_boxes_of_old_forms_show_their_state() -> None:
    box = (
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="{}"/>'
        "</w:checkBox></w:ffData>"
        "</w:fldChar></w:r><w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r><w:r><w:fldChar "
        'w:fldCharType="end"/></w:r>'
    )
    assert (
        word_text(f"<w:p>{box.format(1)}{word_run(' yes ')}{box.format(0)}{word_run(' no')}</w:p>")
        == "☒ yes ☐ no"
    )


def test_docx_keeps_paragraphs_and_tables_in_order() -> None:
    data = build_docx(["Before", [["City", "Size"], ["Ulm", 126]], "After"])
    assert text_of("report.docx", data) == "Before\n\nCity: Ulm; Size: 126\n\nAfter"


def test_docx_reads_content_controls_and_text_boxes_once() -> None:
    namespaces = (
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    )
    box = "<w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent>"
    body = (
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>In a control</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Kept</w:t><w:tab/></w:r>"
        "<w:ins><w:r><w:t>inserted</w:t></w:r></w:ins><w:del><w:r><w:delText>deleted</w:delText></w:r>"
        "</w:del>"
        f"</w:p><w:p><w:r><mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    xml = f"<w:document {namespaces}><w:body>{body}</w:body></w:document>".encode()
    text = text_of("form.docx", replace_zip_part(build_docx(["Hello from Word"]), "word/document.xml", xml))
    assert text.split() == ["In", "a", "control", "Kept", "inserted", "In", "a", "box"]
    assert "Kept\tinserted" in text


def test_words_that_are_a_drawing_are_read() -> None:
    """As "Draft" across a page is."""
    shape = '<v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textpath string="Draft of May"/></v:shape>'
    assert (
        word_text(f"<w:p><w:r><w:t>Rent</w:t><w:pict>{shape}</w:pict></w:r></w:p>") == "Rent\n\nDraft of May"
    )


def test_shape_as_powerpoint_writes_it_is_read() -> None:
    space = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    lines = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in ("Search", "Index"))
    shape = f"<a:txBody {space}>{lines}</a:txBody>"
    text = word_text(f"<w:p><w:r><w:t>Layers</w:t><w:drawing>{shape}</w:drawing></w:r></w:p>")
    assert text == "Layers\n\nSearch\nIndex"

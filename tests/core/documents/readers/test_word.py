"""Word files: what is on the paper, in its order, and nothing else."""

from __future__ import annotations

from typing import Any

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
    word_table,
)

pytestmark = pytest.mark.portable


def _text(body: str, **parts: Any) -> str:
    return text_of("a.docx", build_word(body, **parts))


def _control(content: str) -> str:
    return f'<w:sdt><w:sdtPr><w:alias w:val="x"/></w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>'


def _run(text: str, settings: str = "") -> str:
    return f'<w:r><w:rPr>{settings}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_cells_rows_and_paragraphs_in_content_controls_are_read() -> None:
    names = word_cell("Name") + word_cell("Date of birth")
    row = f"<w:tr>{_control(word_cell('Ann Miller'))}{_control(word_cell('3 May 1990'))}</w:tr>"
    table = f"<w:tbl><w:tr>{names}</w:tr>{_control(row)}</w:tbl>"
    assert _text(table) == "Name: Ann Miller; Date of birth: 3 May 1990"
    cover = word_table(_control(word_cell("Annual report")))
    assert (
        _text(_control(cover) + _control(word_paragraph("Please sign."))) == "Annual report\n\nPlease sign."
    )


def test_footnotes_endnotes_and_comments_stand_in_their_place() -> None:
    note = '<w:{0} w:id="2"><w:p><w:r><w:t>{1}</w:t></w:r></w:p></w:{0}>'
    body = (
        '<w:p><w:r><w:t>Ends in May</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>, '
        "or</w:t></w:r></w:p>"
        '<w:p><w:r><w:t>New roof.</w:t><w:endnoteReference w:id="2"/></w:r></w:p>'
        '<w:p><w:r><w:t>It is 400.</w:t><w:commentReference w:id="2"/></w:r></w:p>'
    )
    text = _text(
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
    text = _text(body, header=word_paragraph("Contract Q-4471"), footer=word_paragraph("Secret") + field)
    assert text == "Contract Q-4471\n\nWe agree.\n\nSecret"
    assert _text(body, header=word_paragraph(""), footer=field) == "We agree."


def test_first_pages_header_is_read_only_where_it_is_shown() -> None:
    reference = '<w:headerReference w:type="first" r:id="rIdheader"/>'
    body = word_paragraph("Text") + "<w:sectPr>{}</w:sectPr>"
    assert _text(body.format(reference), header=word_paragraph("First")) == "Text"
    shown = body.format(reference + "<w:titlePg/>")
    assert _text(shown, header=word_paragraph("First")) == "First\n\nText"
    # The next section has it from the one before, and shows it.
    before = f"<w:p><w:pPr><w:sectPr>{reference}</w:sectPr></w:pPr></w:p>"
    assert _text(before + body.format("<w:titlePg/>"), header=word_paragraph("First")) == "First\n\nText"


@pytest.mark.parametrize(
    ("math", "text"),
    [
        ("<m:sSup><m:e>{mc}</m:e><m:sup>{2}</m:sup></m:sSup>", "mc²"),
        ("<m:f><m:num>{a+b}</m:num><m:den>{2c}</m:den></m:f>", "(a+b)/2c"),
        ("{5}<m:f><m:num>{1}</m:num><m:den>{2}</m:den></m:f>", "5½"),
        ("<m:rad><m:deg/><m:e>{x+1}</m:e></m:rad>", "√(x+1)"),
        ('<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{i=1}</m:sub><m:sup>{n}</m:sup>'
         "<m:e>{i}</m:e></m:nary>",
         "∑_(i=1)^(n) i"),
        ("<m:m><m:mr><m:e>{a}</m:e><m:e>{b}</m:e></m:mr><m:mr><m:e>{c}</m:e><m:e>{d}</m:e></m:mr></m:m>",
         "[a, b; c, d]"),
    ],
)  # fmt: skip
def test_equations_are_readable(math: str, text: str) -> None:
    runs = math.replace("{", "<m:r><m:t>").replace("}", "</m:t></m:r>")
    body = f"<w:p>{_run('The energy is ')}<m:oMath>{runs}</m:oMath>{_run(' as shown.')}</w:p>"
    assert _text(body) == f"The energy is {text} as shown."


def _numbering(*levels: tuple[str, str]) -> str:
    inner = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText '
        f'w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(levels)
    )
    return (
        f'<w:abstractNum w:abstractNumId="0">{inner}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>'
    )


def _item(text: str, level: int = 0, number: int = 1) -> str:
    settings = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return word_paragraph(text, settings)


def test_list_items_have_the_numbers_that_word_shows() -> None:
    body = "".join(
        [
            _item("Duties"),
            _item("of the tenant", 1),
            _item("of the owner", 1),
            _item("deep", 2),
            _item("Notice"),
        ]
    )
    numbering = _numbering(("decimal", "%1."), ("lowerLetter", "%1%2)"), ("upperRoman", "%3"))
    assert (
        _text(body, numbering=numbering)
        == "1. Duties\n1a) of the tenant\n1b) of the owner\nI deep\n2. Notice"
    )
    again = _item("one") + word_paragraph("Between.") + _item("seven", number=2) + _item("eight", number=2)
    assert _text(again, numbering=numbering) == "1. one\n\nBetween.\n\n7. seven\n8. eight"


def test_list_of_a_style_is_numbered_and_bullets_have_no_number() -> None:
    styles = (
        '<w:style w:styleId="S"><w:name w:val="Clause"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
        "</w:pPr></w:style>"
        '<w:style w:styleId="T"><w:name w:val="Sub"/><w:basedOn w:val="S"/></w:style>'
        '<w:style w:styleId="H"><w:name w:val="heading 2"/></w:style>'
    )
    body = word_paragraph("First", '<w:pStyle w:val="T"/>') + word_paragraph("Title", '<w:pStyle w:val="H"/>')
    document = read_document(
        "a.docx", build_word(body, styles=styles, numbering=_numbering(("decimal", "§ %1")))
    )
    assert document.pages[0].text == "§ 1 First\n\nTitle"
    assert [(block.kind, block.level) for block in document.pages[0].blocks] == [
        ("list_item", 0),
        ("heading", 2),
    ]
    assert _text(_item("dot"), numbering=_numbering(("bullet", "\uf0b7"))) == "dot"


def test_what_was_moved_stands_once_and_what_was_deleted_nowhere() -> None:
    moved = "<w:p><w:{0} w:id='1'>" + _run("Pay soon.") + "</w:{0}></w:p>"
    gone = '<w:p><w:del w:id="3"><w:r><w:delText>old</w:delText></w:r></w:del></w:p>'
    row = f"<w:tr><w:trPr><w:del w:id='4'/></w:trPr>{word_cell('gone')}{word_cell('too')}</w:tr>"
    rows = "".join(
        f"<w:tr>{word_cell(a)}{word_cell(b)}</w:tr>" for a, b in [("Item", "Cost"), ("Desk", "10")]
    )
    body = moved.format("moveFrom") + word_paragraph("Middle.") + moved.format("moveTo") + gone
    assert _text(f"{body}<w:tbl>{rows}{row}</w:tbl>") == "Middle.\n\nPay soon.\n\nItem: Desk; Cost: 10"


def test_hidden_text_is_left_out_also_where_a_style_hides_it() -> None:
    styles = '<w:style w:styleId="Z"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>'
    body = (
        f"<w:p>{_run('Seen')}{_run(' unseen', '<w:vanish/>')}"
        f"{_run(' again', '<w:vanish w:val=&quot;0&quot;/>')}"
        f"{_run(' styled', '<w:rStyle w:val=&quot;Z&quot;/>')}</w:p>"
    ).replace("&quot;", '"')
    assert _text(body, styles=styles) == "Seen again"
    assert _text(body.replace('<w:rStyle w:val="Z"/>', "")) == "Seen again styled"


def test_symbols_drop_caps_and_soft_hyphens() -> None:
    symbol = '<w:r><w:sym w:font="Symbol" w:char="F0B1"/></w:r>'
    dropped = word_paragraph("D", '<w:framePr w:dropCap="drop"/>') + word_paragraph("ragons live here.")
    hyphens = (
        "<w:p><w:r><w:t>co</w:t><w:softHyphen/><w:t>operate X</w:t><w:noBreakHyphen/><w:t>1</w:t></w:r></w:p>"
    )
    body = f"<w:p>{_run('5 ')}{symbol}{_run(' 1')}</w:p>{dropped}{hyphens}"
    assert _text(body) == "5 ± 1\n\nDragons live here.\n\ncooperate X-1"


def test_raised_figures_are_not_read_as_digits_of_the_number_before() -> None:
    up, down = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
    body = (
        f"<w:p>{_run('10')}{_run('-', up)}{_run('6', up)}{_run(' kg, 500')}{_run('1', up)}{_run(' EUR, 5')}"
        f"{_run('1', up)}"
        f"{_run('/')}{_run('2', down)}{_run(' in, 21')}{_run('st', up)}"
        f"{_run(', H')}{_run('2', down)}{_run('O')}</w:p>"
    )
    assert _text(body) == "10⁻⁶ kg, 500¹ EUR, 5½ in, 21st, H2O"


def test_character_style_raises_text_too() -> None:
    styles = (
        '<w:style w:styleId="U"><w:name w:val="Up"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        "</w:style>"
    )
    up = '<w:rStyle w:val="U"/>'
    assert _text(f"<w:p>{_run('10')}{_run('6', up)}{_run(' t')}</w:p>", styles=styles) == "10⁶ t"


def test_parts_in_other_formats_are_read_where_they_stand() -> None:
    body = word_paragraph("Before.") + '<w:altChunk r:id="rIdafchunk"/>' + word_paragraph("After.")
    for suffix, content in (
        ("html", b"<html><body><p>Inner <b>page</b></p></body></html>"),
        ("mht", b"MIME-Version: 1.0\nContent-Type: text/html\n\n<html><p>Inner page</p></html>"),
        ("docx", build_docx(["Inner page"])),
        ("txt", b"Inner page"),
    ):
        assert _text(body, **{f"afchunk__{suffix}": content}) == "Before.\n\nInner page\n\nAfter.", suffix
    document = read_document("a.docx", build_word(body, afchunk__rtf=rb"{\rtf1 Inner}"))
    assert document.notes == ("1 embedded file not read",)


def test_embedded_files_that_are_not_read_are_told_by_their_program() -> None:
    def of(program: str) -> str:
        return f'<w:r><w:object><OLEObject xmlns="urn:o" ProgID="{program}"/></w:object></w:r>'

    body = f"<w:p>{_run('Sums.')}{of('Excel.Sheet.12')}{of('Excel.Sheet.8')}{of('Drawing')}{of('? ?')}</w:p>"
    assert sorted(read_document("a.docx", build_word(body)).notes) == [
        "1 embedded file not read",
        "1 embedded file not read (Drawing)",
        "2 embedded files not read (Excel.Sheet)",
    ]


def test_merged_cells_hold_in_every_row_that_they_span() -> None:
    merged, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    table = word_table(
        word_cell("Region") + word_cell("Town") + word_cell("Sales 2025"),
        word_cell("North", merged) + word_cell("Alby") + word_cell("10"),
        word_cell("", goes_on) + word_cell("Borg") + word_cell("20"),
        word_cell("Total", '<w:gridSpan w:val="2"/>') + word_cell("30"),
    )
    assert _text(table).split("\n") == [
        "Region: North; Town: Alby; Sales 2025: 10",
        "Region: North; Town: Borg; Sales 2025: 20",
        "Region: Total; Sales 2025: 30",
    ]


def test_row_that_word_repeats_on_each_page_names_the_columns() -> None:
    header = f"<w:trPr><w:tblHeader/></w:trPr>{word_cell('Planet')}{word_cell('God of')}"
    rows = word_cell("Mars") + word_cell("war"), word_cell("Venus") + word_cell("love")
    assert _text(word_table(header, *rows)) == "Planet: Mars; God of: war\nPlanet: Venus; God of: love"
    plain = word_cell("Planet") + word_cell("God of")
    assert _text(word_table(plain, *rows)) == "Planet | God of\nMars | war\nVenus | love"


def test_table_that_lays_out_the_page_is_read_cell_by_cell() -> None:
    inner = word_table(word_cell("Item") + word_cell("Cost"), word_cell("Desk") + word_cell("10"))
    outer = f"<w:tbl><w:tr><w:tc>{word_paragraph('Left')}</w:tc><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    assert _text(outer) == "Left\n\nItem: Desk; Cost: 10"


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
    assert _text(f"<w:p>{box.format(1)}{_run(' yes ')}{box.format(0)}{_run(' no')}</w:p>") == "☒ yes ☐ no"


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
    assert _text(f"<w:p><w:r><w:t>Rent</w:t><w:pict>{shape}</w:pict></w:r></w:p>") == "Rent\n\nDraft of May"


def test_shape_as_powerpoint_writes_it_is_read() -> None:
    space = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    lines = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in ("Search", "Index"))
    shape = f"<a:txBody {space}>{lines}</a:txBody>"
    text = _text(f"<w:p><w:r><w:t>Layers</w:t><w:drawing>{shape}</w:drawing></w:r></w:p>")
    assert text == "Layers\n\nSearch\nIndex"

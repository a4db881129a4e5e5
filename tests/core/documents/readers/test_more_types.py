"""Mail, books, OpenDocument, notebooks, code, data: what is read of each, and the place of each part."""

from __future__ import annotations

import json

import pytest

from core.documents.models import BlockKind, Document, Page
from core.documents.readers.ocr import engine_path
from core.documents.readers.outlook import unpacked_rtf
from core.documents.readers.reader import read_document
from core.errors import (
    CorruptFileError,
    EncryptedFileError,
    FileTooLargeError,
    NoTextError,
    UnsupportedFileError,
)
from tests import documents as build
from tests import more_documents as more
from tests.documents import lines_with_rows, message_of, text_of

pytestmark = pytest.mark.portable


def kinds(page: Page) -> list[BlockKind]:
    return [block.kind for block in page.blocks]


def labels(document: Document) -> list[str]:
    return [page.label for page in document.pages]


# --- Lines


@pytest.mark.parametrize("name", ["a.py", "a.log", "a.yaml", "a.yml", "a.rst", "a.tex", "a.sql"])
def test_text_with_line_numbers_is_read_as_it_is(name: str) -> None:
    document = read_document(name, b"first\n  second\n")
    assert document.pages[0].text == "first\n  second"
    assert labels(document) == ["lines 1–3"]


def test_places_of_code_end_at_gaps_between_what_is_not_indented() -> None:
    code = "import os\n\n"
    code += "\n".join(f"def f{number}():\n    a = 1\n\n    return a\n" for number in range(30))
    document = read_document("a.py", code.encode())
    assert all(page.text.startswith("def ") for page in document.pages[1:])
    assert "\n\n".join(page.text for page in document.pages).split() == code.split()
    assert labels(document) == ["lines 1–57", "lines 58–117", "lines 118–152"]


def test_jsonl_gives_a_line_per_record() -> None:
    document = read_document("a.jsonl", b'{"a": 1, "b": {"c": [true]}}\n\n{"a": 2}\n')
    assert document.pages[0].text == "a: 1; b.c[0]: true\na: 2"
    assert labels(document) == ["lines 1–3"]


def test_jsonl_of_long_names_and_many_values_is_too_large() -> None:
    line = json.dumps({"k" * 100_000: [1] * 1000}).encode()
    assert "50 million characters" in message_of("a.jsonl", line, FileTooLargeError)


def test_line_that_is_no_json_is_read_as_text_and_told() -> None:
    document = read_document("a.jsonl", b'{"a": 1}\nnot json\n')
    assert document.pages[0].text == "a: 1\nnot json"
    assert document.notes == ("1 line is not valid JSON and read as text",)
    assert "no line of valid JSON" in message_of("a.jsonl", b"not json\n", CorruptFileError)


def test_xml_gives_values_with_the_names_of_their_elements() -> None:
    xml = (
        '<?xml version="1.0"?><c:books xmlns:c="urn:x"><c:book id="5"><c:title>Dune</c:title>'
        "<c:about>A <b>desert</b> planet</c:about></c:book><c:book><c:title>Emma</c:title></c:book></c:books>"
    )
    assert text_of("a.xml", xml.encode()) == (
        "book id: 5\ntitle: Dune\nabout: A desert planet\n\ntitle: Emma"
    )


def test_xml_follows_no_entities() -> None:
    xml = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>before &e; after</a>'
    assert text_of("a.xml", xml) == "a: before &e; after"


def test_xml_that_is_not_well_formed_is_read_as_text() -> None:
    document = read_document("a.xml", b"<a><b>text</a>")
    assert document.pages[0].text == "<a><b>text</a>"
    assert document.notes == ("not well-formed XML and read as plain text",)


# --- Markdown

MARKDOWN = """---
title: Fans
---
# Fans

They have 14 blades.
A second line.

- one
- two
  goes on

| Name | Blades |
|------|--------|
| A    | 14     |

```python
# no heading
```

Below
-----
"""


def test_markdown_stays_as_it_is_and_its_blocks_are_known() -> None:
    page = read_document("a.md", MARKDOWN.encode()).pages[0]
    assert page.text == MARKDOWN
    assert kinds(page) == [
        BlockKind.FORM_FIELD,
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
        BlockKind.LIST_ITEM,
        BlockKind.TABLE,
        BlockKind.CODE,
        BlockKind.HEADING,
    ]
    table = page.blocks[5]
    assert table.header == "| Name | Blades |"
    assert page.text[table.start : table.end].endswith("| A    | 14     |")
    assert page.blocks[-1].level == 2


def test_lines_of_white_space_and_bars_are_looked_at_once() -> None:
    # With what takes longer with the square of its length, this runs into the limit of pytest-timeout.
    line = " " * 50_000 + "x"
    assert text_of("a.md", "\n".join(["a | b", line] * 20).encode()).count("x") == 20


def test_blocks_of_markdown_hold_all_of_it() -> None:
    page = read_document("a.md", MARKDOWN.encode()).pages[0]
    held = "\n".join(page.text[block.start : block.end] for block in page.blocks)
    assert held.split() == MARKDOWN.split()


# --- Mail


def test_mail_has_its_headers_and_body_on_the_first_page() -> None:
    document = read_document("a.eml", more.build_mail("The price is 450.\n", html="<p>not this"))
    assert document.pages[0].text == (
        "From: Ann <ann@example.org>\nTo: bob@example.org\nSubject: Offer\n\nThe price is 450."
    )
    assert labels(document) == ["message"]


def test_mail_without_plain_text_gives_that_of_its_page() -> None:
    document = read_document("a.eml", more.build_mail("", html="<h1>Offer</h1><p>Größe: <b>5</b></p>"))
    assert document.pages[0].text.endswith("Offer\n\nGröße: 5")


def test_attachments_are_documents_of_their_own_and_those_that_are_not_read_are_told() -> None:
    inner = more.build_mail("Inside", attachments={"b.txt": b"deeper"}, subject="Inner")
    files = {"sums.csv": b"Town,Sales\nAlby,10\n", "two.pdf": build.build_pdf(["One", "Two"]), "x.exe": b"MZ"}
    document = read_document("a.eml", more.build_mail("See", attachments={**files, "inner.eml": inner}))
    assert labels(document) == [
        "message",
        "attachment sums.csv",
        "attachment two.pdf, page 1",
        "attachment two.pdf, page 2",
        "attachment inner.eml, message",
        "attachment inner.eml, attachment b.txt",
    ]
    assert [page.number for page in document.pages] == [1, 2, 3, 4, 5, 6]
    (note,) = document.notes
    assert note.startswith("attachment not read: x.exe is a .exe file")


def test_messages_in_messages_end_somewhere() -> None:
    mail = more.build_mail("The innermost")
    for number in range(6):
        mail = more.build_mail(f"Around {number}", attachments={"inner.eml": mail})
    document = read_document("a.eml", mail)
    assert len(document.pages) == 4
    assert "it lies too deep" in document.notes[0]


def test_text_that_is_no_mail_is_refused() -> None:
    assert "is no mail message" in message_of("a.eml", b"just a text\n", CorruptFileError)


def test_outlook_message_is_read_like_any_mail() -> None:
    table = b"Town,Sales\nAlby,10\n".ljust(4096, b"\n")
    texts = {"0037": "Offer", "0C1A": "Ann", "0E04": "Bob", "1000": "The price is 450."}
    document = read_document("a.msg", more.build_outlook_message(texts, attachments={"sums.csv": table}))
    assert document.pages[0].text == "From: Ann\nTo: Bob\nSubject: Offer\n\nThe price is 450."
    assert labels(document) == ["message", "attachment sums.csv"]


def test_other_container_is_no_outlook_message() -> None:
    data = more.build_old_excel([["a"]])
    assert "Rename it to end in .xls" in message_of("a.msg", data, UnsupportedFileError)


def test_packed_rtf_of_outlook_is_unpacked() -> None:
    # The example of Microsoft's description of the format.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpacked_rtf(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


# --- Books and OpenDocument


def test_book_has_a_page_per_chapter_with_its_title() -> None:
    book = more.build_epub(["<h1>The storm</h1><p>It rained.</p>", "<p></p>", "<h2>After</h2><p>Sun.</p>"])
    document = read_document("a.epub", book)
    assert labels(document) == ["chapter 1: The storm", "chapter 2: After"]
    assert document.pages[1].text == "After\n\nSun."


def test_book_with_copy_protection_is_refused() -> None:
    locked = (
        '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
    )
    data = more.build_epub(["<p>text"], encryption=locked)
    assert "has copy protection" in message_of("a.epub", data, UnsupportedFileError)


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
        "a.odt", more.build_odf("text", body, automatic_styles=styles, styles=header * 2)
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
    document = read_document("a.ods", more.build_odf("spreadsheet", table))
    assert labels(document) == ["sheet Budget"]
    assert document.pages[0].text.splitlines()[-2:] == [
        "Region: North; Share: 25.6 %",
        "Region: North; Share: 3.0 %",
    ]


def test_opendocument_sheet_that_repeats_cells_without_end_is_too_large() -> None:
    cell = '<table:table-cell table:number-columns-repeated="4000"><text:p>1</text:p></table:table-cell>'
    rows = f'<table:table-row table:number-rows-repeated="1000">{cell}</table:table-row>' * 4
    table = f'<table:table table:name="Budget">{rows}</table:table>'
    assert "a.ods" in message_of("a.ods", more.build_odf("spreadsheet", table), FileTooLargeError)


def test_opendocument_slides_have_their_notes() -> None:
    box = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    notes = f"<presentation:notes>{box.format('Say hi')}</presentation:notes>"
    slide = f"<draw:page>{box.format('Title')}{notes}</draw:page>"
    document = read_document("a.odp", more.build_odf("presentation", slide * 2))
    assert labels(document) == ["slide 1", "slide 2"]
    assert document.pages[0].text == "Title\n\nNotes: Say hi"


def test_opendocument_with_a_password_says_so() -> None:
    data = build.replace_zip_part(
        more.build_odf("text", ""), "META-INF/manifest.xml", b"<m><manifest:encryption-data/></m>"
    )
    assert "is protected by a password" in message_of("a.odt", data, EncryptedFileError)


# --- Others


def test_rtf_gives_its_text() -> None:
    data = rb"{\rtf1\ansi\ansicpg1252 M\'fcller \b pays\b0\par 10{\super 6} t\par}"
    assert text_of("a.rtf", data).split("\n\n") == ["Müller pays", "10⁶ t"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (rb"a\line b\tab c\emdash d", "a\nb\tc—d"),
        (rb"{\fonttbl{\f1\fcharset204 Arial;}}\f1 \'c4\'ee\'e3", "Дог"),
        (rb"{\fonttbl{\f1\fcharset128 Gothic;}}\f1 \'8c_\'96\'f1", "契約"),
        (rb"5 \u8364\'80 and \uc2\u8364 xx!", "5 € and €!"),
        (rb"\u-10179?\u-8704?", "\U0001f600"),
        (rb"seen{\v hidden}{\deleted gone}{\*\unknown {x}y} end", "seen end"),
        (rb"{\info{\title T}}{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}", "link"),
        (rb"H{\sub 2}O, m{\super 2}", "H2O, m²"),
        (rb"before{\pict\bin4 {{{{ }after", "beforeafter"),
        (rb"{\header Q-4471\par}{\footer Q-4471}Text", "Q-4471\n\nText"),
        (rb"Law{\footnote By \chftn act.}\par Next", "Law[1]\n\n1 By act.\n\nNext"),
        (rb"Fee{\*\atnauthor Ann}{\*\annotation Check}\par", "Fee\n\nNote by Ann: Check"),
        (
            rb"\trowd Town\cell Sales\cell\row\trowd Alby\cell 10\cell\row\pard End",
            "Town: Alby; Sales: 10\n\nEnd",
        ),
    ],
)
def test_rtf_is_read_as_it_is_shown(source: bytes, text: str) -> None:
    assert text_of("a.rtf", b"{\\rtf1\\ansi " + source + b"}") == text


def test_notebook_has_text_code_and_output_by_cells() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Fans\n", "Text"]},
        {"cell_type": "code", "source": "print(14)", "outputs": [{"text": ["14\n"]}]},
        {"cell_type": "markdown", "source": "# Next"},
        {"cell_type": "code", "source": "plot()", "outputs": [{"data": {"image/png": "iVBORw0K"}}]},
    ]
    document = read_document("a.ipynb", json.dumps({"cells": cells}).encode())
    assert labels(document) == ["cells 1–2", "cells 3–4"]
    assert document.pages[0].text == "# Fans\n\nText\n\nprint(14)\n\nOutput: 14"
    assert kinds(document.pages[0]) == [
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.CODE,
        BlockKind.PARAGRAPH,
    ]
    assert document.notes == ("1 embedded picture not read",)


@pytest.mark.parametrize("data", [b"[]", b'{"cells": 5}', b'{"cells": [5]}', b"{", b'"text"'])
def test_notebook_that_is_none_is_refused(data: bytes) -> None:
    assert "can't be read as a notebook" in message_of("a.ipynb", data, CorruptFileError)


def test_old_excel_workbook_is_read() -> None:
    document = read_document("a.xls", more.build_old_excel([["Town", "Sales"], ["Alby", 10], ["Borg", 20.5]]))
    assert labels(document) == ["sheet Budget"]
    assert document.pages[0].text.splitlines()[-2:] == ["Town: Alby; Sales: 10", "Town: Borg; Sales: 20.5"]


@pytest.mark.parametrize(
    "data", [b"<html><table><tr><th>Town<th>Sales<tr><td>Alby<td>10</table>", b"Town\tSales\nAlby\t10\n"]
)
def test_xls_that_is_a_web_page_or_a_text_with_tabs_is_read(data: bytes) -> None:
    assert "Alby" in text_of("a.xls", data)


def test_damaged_workbook_of_the_old_kind_is_corrupt() -> None:
    data = more.build_old_excel([["a", "b"]])
    assert "is damaged" in message_of("a.xls", data[:512] + b"\xff" * 512 + data[1024:], CorruptFileError)


@pytest.mark.skipif(engine_path() is None, reason="Tesseract is not installed")
def test_picture_is_read_by_text_recognition() -> None:
    assert "pier is made of oak" in text_of("a.png", build.build_picture("The pier is made of oak"))
    blank = message_of("a.png", build.build_picture(""), NoTextError)
    assert blank.startswith("a.png is a picture on which no text was found.")


def test_picture_that_is_damaged_is_corrupt() -> None:
    if engine_path():
        assert "can't be opened as a picture" in message_of("a.png", build.PNG, CorruptFileError)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docm", build.build_docx(["Hello"])),
        ("a.pptm", build.build_pptx(["Hello"])),
        ("a.xlsm", build.build_xlsx({"Sheet": [["Hello"]]})),
    ],
)
def test_office_file_that_may_hold_macros_is_read_as_one_without(name: str, data: bytes) -> None:
    assert "Hello" in read_document(name, data).pages[0].text
    assert "is protected by a password" in message_of(
        name, build.protect_office(data, "pw"), EncryptedFileError
    )


# --- What can't be read


@pytest.mark.parametrize(
    ("name", "way_out"),
    [
        ("a.doc", "Save it as .docx"),
        ("a.ppt", "Save it as .pptx"),
        ("a.pages", "Export it from Pages"),
        ("a.mp3", "Have its words written down"),
        ("a.rar", "Unpack it"),
        ("a.heic", "Save it as .png or .jpg"),
        ("a.mobi", "Convert it to .epub"),
        ("a.sqlite", "Export its tables as .csv"),
        ("a.mbox", "Save its messages as .eml"),
        ("a.gdoc", "download it as .docx"),
    ],
)
def test_type_that_is_not_read_names_its_own_way_out(name: str, way_out: str) -> None:
    message = message_of(name, b"hello", UnsupportedFileError)
    assert message.startswith(f"{name} is a")
    assert way_out in message


@pytest.mark.parametrize(
    ("name", "data", "suffix"),
    [
        ("a.docx", more.build_odf("text", "<text:p>x</text:p>"), "odt"),
        ("a.xlsx", more.build_old_excel([["a"]]), "xlsx"),
        ("a.pdf", more.build_epub(["<p>x"]), "epub"),
        ("a.doc", b"{\\rtf1 x}", "rtf"),
        ("a.txt", more.build_outlook_message({"0037": "Offer"}), "msg"),
    ],
)
def test_content_of_another_type_is_named(name: str, data: bytes, suffix: str) -> None:
    assert f".{suffix}" in message_of(name, data, UnsupportedFileError)


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
    page = read_document("a.ods", more.build_odf("spreadsheet", table)).pages[0]
    assert lines_with_rows(page) == [
        "-: Rent",
        "row 2: Town: Alby; Rent: 5",
        "row 3: Town: Borg; Rent: 6",
        "row 4: Town: Borg; Rent: 6",
        "row 5005: Town: Cella; Rent: 7",
    ]


DIGEST = b"""From: alice@example.com
Subject: Digest
Content-Type: multipart/digest; boundary="b"

--b

From: eve@example.com
Subject: First

The gate opens at nine.
--b

From: frank@example.com
Subject: Second

The pier is closed.
--b--
"""
MIXED = b"""From: alice@example.com
Subject: List
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: multipart/alternative; boundary="c"

--c
Content-Type: text/plain

The fee is 120 euros.
--c
Content-Type: text/html

<p>The fee is <b>120</b> euros.
--c--
--b
Content-Type: text/plain

To leave the list, write to leave@example.com.
--b
Content-Type: application/octet-stream

0101
--b
Content-Type: application/pgp-signature

iQEz
--b--
"""
ENCRYPTED = b"""From: alice@example.com
Subject: Secret
Content-Type: multipart/encrypted; boundary="b"; protocol="application/pgp-encrypted"

--b
Content-Type: application/pgp-encrypted

Version: 1
--b
Content-Type: application/octet-stream

-----BEGIN PGP MESSAGE-----
--b--
"""


def test_messages_of_a_digest_are_read_each() -> None:
    document = read_document("a.eml", DIGEST)
    assert [page.text.split("\n\n")[-1] for page in document.pages] == [
        "From: alice@example.com\nSubject: Digest",
        "The gate opens at nine.",
        "The pier is closed.",
    ]
    assert [page.label for page in document.pages[1:]] == [
        "attachment message 1.eml, message",
        "attachment message 2.eml, message",
    ]


def test_every_text_of_a_message_is_read_once_and_what_is_none_is_told() -> None:
    document = read_document("a.eml", MIXED)
    (page,) = document.pages
    assert page.text.count("The fee is 120 euros.") == 1
    assert page.text.endswith("To leave the list, write to leave@example.com.")
    assert document.notes == ("part 4 (application/octet-stream) not read",)


def test_encrypted_message_says_that_it_is() -> None:
    assert read_document("a.eml", ENCRYPTED).notes == ("the message is encrypted: its text was not read",)

"""Files of every type, as the reader's process reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from io import BytesIO

import orjson
from PIL import Image

from core.documents.models import Document
from core.documents.readers.reader import read_document
from core.documents.sources.zip_archive import ZipLimits, zip_files
from core.errors import DocumentError
from tests import binary_excel, documents, ole_documents
from tests.damaged import erase_pages
from tests.fuzz.mutate import pack, unpacked

LIMITS = ZipLimits(entries=50, unpacked_bytes=2**21, entry_bytes=2**20)
TABLE: documents.Table = [["Name", "Year", "Note"], ["Ada", 1843, "first"], ["Grace", 1952.5, ""]]
NO_STYLES = b'<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read_file(suffix: str, data: bytes) -> None:
    """Read it under that type; what comes out must be what the app can keep."""
    try:
        document = read_document(f"input.{suffix}", data)
    except DocumentError as exc:
        check_sentence(str(exc))
        return
    check_document(document)


def check_document(document: Document) -> None:
    """Raise AssertionError where a document is not one."""
    assert any(page.text.strip() for page in document.pages), "a document without text"
    numbers = [page.number for page in document.pages]
    assert numbers in ([None], list(range(1, len(numbers) + 1))), "pages are not numbered from 1"
    for text in (*document.notes, *(page.label for page in document.pages)):
        assert not _CONTROL.search(text), "a note or a place with what is no text"
        orjson.dumps(text)
    for page in document.pages:
        held = "".join(page.text[block.start : block.end] for block in page.blocks)
        assert not page.blocks or len(held.split()) <= len(page.text.split()), "blocks overlap"
        assert all(block.start <= block.end <= len(page.text) for block in page.blocks)
        assert not _UNSTORABLE.search(page.text), "a character that Milvus can't hold"
        assert "\r" not in page.text, "a line end that is not of ours"
        orjson.dumps(page.text)


def check_sentence(text: str) -> None:
    """Raise AssertionError where a message is not one for people."""
    is_plain = not _CONTROL.search(text)
    assert is_plain and 20 < len(text) < 600 and text.endswith("."), f"no sentence: {text!r}"


def read_archive(data: bytes) -> None:
    """Take it as an archive and unpack every file in it."""
    try:
        files = zip_files("input.zip", data, LIMITS)
    except DocumentError as exc:
        check_sentence(str(exc))
        return
    assert len(files) <= LIMITS.entries
    unpacked_bytes = 0
    for file in files:
        assert file.name and "/" not in file.name and "\\" not in file.name
        try:
            content = file.read()
        except DocumentError as exc:
            check_sentence(str(exc))
            continue
        assert isinstance(content, bytes)
        unpacked_bytes += len(content)
    assert unpacked_bytes <= LIMITS.unpacked_bytes, "more than the limit was unpacked"


def file_seeds(suffix: str) -> list[bytes]:
    """A few small files of the type, each with something else in it."""
    return [_stored(data) for data in _BUILDERS[suffix]()]


def zip_seeds() -> list[bytes]:
    inner = documents.build_zip({"c.txt": b"deep"})
    nested = documents.build_zip({"a.txt": b"a", "b/.hidden": b"x", "b/in.zip": inner, "../up.md": b"# up"})
    return [
        nested,
        documents.build_zip({f"{number}.txt": b"x" * number for number in range(60)}),
        documents.build_zip({"bomb.txt": bytes(3 * 2**20)}),
        documents.set_zip_encrypted(nested),
        documents.claim_unpacked_size(nested, 2**31),
    ]


def _text_files() -> list[bytes]:
    text = "Überlappung: waiting overlaps.\r\nA second line, 漢字, Привет, 🙂.\n"
    encodings = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32")
    return [text.encode(encoding) for encoding in encodings] + [
        "déjà vu — naïve".encode("cp1252"),
        "Привет, мир. Это текст.".encode("cp1251"),
        "日本語の文書です。".encode("shift_jis"),
    ]


def _csv_files() -> list[bytes]:
    return [
        b"name;year\nAda;1843\nGrace;1952\n",
        b'a,b\n"x\ny",2\n"say ""hi""",3\n',
        b"Title\n\na\tb\tc\n1\t2\t3\n",
        b"# note\nRegion,Sales,,Who,Age\nNorth,10,,Ann,41\n\nKey:,K-1\n",
        "name,city\nÅsa,Malmö\n".encode("cp1252"),
    ]


def _json_files() -> list[bytes]:
    nested = {"a": [1, 2.5, None, True, {"b": "c"}], "ключ": "значение", "deep": [[[["x"]]]]}
    deep = b"[" * 50 + b"]" * 50
    return [json.dumps(nested).encode(), json.dumps([nested] * 3).encode("utf-16"), b'"text"', deep]


def _html_files() -> list[bytes]:
    page = (
        '<?xml version="1.0" encoding="latin-1"?><!doctype html><html><head><title>T</title>'
        "<style>p{}</style><script>x()</script></head><body><h1>Head</h1><p>One<br>two &amp; &#x1F642;"
        "<pre>  kept\n  so</pre><ul><li>a<li>b</ul><table><tr><td>1<td>2</table><!-- c --><![CDATA[d]]>"
    )
    forms = (
        b"<style>.x{display:none}</style><ol start=3><li value=7>a<ul><li>b</ul></ol>"
        b"<input value=v type=checkbox>"
        b"<select><option>o</select><table><tr><th rowspan=2>k<th colspan=3>v<tr><td>1</table>10<sup>6</sup>"
        b"<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math><p class=x>no"
    )
    charset = b'<meta charset="windows-1251"><p>' + "текст".encode("cp1251")
    return [page.encode(), forms, charset, b"<div>" * 100 + b"deep", page.encode("utf-16")]


def _pdf_files() -> list[bytes]:
    three = documents.build_pdf(["One page", "Another", "A third"])
    return [
        documents.build_pdf(["Alone"]),
        three,
        erase_pages(three, 2),
        documents.build_pdf(["Secret"], password=""),
        documents.build_trimmed_pdf("seen", "hidden"),
        documents.build_image_pdf(),
        b"Mail: header\n" + three,
        documents.build_drawn_pdf(
            [(72 + 100 * x, 700 - 20 * y, f"{x}{y}") for x in range(3) for y in range(3)],
            annotations=[
                "/Subtype /Widget /FT /Tx /T (a) /V (Ann) /Rect [200 695 400 715]",
                "/Subtype /Text /T (Bob) /Contents (Note) /Rect [9 9 20 20]",
            ],
        ),
    ]


def _docx_files() -> list[bytes]:
    plain = documents.build_docx(["A paragraph", TABLE, "Another"])
    word = unpacked(plain)["word/document.xml"]
    inserted = (
        b"<w:p><w:ins><w:r><w:t>new</w:t><w:tab/><w:br/></w:r></w:ins>"
        b"<w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>"
    )
    content = b"<w:sdt><w:sdtContent>" + inserted + b"</w:sdtContent></w:sdt>"
    return [
        plain,
        documents.replace_zip_part(plain, "word/document.xml", word.replace(b"<w:p>", content + b"<w:p>", 1)),
        _word_of_everything(),
    ]


def _word_of_everything() -> bytes:
    """Notes, lists, equations, merged cells, fields and parts in other formats, in a few lines."""
    note = '<w:{0} w:id="2"><w:p><w:r><w:t>A {0}</w:t></w:r></w:p></w:{0}>'
    settings = '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr>'
    marks = (
        '<w:p><w:r><w:t>Text</w:t><w:footnoteReference w:id="2"/><w:commentReference w:id="2"/>'
        '<w:sym w:font="Symbol" w:char="F0B1"/><w:fldChar w:fldCharType="begin"/><w:instrText>'
        "PAGE</w:instrText>"
        '<w:fldChar w:fldCharType="end"/></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        "<w:t>6</w:t></w:r>"
        "<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den>"
        "</m:f></m:oMath></w:p>"
    )
    table = documents.word_table(
        documents.word_cell("Region", '<w:vMerge w:val="restart"/>') + documents.word_cell("Sales"),
        documents.word_cell("", "<w:vMerge/>") + documents.word_cell("10", '<w:gridSpan w:val="2"/>'),
    )
    return documents.build_word(
        documents.word_paragraph("Item", settings) + marks + table + '<w:altChunk r:id="rIdafchunk"/>',
        footnotes=note.format("footnote"),
        comments=note.format("comment"),
        afchunk__html=b"<html><p>Inner</p></html>",
        numbering='<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="1"><w:lvlText w:val="%1.%2"/></w:lvl>'
        "</w:abstractNum>"
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>',
    )


def _pptx_files() -> list[bytes]:
    return [documents.build_pptx(["A slide", "Another"], table=TABLE, notes="What to say")]


def _xlsx_files() -> list[bytes]:
    people = documents.build_xlsx({"People": TABLE, "Empty": []})
    sheet = unpacked(people)["xl/worksheets/sheet1.xml"]
    merged = sheet.replace(
        b"</sheetData>",
        b'</sheetData><mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A2:A3"/></mergeCells>',
    )
    return [people, documents.replace_zip_part(people, "xl/worksheets/sheet1.xml", merged)]


def _markdown_files() -> list[bytes]:
    picture = "![a](data:image/png;base64," + "iVBO" * 40 + ")"
    text = f"---\ntitle: x\n---\n# Head\n\n- one\n  - two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n{picture}\n"
    return [f"{text}```py\nx\n```\nUnder\n=====\n".encode(), text.encode("utf-16"), "žluť".encode("cp1250")]


def _code_files() -> list[bytes]:
    return [b"def f():\n    return 1\n\n" * 30, "x = 'ключ'\n".encode("koi8-r"), b"\n" * 200 + b"x"]


def _jsonl_files() -> list[bytes]:
    return [b'{"a": 1, "b": [{"c": null}]}\n{"a": "x"}\nno json\n', b"[1]\r\n" * 120]


def _xml_files() -> list[bytes]:
    nested = '<?xml version="1.0" encoding="utf-8"?><a b="c"><d>Ü <e>x</e> y</d><f/><d><g>1</g></d></a>'
    entity = b'<!DOCTYPE a [<!ENTITY e "x"><!ENTITY f "&e;&e;">]><a>&f;</a>'
    return [nested.encode(), entity, b"<a>" * 50 + b"x", nested.encode("utf-16")]


def _notebook_files() -> list[bytes]:
    output = {"output_type": "display_data", "data": {"image/png": "iVBO", "text/plain": ["<x>"]}}
    cells = [
        {"cell_type": "markdown", "source": ["# T\n", "text"]},
        {"cell_type": "code", "source": "x", "outputs": [output, {"ename": "E", "traceback": ["t"]}]},
    ]
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "y", "outputs": []}]}]}
    return [json.dumps({"cells": cells, "nbformat": 4}).encode(), json.dumps(old).encode()]


def _mail_files() -> list[bytes]:
    inner = documents.build_mail("Inner", attachments={"c.txt": b"deep"})
    files = {"a.csv": b"a,b\n1,2\n", "inner.eml": inner, "x.bin": b"\x00"}
    return [
        documents.build_mail("Größe", html="<p>x", attachments=files),
        documents.build_mail("", html="<h1>T</h1><p>x"),
        b"From: a@b\nSubject: =?koi8-r?B?5M/Hz9fP0g==?=\n"
        b"Content-Type: text/plain; charset=koi8-r\n\n\xc4\xcf",
    ]


def _outlook_files() -> list[bytes]:
    texts = {"0037": "Offer", "0C1A": "Ann", "0E04": "Bob", "1000": "The price"}
    return [
        ole_documents.build_outlook_message(texts, attachments={"a.txt": b"text".ljust(4096)}),
        ole_documents.build_outlook_message({"0037": "Offer", "1013": "<p>x</p>"}),
    ]


def _epub_files() -> list[bytes]:
    return [documents.build_epub(["<h1>One</h1><p>x</p>", "<p>Two", ""])]


def _odt_files() -> list[bytes]:
    row = "<table:table-row><table:table-cell><text:p>a</text:p></table:table-cell></table:table-row>"
    body = (
        '<text:h text:outline-level="1">H</text:h><text:p>a<text:s text:c="3"/><text:tab/>b'
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>n</text:p>"
        '</text:note-body></text:note></text:p><text:list><text:list-item text:start-value="4"><text:p>i'
        f"</text:p></text:list-item></text:list><table:table>{row}{row}</table:table>"
    )
    return [documents.build_odf("text", body)]


def _ods_files() -> list[bytes]:
    cell = (
        '<table:table-cell table:number-columns-repeated="3" table:number-rows-spanned="2"><text:p>1</text:p>'
    )
    row = f'<table:table-row table:number-rows-repeated="4">{cell}</table:table-cell></table:table-row>'
    return [documents.build_odf("spreadsheet", f'<table:table table:name="S">{row}{row}</table:table>')]


def _odp_files() -> list[bytes]:
    box = "<draw:frame><draw:text-box><text:p>x</text:p></draw:text-box></draw:frame>"
    slide = f"<draw:page>{box}<presentation:notes>{box}</presentation:notes></draw:page>"
    return [documents.build_odf("presentation", slide * 2)]


def _rtf_files() -> list[bytes]:
    return [
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}M\'fcller \b x\b0\par 10{\super 6}\u8364?\par}",
        rb"{\rtf1\ansi{\*\generator x;}\trowd\cellx100 a\cell b\cell\row{\pict\pngblip 89504e}}",
    ]


def _old_excel_files() -> list[bytes]:
    book = ole_documents.build_old_excel(TABLE, comments={(1, 1): "checked"})
    return [book, _styled_old_excel(), b"a\tb\n1\t2\n", b"<html><table><tr><td>1</table>"]


def _styled_old_excel() -> bytes:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    sheet.write_merge(0, 0, 0, 1, "Rents", xlwt.easyxf("font: bold on"))
    sheet.write(1, 0, 0.256, xlwt.easyxf(num_format_str="0.0 %"))
    sheet.write_rich_text(1, 1, ["10", ("6", xlwt.easyfont("escapement superscript"))])
    sheet.write(2, 0, xlwt.Formula("A2*2"))
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _binary_excel_files() -> list[bytes]:
    styled = [*TABLE, [binary_excel.Cell("106", kind="rich", raised=(2, 3))]]
    sheet = binary_excel.BinarySheet(
        "S", styled, hidden_rows=[1], merged=[(1, 2, 0, 0)], comments={(1, 1): "checked"}
    )
    return [binary_excel.build_xlsb([sheet])]


def _picture_files(encoder: str) -> list[bytes]:
    pictures = [Image.new("L", (64, 32), shade) for shade in (255, 128)]
    plain, several = BytesIO(), BytesIO()
    pictures[0].save(plain, encoder)
    many = {"save_all": True, "append_images": pictures[1:]} if encoder in {"TIFF", "GIF", "WEBP"} else {}
    pictures[1].convert("RGB").save(several, encoder, **many)
    return [plain.getvalue(), several.getvalue()]


def _prose_files() -> list[bytes]:
    return [
        "Heading\n=======\n\nÜber *pier* and quay.\n\n.. note:: x\n".encode() * 20,
        b"\\section{x}\n\n" * 90,
    ]


_BUILDERS: dict[str, Callable[[], list[bytes]]] = {
    "txt": _text_files,
    "csv": _csv_files,
    "json": _json_files,
    "html": _html_files,
    "pdf": _pdf_files,
    "docx": _docx_files,
    "pptx": _pptx_files,
    "xlsx": _xlsx_files,
    "md": _markdown_files,
    "rst": _prose_files,
    "py": _code_files,
    "jsonl": _jsonl_files,
    "xml": _xml_files,
    "ipynb": _notebook_files,
    "eml": _mail_files,
    "msg": _outlook_files,
    "epub": _epub_files,
    "odt": _odt_files,
    "ods": _ods_files,
    "odp": _odp_files,
    "rtf": _rtf_files,
    "xls": _old_excel_files,
    "xlsb": _binary_excel_files,
    "png": partial(_picture_files, "PNG"),
    "jpg": partial(_picture_files, "JPEG"),
    "tif": partial(_picture_files, "TIFF"),
    "bmp": partial(_picture_files, "BMP"),
    "gif": partial(_picture_files, "GIF"),
    "webp": partial(_picture_files, "WEBP"),
}
# One of each row of `FORMATS`.
READ_SUFFIXES = tuple(_BUILDERS)


def _stored(data: bytes) -> bytes:
    parts = unpacked(data)
    # Most of what the library's template has in it; without it more of a change hits what is read.
    for name in ("word/styles.xml", "word/stylesWithEffects.xml"):
        if name in parts:
            parts[name] = NO_STYLES
    return pack(parts) if parts else data

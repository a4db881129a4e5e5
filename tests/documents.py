"""Real files, built in memory for tests, and what reading one gives.

Those in OLE containers are in `ole_documents`, .xlsb in `binary_excel`.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from fpdf import FPDF

from core.documents.models import BlockKind, Document, Page
from core.documents.readers.reader import read_document
from core.documents.row_numbers import rows_label
from core.errors import DocumentError

Table = Sequence[Sequence[object]]

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(32)


def new_pdf(*, unit: Literal["mm", "pt"] = "mm", format: tuple[float, float] | Literal["A4"] = "A4") -> FPDF:
    """An empty PDF with a fixed date: built again it has the same bytes, on which a document's id rests."""
    pdf = FPDF(unit=unit, format=format)
    pdf.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
    return pdf


def build_pdf(pages: Sequence[str], *, password: str | None = None) -> bytes:
    """One page per text, Latin letters only. An empty password encrypts the file but opens unasked."""
    pdf = new_pdf()
    if password is not None:
        pdf.set_encryption(owner_password="owner", user_password=password)
    for text in pages:
        pdf.add_page()
        pdf.set_font("Helvetica", size=12)
        pdf.multi_cell(0, 6, text)
    return bytes(pdf.output())


def build_trimmed_pdf(visible: str, hidden: str) -> bytes:
    """A page with text outside of the visible area, as print shops leave it."""
    pdf = new_pdf(unit="pt", format=(400, 400))
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.text(50, 200, visible)
    pdf.text(50, 395, hidden)
    data = bytes(pdf.output())
    # fpdf2 writes no crop box. The insertion shifts what follows, which readers repair.
    media, crop = b"/MediaBox [0 0 400.00 400.00]", b"/CropBox [0 50 400 400]"
    if media not in data:
        raise ValueError("fpdf2 writes the page's size in another way now")
    return data.replace(media, media + b"\n" + crop)


def build_hyphenated_pdf(first: str, second: str) -> bytes:
    """A word that goes on in the next line, typeset as in a book."""
    pdf = new_pdf()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.text(20, 20, f"{first}-")
    pdf.text(20, 26, second)
    return bytes(pdf.output())


def build_image_pdf(num_pages: int = 1) -> bytes:
    """Pages with a drawing and no text, as a scanner makes them."""
    pdf = new_pdf()
    for _ in range(num_pages):
        pdf.add_page()
        pdf.rect(20, 20, 100, 60, style="F")
    return bytes(pdf.output())


def build_scan_pdf(lines: Sequence[str]) -> bytes:
    """Pages that are a picture of one line of text each."""
    from PIL import Image, ImageDraw, ImageFont

    pdf = new_pdf()
    for line in lines:
        picture = Image.new("L", (1240, 400), 255)
        ImageDraw.Draw(picture).text((80, 160), line, fill=0, font=ImageFont.load_default(48))
        pdf.add_page()
        pdf.image(picture, x=10, y=20, w=190)
    return bytes(pdf.output())


def build_drawn_pdf(
    texts: Sequence[tuple[float, float, str]], *, annotations: Sequence[str] = (), catalog: str = ""
) -> bytes:
    """A page with each text drawn at its place by itself, in 12 points, in that order.

    texts: x and y from the lower left corner in points, and Latin letters; "^" before a text draws it as
        a superscript.
    annotations: the inside of each one's dictionary; those with /Widget are the form's fields.
    catalog: more entries of the document's own dictionary.
    """
    draw = "".join(
        f"BT /F1 {7 if text[0] == '^' else 12} Tf {x} {y + 5 * (text[0] == '^')} Td "
        f"({text.removeprefix('^')}) Tj ET\n"
        for x, y, text in texts
    )
    first = 6
    numbers = [f"{first + index} 0 R" for index in range(len(annotations))]
    fields = [number for number, each in zip(numbers, annotations, strict=True) if "/Widget" in each]
    form = f"/AcroForm << /Fields [{' '.join(fields)}] /NeedAppearances true >>" if fields else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {form} {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        f"/Resources << /Font << /F1 5 0 R >> >> /Annots [{' '.join(numbers)}] >>",
        f"<< /Length {len(draw.encode('cp1252'))} >>\nstream\n{draw}endstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        *(f"<< /Type /Annot {each} >>" for each in annotations),
    ]
    return _pdf_of([each.encode("cp1252") for each in objects])


def _pdf_of(objects: Sequence[bytes]) -> bytes:
    data = b"%PDF-1.7\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    return (
        data
        + head
        + table
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, len(data))
    )


def build_picture(line: str) -> bytes:
    """A PNG picture of one line of text."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("L", (1240, 400), 255)
    ImageDraw.Draw(picture).text((80, 160), line, fill=0, font=ImageFont.load_default(48))
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def build_docx(blocks: Sequence[str | Table]) -> bytes:
    """Paragraphs (a string) and tables (rows of cells), in that order."""
    import docx

    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
        else:
            table = document.add_table(rows=len(block), cols=len(block[0]))
            for row, values in zip(table.rows, block, strict=True):
                for cell, value in zip(row.cells, values, strict=True):
                    cell.text = str(value)
    return _saved(document)


def build_pptx(slides: Sequence[str], *, table: Table = (), notes: str = "") -> bytes:
    """One slide per text, in a text box; the table and the notes go to the last slide."""
    import pptx

    presentation = pptx.Presentation()
    for text in slides:
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        slide.shapes.add_textbox(0, 0, 100, 100).text_frame.text = text
    if table:
        frame = slide.shapes.add_table(len(table), len(table[0]), 0, 0, 100, 100)
        for row, values in zip(frame.table.rows, table, strict=True):
            for cell, value in zip(row.cells, values, strict=True):
                cell.text = str(value)
    if notes:
        slide.notes_slide.notes_text_frame.text = notes
    return _saved(presentation)


def build_xlsx(sheets: Mapping[str, Table]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    return _saved(book)


def build_zip(parts: Mapping[str, bytes]) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            # Without the time of day that a name alone gets, so that one built again has the same bytes.
            archive.writestr(ZipInfo(name), content, ZIP_DEFLATED)
    return buffer.getvalue()


def build_odf(kind: str, body: str, *, automatic_styles: str = "", styles: str = "") -> bytes:
    """An OpenDocument file. kind: text, spreadsheet or presentation; body: what is inside of its element."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style", "draw", "presentation")
    )
    spaces += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{automatic_styles}"
        f"</office:automatic-styles><office:body><office:{kind}>{body}</office:{kind}></office:body>"
        "</office:document-content>"
    )
    parts = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": content,
        "styles.xml": f"<office:document-styles {spaces}>{styles}</office:document-styles>",
    }
    return build_zip({name: text.encode() for name, text in parts.items()})


def build_epub(
    chapters: Sequence[str],
    *,
    head: str = "",
    contents: Mapping[str, str] | None = None,
    encryption: str = "",
) -> bytes:
    """A book with an HTML page per chapter.

    Args:
        chapters: What is in each one's body.
        head: What is in the head of all of them.
        contents: Its tables of contents, by the names of their files: "toc.ncx", "nav.xhtml".
        encryption: What it says of encrypted parts.
    """
    numbers = range(len(chapters))
    items = "".join(
        f'<item id="c{number}" href="chapter%20{number}.xhtml" media-type="application/xhtml+xml"/>'
        for number in numbers
    )
    for name in contents or {}:
        kind = "application/xhtml+xml" if name.endswith("html") else "application/x-dtbncx+xml"
        properties = ' properties="nav"' if name.endswith("html") else ""
        items += f'<item id="{name}" href="{name}" media-type="{kind}"{properties}/>'
    spine = "".join(f'<itemref idref="c{number}"/>' for number in numbers)
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles>'
        "</container>",
        "OEBPS/book.opf": f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>",
        **{
            f"OEBPS/chapter {number}.xhtml": f"<html>{head}<body>{chapters[number]}</body></html>"
            for number in numbers
        },
        **{f"OEBPS/{name}": text for name, text in (contents or {}).items()},
    }
    if encryption:
        parts["META-INF/encryption.xml"] = encryption
    return build_zip({name: text.encode() for name, text in parts.items()})


def build_mail(
    body: str, *, html: str = "", attachments: Mapping[str, bytes] | None = None, subject: str = "Offer"
) -> bytes:
    """A mail message from Ann to Bob."""
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ann <ann@example.org>", "bob@example.org", subject
    if body:
        mail.set_content(body)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, data in (attachments or {}).items():
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def replace_zip_part(data: bytes, name: str, content: bytes) -> bytes:
    with ZipFile(BytesIO(data)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    return build_zip({**parts, name: content})


def claim_unpacked_size(data: bytes, num_bytes: int) -> bytes:
    """A ZIP whose directory says that its first part unpacks to that many bytes."""
    directory = data.index(b"PK\x01\x02")
    return data[: directory + 24] + struct.pack("<I", num_bytes) + data[directory + 28 :]


def protect_office(data: bytes, password: str) -> bytes:
    """The file as Word, PowerPoint or Excel save it with a password."""
    from msoffcrypto.format.ooxml import OOXMLFile

    protected = BytesIO()
    OOXMLFile(BytesIO(data)).encrypt(password, protected)
    return protected.getvalue()


def set_zip_encrypted(data: bytes) -> bytes:
    """A ZIP whose directory says that its first part is encrypted."""
    directory = data.index(b"PK\x01\x02")
    return data[: directory + 8] + struct.pack("<H", 1) + data[directory + 10 :]


def text_of(name: str, data: bytes) -> str:
    """The text of a document that has one page without a number."""
    document = read_document(name, data)
    assert [page.number for page in document.pages] == [None]
    assert document.num_pages is None
    return document.pages[0].text


def html_text(markup: str) -> str:
    """All that is read of a web page."""
    return text_of("a.html", markup.encode())


def word_text(body: str, **parts: Any) -> str:
    """All that is read of a Word document with that body; see `build_word`."""
    return text_of("a.docx", build_word(body, **parts))


def slide_show() -> tuple[Any, Any]:
    """A new show and its one slide, which has a place for a title."""
    import pptx

    show = pptx.Presentation()
    return show, show.slides.add_slide(show.slide_layouts[5])


def slide_text(show: Any) -> str:
    """All that is read of a show's first slide."""
    buffer = BytesIO()
    show.save(buffer)
    return read_document("a.pptx", buffer.getvalue()).pages[0].text


def message_of(name: str, data: bytes, error: type[DocumentError]) -> str:
    with pytest.raises(DocumentError) as raised:
        read_document(name, data)
    assert type(raised.value) is error
    return str(raised.value)


def kinds(page: Page) -> list[BlockKind]:
    return [block.kind for block in page.blocks]


def labels(document: Document) -> list[str]:
    return [page.label for page in document.pages]


def _saved(document: object) -> bytes:
    buffer = BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


_WORD_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def build_word(body: str, *, is_strict: bool = False, **parts: str | bytes) -> bytes:
    """A Word file of the XML of its body; the prefixes are w, m, r and mc.

    parts: what else is in it: styles, numbering, footnotes, endnotes, comments, settings, header and footer
    by their content, which are related as rIdheader and so on; a part in another format has its suffix in
    its name, as afchunk__html.
    """
    roots = {"header": "hdr", "footer": "ftr"}
    files: dict[str, bytes] = {}
    relations = []
    for name, content in parts.items():
        stem, _, suffix = name.partition("__")
        kind = "aFChunk" if suffix else stem
        root = roots.get(stem, stem)
        relations.append(
            f'<Relationship Id="rId{stem}" Type="{_RELATIONS}/{kind}" Target="{stem}.{suffix or "xml"}"/>'
        )
        if isinstance(content, str):
            content = f"<w:{root} {_WORD_NAMESPACES}>{content}</w:{root}>".encode()
        files[f"word/{stem}.{suffix or 'xml'}"] = content
    of_package = "http://schemas.openxmlformats.org/package/2006/relationships"
    files["_rels/.rels"] = (
        f'<Relationships xmlns="{of_package}"><Relationship Id="a" Type="{_RELATIONS}/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    ).encode()
    files["word/_rels/document.xml.rels"] = (
        f'<Relationships xmlns="{of_package}">{"".join(relations)}</Relationships>'
    ).encode()
    files["word/document.xml"] = (
        f"<w:document {_WORD_NAMESPACES}><w:body>{body}</w:body></w:document>"
    ).encode()
    return made_strict(build_zip(files)) if is_strict else build_zip(files)


def word_paragraph(text: str, settings: str = "") -> str:
    """The XML of a paragraph of one run."""
    return f'<w:p><w:pPr>{settings}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def word_table(*rows: str) -> str:
    """The XML of a table; each row is that of its cells."""
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def word_run(text: str, settings: str = "") -> str:
    """A run of text with its settings, as Word writes it."""
    return f'<w:r><w:rPr>{settings}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def word_cell(text: str, settings: str = "") -> str:
    return f"<w:tc><w:tcPr>{settings}</w:tcPr>{word_paragraph(text)}</w:tc>"


def made_strict(data: bytes) -> bytes:
    """An Office file as it is saved in the form called Strict Open XML."""
    with ZipFile(BytesIO(data)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    usual, strict = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    for name in ("officeDocument", "wordprocessingml", "spreadsheetml", "presentationml", "drawingml"):
        parts = {
            part: content.replace(usual + name.encode() + b"/2006", strict + name.encode())
            for part, content in parts.items()
        }
    return build_zip(parts)


def lines_with_rows(page: Page) -> list[str]:
    """What stands on a sheet, each line behind the row of the file that it is: "row 2: Town: Alby"."""
    lines = enumerate(page.text.split("\n"))
    return [f"{rows_label(page.rows, number, number) or '-'}: {line}" for number, line in lines if line]

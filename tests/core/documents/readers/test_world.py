"""Files of the world: each is read with its pages, or refused with a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.documents.chunking import Cutter, chunk_document
from core.documents.readers import text as text_module
from core.documents.readers.reader import read_document
from core.documents.sandbox.pool import DocumentReader
from core.embedding.model import Embedder
from core.errors import FileTooLargeError
from tests.documents import build_docx, build_pdf, new_pdf, text_of

pytestmark = pytest.mark.slow

ARABIC = "الرصيف مصنوع من خشب البلوط القديم"
HEBREW = "המזח עשוי מעץ אלון עתיק"
CHINESE = "码头是用古老的橡木建造的。"
JAPANESE = "桟橋は古いオーク材でできています。"
EMOJI = "Ship 🚢 and family 👩‍👩‍👧 and flag 🇨🇭."
NOTO = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc")


def test_rotated_pages_are_read_in_reading_order() -> None:
    upright = build_pdf(["The first line.\nThe second line."])
    for angle in (90, 180, 270):
        sideways = new_pdf(unit="pt", format=(400, 400))
        sideways.add_page()
        sideways.set_font("Helvetica", size=12)
        with sideways.rotation(angle, 200, 200):
            sideways.text(50, 100, "The first line.")
            sideways.text(50, 120, "The second line.")
        # Lines that are written across the page and turned upright, and upright ones turned sideways.
        for data in (bytes(sideways.output()), upright):
            turned = data.replace(b"/Type /Page\n", b"/Type /Page\n/Rotate %d\n" % angle)
            assert turned != data
            text = read_document("turned.pdf", turned).pages[0].text
            assert text.split() == ["The", "first", "line.", "The", "second", "line."]


def test_two_columns_are_read_one_after_the_other() -> None:
    pdf = new_pdf()
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    with pdf.text_columns(ncols=2, gutter=10) as columns:
        for number in range(1, 121):
            columns.write(f"Line number {number} of this story. ")
    text = " ".join(read_document("columns.pdf", bytes(pdf.output())).pages[0].text.split())
    numbers = [int(number) for number in re.findall(r"number (\d+)", text)]
    assert numbers == list(range(1, 121))


def test_pdf_with_a_broken_cross_reference_table_is_repaired() -> None:
    data = build_pdf(["The pier is made of oak.", "The tower is made of stone."])
    at = data.rindex(b"startxref")
    broken = data[:at] + b"startxref\n99999999\n%%EOF\n"
    document = read_document("broken.pdf", broken)
    assert document.num_pages == 2
    assert "oak" in document.pages[0].text and "stone" in document.pages[1].text


def test_pdf_of_5000_pages_keeps_every_number(cutter: Cutter) -> None:
    data = _many_pages(5000)
    document = read_document("long.pdf", data)
    assert document.num_pages == 5000
    assert document.pages[4998].text.strip() == "This is page 4999."
    chunks = chunk_document(document, cutter)
    assert [chunk.page for chunk in chunks] == list(range(1, 5001))


def _many_pages(number: int) -> bytes:
    """A PDF written by hand: a library would take half a minute."""
    kids = " ".join(f"{4 + 2 * page} 0 R" for page in range(number))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {number}/Kids[{kids}]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for page in range(number):
        objects.append(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Resources<</Font<</F 3 0 R>>>>"
            f"/Contents {5 + 2 * page} 0 R>>"
        )
        stream = f"BT /F 12 Tf 20 200 Td (This is page {page + 1}.) Tj ET"
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    data, offsets = b"%PDF-1.4\n", []
    body = []
    position = len(data)
    for index, content in enumerate(objects, 1):
        offsets.append(position)
        body.append(f"{index} 0 obj\n{content}\nendobj\n".encode())
        position += len(body[-1])
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    trailer = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{position}\n%%EOF"
    return data + b"".join(body) + (end + trailer).encode()


@pytest.mark.parametrize("text", [ARABIC, HEBREW, CHINESE, JAPANESE, EMOJI])
def test_every_script_stays_as_it_is(text: str, cutter: Cutter) -> None:
    assert text_of("a.txt", text.encode()) == text
    assert text_of("a.txt", text.encode("utf-16")) == text
    assert text_of("a.docx", build_docx([text])) == text
    assert text_of("a.html", f'<p dir="rtl">{text}</p>'.encode()) == text
    (chunk,) = chunk_document(read_document("a.txt", text.encode()), cutter)
    assert chunk.text == text


@pytest.mark.skipif(not NOTO.exists(), reason="needs the font Noto Serif CJK")
def test_chinese_pdf_is_read() -> None:
    pdf = new_pdf()
    pdf.add_font("noto", fname=NOTO)
    pdf.add_page()
    pdf.set_font("noto", size=12)
    pdf.multi_cell(0, 8, CHINESE + JAPANESE)
    text = "".join(read_document("a.pdf", bytes(pdf.output())).pages[0].text.split())
    assert text == CHINESE + JAPANESE


@pytest.mark.parametrize("depth", [1_000, 10_000])
def test_deeply_nested_html_is_read(depth: int) -> None:
    html = "<div>" * depth + "The pier is made of oak." + "</div>" * depth
    assert text_of("deep.html", html.encode()).strip() == "The pier is made of oak."


def test_csv_of_200_mb_is_refused_with_a_reason_by_a_process_that_stays_within_its_memory(
    embedder: Embedder,
) -> None:
    row = b"2026-11-22;Harbour of Oak;17.5;open\n"
    data = b"day;place;depth;state\n" + row * (199 * 1024**2 // len(row))
    reader = DocumentReader()
    with pytest.raises(FileTooLargeError, match=r"big\.csv gives more than 50 million characters of text"):
        reader.read("big.csv", data, embedder.tokenization)
    reader.close()


def test_text_up_to_the_limit_is_taken_and_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = text_module.MAX_TEXT_CHARS
    assert len(read_document("a.txt", b"a" * limit).pages[0].text) == limit
    with pytest.raises(FileTooLargeError, match="Split it"):
        read_document("a.txt", b"a" * (limit + 1))

"""What stands on a PDF's page where: columns, tables, superscripts; passwords and damage."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.documents.chunking import Cutter, chunk_document
from core.documents.readers.pdf import _tidy
from core.documents.readers.reader import read_document
from core.errors import CorruptFileError, EncryptedFileError, NoTextError, UnsupportedFileError
from tests import documents as build
from tests.damaged import erase_pages
from tests.documents import build_image_pdf, build_pdf, message_of, new_pdf
from tests.drawn_pages import read_drawn

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("目 　 　 录\n关 于 红 军 作 战 的 原 则 … … １", "目录\n关于红军作战的原则……１"),
        ("第 1 章 引言", "第 1 章 引言"),
        (
            "The letters 关 于 stand alone in this English text.",
            "The letters 关 于 stand alone in this English text.",
        ),
    ],
)
def test_chinese_that_is_spread_over_its_line_is_read_without_the_spaces(printed: str, read: str) -> None:
    assert _tidy(printed) == read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Please wait... If this message is not eventually replaced with the proper contents", "an XFA form"),
        ("The document you are trying to load requires Adobe Reader 8 or higher.", "an XFA form"),
        ("This PDF document is protected. Open it in a supported viewer.", "protected by rights management"),
    ],
)
def test_placeholder_is_no_document(text: str, reason: str) -> None:
    message = message_of("a.pdf", build.build_drawn_pdf([(72, 700, text)]), UnsupportedFileError)
    assert message.startswith(f"a.pdf is {reason}: its page is only a placeholder")


@pytest.mark.parametrize(
    "text",
    ["This document is protected by copyright.", "Please wait for the second letter.", "A PDF portfolio"],
)
def test_short_document_is_no_placeholder(text: str) -> None:
    assert read_drawn([(72, 700, text)]) == text


def with_attachment(text: str) -> bytes:
    pdf = build.new_pdf()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.cell(text=text)
    pdf.embed_file(bytes=b"a;b", basename="sums.csv")
    return bytes(pdf.output())


def test_portfolio_is_refused_with_the_names_of_its_files() -> None:
    data = with_attachment("For the best experience, open this PDF portfolio in Acrobat.")
    assert "(sums.csv)" in message_of("a.pdf", data, UnsupportedFileError)


def test_embedded_files_are_named_in_the_notes() -> None:
    document = read_document("a.pdf", with_attachment("See the sums."))
    assert document.notes == ("1 embedded file not read (sums.csv)",)


FIVE = build_pdf([f"This is page {number}" for number in range(1, 6)])


def test_damaged_page_is_skipped_and_the_others_keep_their_numbers() -> None:
    document = read_document("book.pdf", erase_pages(FIVE, 2, 4))
    assert [(page.number, page.text.strip()) for page in document.pages] == [
        (1, "This is page 1"),
        (2, ""),
        (3, "This is page 3"),
        (4, ""),
        (5, "This is page 5"),
    ]
    assert document.num_pages == 5
    assert document.unread_pages == (2, 4)


def test_undamaged_pdf_has_no_unread_page_not_even_an_empty_one() -> None:
    assert read_document("book.pdf", build_pdf(["First", "", "Third"])).unread_pages == ()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (erase_pages(FIVE, 1, 2, 3, 4, 5), "none of its 5 pages can be read"),
        (erase_pages(build_pdf(["Alone"]), 1), "its only page can't be read"),
    ],
    ids=["five", "one"],
)
def test_pdf_without_a_readable_page_is_corrupt(data: bytes, what: str) -> None:
    message = message_of("book.pdf", data, CorruptFileError)
    assert message == f"book.pdf is damaged: {what}. Save or download it again and upload that."


def test_scan_with_a_damaged_page_asks_for_text_recognition_of_the_rest() -> None:
    message = message_of("scan.pdf", erase_pages(build_image_pdf(3), 2), NoTextError)
    assert message.startswith("scan.pdf holds no text on the 2 of its 3 pages that can be read")


def test_pdf_that_claims_more_pages_than_it_has_is_read() -> None:
    document = read_document("book.pdf", FIVE.replace(b"/Count 5", b"/Count 9"))
    assert document.unread_pages == (6, 7, 8, 9)
    assert document.pages[4].text.strip() == "This is page 5"


CHINESE = "码头是用古老的橡木建造的。"
JAPANESE = "桟橋は古いオーク材でできています。"
NOTO = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc")


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_pdf_with_a_broken_cross_reference_table_is_repaired() -> None:
    data = build_pdf(["The pier is made of oak.", "The tower is made of stone."])
    at = data.rindex(b"startxref")
    broken = data[:at] + b"startxref\n99999999\n%%EOF\n"
    document = read_document("broken.pdf", broken)
    assert document.num_pages == 2
    assert "oak" in document.pages[0].text and "stone" in document.pages[1].text


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.skipif(not NOTO.exists(), reason="needs the font Noto Serif CJK")
def test_chinese_pdf_is_read() -> None:
    pdf = new_pdf()
    pdf.add_font("noto", fname=NOTO)
    pdf.add_page()
    pdf.set_font("noto", size=12)
    pdf.multi_cell(0, 8, CHINESE + JAPANESE)
    text = "".join(read_document("a.pdf", bytes(pdf.output())).pages[0].text.split())
    assert text == CHINESE + JAPANESE


PDF = build.build_pdf(["Hello from PDF"])


def test_pdf_gives_numbered_pages() -> None:
    document = read_document("book.pdf", build.build_pdf(["First page", "", "Third page"]))
    assert [(page.number, page.text.strip()) for page in document.pages] == [
        (1, "First page"),
        (2, ""),
        (3, "Third page"),
    ]
    assert document.num_pages == 3


def test_pdf_leaves_out_text_beyond_the_visible_area() -> None:
    data = build.build_trimmed_pdf("Visible text", "printer job name")
    assert read_document("book.pdf", data).pages[0].text.strip() == "Visible text"


def test_pdf_with_bytes_before_its_header_is_read() -> None:
    assert "Hello from PDF" in read_document("mailed.pdf", b"X-Mail: 1\n\n" + PDF).pages[0].text


def test_pdf_with_empty_user_password_opens() -> None:
    data = build.build_pdf(["Printing is not allowed"], password="")
    assert "Printing is not allowed" in read_document("form.pdf", data).pages[0].text


def test_pdf_with_password_says_how_to_go_on() -> None:
    message = message_of("secret.pdf", build.build_pdf(["x"], password="pw"), EncryptedFileError)
    assert message == (
        "secret.pdf is protected by a password. Give the password, or save a copy without one."
    )


def test_pdf_of_images_asks_for_text_recognition() -> None:
    message = message_of("scan.pdf", build.build_image_pdf(3), NoTextError)
    assert message.startswith("scan.pdf holds no text on its 3 pages")
    assert "OCR" in message


def test_pdf_cut_off_is_corrupt() -> None:
    assert "broken.pdf is damaged" in message_of("broken.pdf", PDF[:100], CorruptFileError)


def test_pdfs_are_read_by_many_threads_at_once() -> None:
    files = [build.build_pdf([f"File {i} page {k}" for k in range(5)]) for i in range(8)]
    start = threading.Barrier(4)

    def read(numbers: range) -> list[str]:
        start.wait(timeout=30)
        return [read_document("x.pdf", files[i]).pages[4].text.strip() for i in numbers]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, [range(k, 8, 4) for k in range(4)]))
    assert found == [[f"File {i} page 4" for i in range(k, 8, 4)] for k in range(4)]

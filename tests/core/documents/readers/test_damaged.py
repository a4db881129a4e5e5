"""PDFs of which some pages can't be read: the others are, and what is missing is said."""

from __future__ import annotations

import pytest

from core.documents.models import Document, Page
from core.documents.readers.reader import read_document
from core.errors import CorruptFileError, NoTextError
from core.ingest.progress import unread_pages_warning
from tests.damaged import erase_pages
from tests.documents import build_image_pdf, build_pdf, message_of

pytestmark = pytest.mark.portable

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


@pytest.mark.parametrize(
    ("unread", "warning"),
    [
        ([], None),
        ([3], "Page 3 of 1,200 is damaged and was left out."),
        ([3, 7], "2 of 1,200 pages are damaged and were left out: 3, 7."),
        ([3, 4, 5, 9], "4 of 1,200 pages are damaged and were left out: 3–5, 9."),
        (
            list(range(1, 40, 2)),
            "20 of 1,200 pages are damaged and were left out: 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 and more.",
        ),
    ],
)
def test_warning_names_how_many_pages_and_which(unread: list[int], warning: str | None) -> None:
    pages = tuple(Page(number=n, text="", is_damaged=n in unread) for n in range(1, 1201))
    document = Document(id="x", file="book.pdf", size_bytes=1, pages=pages)
    assert unread_pages_warning(document) == warning

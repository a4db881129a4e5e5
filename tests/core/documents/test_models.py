"""What documents say of themselves."""

from __future__ import annotations

import pytest

from core.documents.models import (
    READER_VERSION,
    Document,
    DocumentSummary,
    Page,
    notes_told,
    partly_in,
    unread_pages_warning,
)

pytestmark = pytest.mark.portable


def summary(*, present: int = 3, reader_version: int = READER_VERSION) -> DocumentSummary:
    return DocumentSummary(
        id="d", file="a.txt", size_bytes=1, num_pages=None, num_chunks=3, chunks_present=present,
        ingested_at="2026-11-28", reader_version=reader_version,
    )  # fmt: skip


def test_document_without_numbered_pages_has_no_number_of_pages() -> None:
    pages = tuple(Page(number=number, text="x", is_damaged=number == 2) for number in (1, 2, None))
    document = Document(id="d", file="a.pdf", size_bytes=1, pages=pages)
    assert (document.num_pages, document.unread_pages) == (2, (2,))
    assert Document(id="d", file="a.txt", size_bytes=1, pages=pages[2:]).num_pages is None


def test_document_lacks_chunks_or_was_read_by_an_older_reader() -> None:
    assert summary().is_complete and not summary(present=2).is_complete
    assert not summary().is_outdated and summary(reader_version=READER_VERSION - 1).is_outdated


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, ""), (1, "1 document is only partly in"), (2, "2 documents are only partly in")],
)
def test_documents_that_are_partly_in_are_counted(number: int, said: str) -> None:
    assert partly_in(number) == said


def test_notes_are_one_sentence() -> None:
    assert notes_told([]) == ""
    assert notes_told(["2 charts without data", "read as cp1250"]) == "2 charts without data; read as cp1250."


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

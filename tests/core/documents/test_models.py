"""What the values that cross layers say of themselves."""

from __future__ import annotations

import pytest

from core.documents.models import (
    READER_VERSION,
    Document,
    DocumentSummary,
    Page,
    Stage,
    notes_told,
    partly_in,
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


def test_file_has_ended_in_four_ways() -> None:
    assert {stage for stage in Stage if stage.is_final} == {
        Stage.DONE,
        Stage.PRESENT,
        Stage.FAILED,
        Stage.STOPPED,
    }

"""The list of documents: what it says of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.documents.models import READER_VERSION, DocumentSummary
from pages.views.documents.list import state_of

WHOLE = DocumentSummary(
    id="a",
    file="handbook.pdf",
    size_bytes=1_000,
    num_pages=3,
    num_chunks=1_200,
    chunks_present=1_200,
    ingested_at="2026-11-27T20:00:00+00:00",
)


@pytest.mark.parametrize(
    ("document", "is_busy", "said"),
    [
        (WHOLE, False, "complete"),
        (WHOLE, True, "complete"),
        (
            replace(WHOLE, reader_version=READER_VERSION - 1),
            False,
            "add it again: an earlier version has read it",
        ),
        (replace(WHOLE, chunks_present=7), True, "being added, of 1,200 chunks"),
        (replace(WHOLE, chunks_present=7), False, "add it again: cut short at 7 of 1,200 chunks"),
    ],
)
def test_state_of_a_document_says_what_to_do_first(
    document: DocumentSummary, is_busy: bool, said: str
) -> None:
    assert state_of(document, is_busy=is_busy, is_older=False) == said

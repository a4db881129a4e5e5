"""What is stored about a document beside its text."""

from __future__ import annotations

from core.documents.models import Document
from core.ingest.metadata import document_metadata, ingest_time, summary_metadata
from core.store.summaries import DOCUMENT_FIELDS, summary_of


def test_two_ingests_are_told_apart_within_a_second() -> None:
    assert len({ingest_time() for _ in range(1000)}) > 10


def test_what_is_read_of_a_document_was_written_by_an_ingest_and_by_a_change_of_its_model() -> None:
    document = Document(id="d", file="a.txt", size_bytes=1, pages=())
    read = document_metadata(document, 2, 9, ingested_at="2026-11-28", origin="o", language="en")
    row = {**read, "doc_id": "d", "file": "a.txt"}
    assert set(row) == set(DOCUMENT_FIELDS)
    again = summary_metadata(summary_of(row, 2), num_chunks=3, num_tokens=12, unknown_share=0.5)
    assert again == {**read, "num_chunks": 3, "document_tokens": 12, "unknown_share": 0.5}

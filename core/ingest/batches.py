"""In which parts a document's chunks go in, and what each of them carries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from core.documents.models import READER_VERSION, Chunk, Document
from core.ingest.progress import FIRST_WINDOW, unread_pages_warning

WINDOW = 32


def ingest_time() -> str:
    """Now, as documents carry it: so fine that of two ingests one is always the later."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def windows_of(chunks: list[Chunk]) -> Iterator[list[Chunk]]:
    """The document's beginning, then the rest by length: equal ones share a batch without padding."""
    if chunks:
        yield chunks[:FIRST_WINDOW]
    rest = sorted(chunks[FIRST_WINDOW:], key=lambda chunk: -chunk.num_tokens)
    for start in range(0, len(rest), WINDOW):
        yield rest[start : start + WINDOW]


def document_metadata(
    document: Document | None,
    num_chunks: int | None,
    num_tokens: int | None = None,
    *,
    ingested_at: str,
    origin: str = "",
    language: str | None = None,
) -> dict[str, str | int | list[str] | None]:
    """What every chunk carries about its document.

    Args:
        num_tokens: Of all its chunks.
        ingested_at: When its ingest began, ISO 8601 in UTC.
        origin: See `core.ingest.progress.IncomingFile`.
        language: Of its beginning, as two letters.
    """
    assert document is not None
    return {
        "size_bytes": document.size_bytes,
        "num_pages": document.num_pages,
        "num_chunks": num_chunks,
        "document_tokens": num_tokens,
        "warning": unread_pages_warning(document),
        "notes": list(document.notes),
        "reader_version": READER_VERSION,
        "ingested_at": ingested_at,
        "origin": origin,
        "language": language,
    }

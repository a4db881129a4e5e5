"""What every chunk in Milvus carries about its document; `core.store.summaries` reads it back."""

from __future__ import annotations

from datetime import UTC, datetime

from core.documents.models import READER_VERSION, Document, DocumentSummary, unread_pages_warning

Metadata = dict[str, str | int | float | list[str] | None]


def ingest_time() -> str:
    """Now, as documents carry it: so fine that of two ingests one is always the later."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def document_metadata(
    document: Document,
    num_chunks: int | None,
    num_tokens: int | None = None,
    *,
    ingested_at: str,
    origin: str = "",
    language: str | None = None,
    unknown_share: float | None = None,
) -> Metadata:
    """What every chunk carries about its document.

    Args:
        document: What was read.
        num_chunks: All of its chunks; None while they are not counted.
        num_tokens: How many all its chunks have; None while they are not counted.
        ingested_at: When its ingest began, ISO 8601 in UTC.
        origin: See `core.documents.sources.incoming.IncomingFile`.
        language: The one that it begins in, as two letters; None where that is unclear.
        unknown_share: See `core.documents.models.CutDocument`.
    """
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
        "unknown_share": unknown_share,
    }


def summary_metadata(
    document: DocumentSummary, *, num_chunks: int, num_tokens: int, unknown_share: float
) -> Metadata:
    """The same of a document that is in a knowledge base already, for another one.

    Args:
        document: As it is in the knowledge base that it comes from.
        num_chunks: As it is cut for the other one.
        num_tokens: How many all those chunks have, as the other one's model counts.
        unknown_share: As in `core.documents.models.CutDocument`, for the other one's model.
    """
    return {
        "size_bytes": document.size_bytes,
        "num_pages": document.num_pages,
        "num_chunks": num_chunks,
        "document_tokens": num_tokens,
        "warning": document.warning,
        "notes": list(document.notes),
        "reader_version": document.reader_version,
        "ingested_at": document.ingested_at,
        "origin": document.origin,
        "language": document.language,
        "unknown_share": unknown_share,
    }

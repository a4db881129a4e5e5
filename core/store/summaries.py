"""What a collection's documents are, with few calls however many they are."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from core.documents.models import DocumentSummary, Version
from core.store.connection import CALL_TIMEOUT_S
from core.store.query import MAX_ROWS, row_batches, when_loaded

if TYPE_CHECKING:
    from pymilvus import MilvusClient

# What `summary_of` reads of a row, and what `version_of` does.
DOCUMENT_FIELDS = [
    "doc_id",
    "file",
    "size_bytes",
    "num_pages",
    "num_chunks",
    "ingested_at",
    "document_tokens",
    "warning",
    "notes",
    "reader_version",
    "origin",
    "language",
    "unknown_share",
]
VERSION_FIELDS = ["doc_id", "file", "origin", "ingested_at", "num_chunks"]


def first_rows(
    client: MilvusClient,
    collection: str,
    fields: list[str],
    expression: str = "",
    *,
    consistency: str = "Strong",
) -> list[dict[str, Any]]:
    """The first chunk of every document, which carries what is known about it.

    One that was being read anew when its ingest was cut off may have two, of which the later counts.

    One call answers for up to `MAX_ROWS` documents. Beyond that an iterator does, which costs four times as
    much on Milvus Lite.

    Args:
        client: Milvus' own sync client.
        collection: Loaded first where it is not.
        fields: Rows have "doc_id" and "ingested_at" besides.
        expression: Narrows the documents; "" for all.
        consistency: "Strong", or "Session", which sees what this process has written but does not wait for a
            server's next time tick.
    """
    condition = "position == 0" + (f" and {expression}" if expression else "")
    wanted = list(dict.fromkeys([*fields, "doc_id", "ingested_at"]))
    rows: list[dict[str, Any]] = when_loaded(
        client,
        collection,
        lambda: client.query(
            collection,
            filter=condition,
            output_fields=wanted,
            limit=MAX_ROWS,
            consistency_level=consistency,
            timeout=CALL_TIMEOUT_S,
        ),
    )
    if len(rows) < MAX_ROWS:
        return _latest([dict(row) for row in rows])
    batches = row_batches(client, collection, wanted, expression=condition)
    return _latest(list(itertools.chain.from_iterable(batches)))


def _latest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each document."""
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row.get("ingested_at") or ""):
        found[row["doc_id"]] = row
    # In the order in which Milvus gave them.
    return rows if len(found) == len(rows) else [row for row in rows if found[row["doc_id"]] is row]


def present_chunks(
    expected: Sequence[tuple[str, int]], count: Callable[[Sequence[str]], int], *, total: int
) -> dict[str, int]:
    """How many chunks of each document there are.

    Args:
        expected: Document ids with the number of chunks that each should have, the newest first, since those
            may still be on their way in.
        count: Asks Milvus how many chunks some documents have; called only where `total` and the expected
            numbers differ, and then about log2(len(expected)) times for each document that is not whole.
        total: Chunks of all of `expected`.
    """
    if total == sum(chunks for _, chunks in expected):
        return dict(expected)
    if len(expected) == 1:
        return {expected[0][0]: total}
    if not expected:
        return {}
    split = max(1, len(expected) // 8)
    newer, older = expected[:split], expected[split:]
    in_newer = count([document_id for document_id, _ in newer])
    return present_chunks(newer, count, total=in_newer) | present_chunks(older, count, total=total - in_newer)


def summary_of(row: dict[str, Any], chunks_present: int) -> DocumentSummary:
    """A document from the row of its first chunk.

    Args:
        row: As `first_rows` gives it, with all `DOCUMENT_FIELDS`.
        chunks_present: How many of its chunks there are.
    """
    return DocumentSummary(
        id=row["doc_id"],
        file=row["file"],
        size_bytes=int(row["size_bytes"]),
        num_pages=row["num_pages"],
        num_chunks=int(row["num_chunks"]),
        chunks_present=chunks_present,
        ingested_at=row["ingested_at"],
        num_tokens=row.get("document_tokens"),
        warning=row.get("warning"),
        notes=tuple(row.get("notes") or ()),
        reader_version=int(row.get("reader_version") or 1),
        origin=_origin(row),
        language=row.get("language"),
        unknown_share=row.get("unknown_share"),
    )


def _origin(row: dict[str, Any]) -> str:
    """Where the document comes from; its own id for one that was stored before origins were.

    Of several called index.md nobody can tell any more from which folders they came.
    """
    origin = row.get("origin")
    return str(row["doc_id"] if origin is None else origin)


def version_of(row: dict[str, Any]) -> Version:
    """A document as one of several of its name, from the same row."""
    return Version(
        id=row["doc_id"],
        file=row["file"],
        origin=_origin(row),
        # Any question asks for it: chunks that another program made must not stop that.
        ingested_at=row.get("ingested_at") or "",
        num_chunks=int(row.get("num_chunks") or 0),
    )

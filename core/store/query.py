"""Asking Milvus for many rows: its limits and its iterator, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.store.connection import CALL_TIMEOUT_S

if TYPE_CHECKING:
    from pymilvus import MilvusClient

# The most rows that Milvus gives in one answer.
MAX_ROWS = 16_384
# Larger batches cost Milvus Lite less: each one scans the collection.
BATCH_ROWS = 5000


def row_batches(
    client: MilvusClient, collection: str, fields: list[str], *, expression: str = "", limit: int = -1
) -> Iterator[list[dict[str, Any]]]:
    """Every row that meets `expression`, in batches of up to `BATCH_ROWS`.

    limit: the most rows in all; -1 for as many as there are. Raises what pymilvus raises.
    """
    iterator = client.query_iterator(
        collection,
        batch_size=BATCH_ROWS,
        limit=limit,
        filter=expression,
        output_fields=fields,
        consistency_level="Strong",
        timeout=CALL_TIMEOUT_S,
    )
    try:
        while rows := iterator.next():
            yield rows
    finally:
        iterator.close()

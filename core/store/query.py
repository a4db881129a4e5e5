"""Asking Milvus for rows: its limits, its iterator, and collections that a restart has left on the disk only.

A server loads its collections again by itself; Milvus Lite comes up with every one of them released.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from core.store.connection import CALL_TIMEOUT_S

if TYPE_CHECKING:
    from pymilvus import MilvusClient

T = TypeVar("T")

# The most rows that Milvus gives in one answer.
MAX_ROWS = 16_384
# Larger batches cost Milvus Lite less: each one scans the collection.
BATCH_ROWS = 5000
_NOT_LOADED = ("in state 'released'", "collection not loaded", "has not been loaded")


def row_batches(
    client: MilvusClient, collection: str, fields: list[str], *, expression: str = "", limit: int = -1
) -> Iterator[list[dict[str, Any]]]:
    """Every row that meets `expression`, in batches of up to `BATCH_ROWS`.

    Raises what pymilvus raises.

    Args:
        client: Milvus' own sync client.
        collection: Loaded first where it is not.
        fields: What each row carries.
        expression: Milvus' filter; "" for all rows.
        limit: The most rows in all; -1 for as many as there are.
    """

    def begun() -> tuple[Any, list[dict[str, Any]]]:
        iterator = client.query_iterator(
            collection,
            batch_size=BATCH_ROWS,
            limit=limit,
            filter=expression,
            output_fields=fields,
            consistency_level="Strong",
            timeout=CALL_TIMEOUT_S,
        )
        # With the first rows: a server that has just begun anew may make one of what it has not loaded.
        return iterator, iterator.next()

    iterator, rows = when_loaded(client, collection, begun)
    try:
        while rows:
            yield rows
            rows = iterator.next()
    finally:
        iterator.close()


def when_loaded(client: MilvusClient, collection: str, read: Callable[[], T]) -> T:
    """What `read` returns; where the collection turns out to be released, after loading it.

    Raises what pymilvus raises.

    Args:
        client: Milvus' own sync client, which loads the collection.
        collection: The one that `read` reads from.
        read: May be called twice.
    """
    try:
        return read()
    except Exception as exc:
        if not _is_not_loaded(exc):
            raise
    client.load_collection(collection, timeout=CALL_TIMEOUT_S)
    return read()


async def awhen_loaded(client: MilvusClient, collection: str, read: Callable[[], Awaitable[T]]) -> T:
    """`when_loaded`, awaiting.

    Args:
        client: A sync one all the same, which loads in a thread.
        collection: The one that `read` reads from.
        read: May be called twice.
    """
    try:
        return await read()
    except Exception as exc:
        if not _is_not_loaded(exc):
            raise
    await asyncio.to_thread(client.load_collection, collection, timeout=CALL_TIMEOUT_S)
    return await read()


def _is_not_loaded(exc: Exception) -> bool:
    text = str(getattr(exc, "message", "") or exc).lower()
    return any(words in text for words in _NOT_LOADED)

"""Many chunks at once: as rows straight to the store's own client.

MilvusVectorStore writes every node out as JSON twice, its vector included; for a million chunks that
takes longer than Milvus does. What is stored is the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from core.documents.models import Chunk
from core.errors import StoreTimeoutError
from core.store.connection import CALL_TIMEOUT_S
from core.store.milvus_errors import store_errors
from core.store.schema import chunk_node
from core.store.search import VECTOR_FIELD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.store.knowledge_store import KnowledgeStore

Row = dict[str, Any]

# Some 4 MB with 384 dimensions; Milvus takes 64 MB in one message.
BATCH_ROWS = 1000
AT_ONCE = 3
# A million rows are indexed within minutes.
SETTLE_TIMEOUT_S = 3600.0
LOOK_S = 0.5


def chunk_row(chunk: Chunk, *, embedding: NDArray[Any] | Sequence[float], extra: dict[str, Any]) -> Row:
    """A chunk as Milvus stores it, the same as `KnowledgeStore.add` of its `chunk_node` makes of it."""
    from llama_index.core.vector_stores.utils import node_to_metadata_dict

    row = node_to_metadata_dict(chunk_node(chunk, embedding=(), extra=extra), remove_text=True)
    return row | {"id": chunk.id, "text": chunk.text, VECTOR_FIELD: embedding}


async def abulk_add(
    store: KnowledgeStore, batches: Iterable[Sequence[Row]], *, replace: bool = True, at_once: int = AT_ONCE
) -> int:
    """Insert rows of `chunk_row`; returns how many. Batches of `BATCH_ROWS` are a good size.

    batches: asked for the next one only when there is room for it, so memory stays flat.
    replace: rows replace those of the same id, so that the whole can be repeated after an error. Without,
        it is some quicker, and an id that is there already is there twice afterwards.
    at_once: batches that are under way at the same time.
    Raises StoreError; batches before the one that failed are in.
    """
    client = store.vector_store.aclient
    assert client is not None
    call = client.upsert if replace else client.insert

    async def send(rows: Sequence[Row]) -> int:
        with store_errors(store.target):
            async with asyncio.timeout(CALL_TIMEOUT_S):
                await call(store.info.collection, list(rows))
        return len(rows)

    num_rows = 0
    pending: set[asyncio.Task[int]] = set()
    try:
        for rows in batches:
            pending.add(asyncio.create_task(send(rows)))
            # Also lets the task begin before the next batch is made.
            room_s = None if len(pending) >= at_once else 0
            done, pending = await asyncio.wait(pending, timeout=room_s, return_when=asyncio.FIRST_COMPLETED)
            num_rows += sum(task.result() for task in done)
        return num_rows + sum(await asyncio.gather(*pending))
    finally:
        for task in pending:
            task.cancel()


def settle(store: KnowledgeStore, *, timeout_s: float = SETTLE_TIMEOUT_S) -> None:
    """Wait until all rows are written out, indexed and loaded, so that searching is as fast as it gets.

    Blocks. Raises StoreTimeoutError, StoreError.
    """
    client, collection = store.client, store.info.collection
    until_s = time.monotonic() + timeout_s
    with store_errors(store.target):
        client.flush(collection, timeout=timeout_s)
        if store.target.is_lite:
            return
        while _num_unindexed(store):
            if time.monotonic() > until_s:
                raise StoreTimeoutError(
                    f"Milvus at {store.target.label} has not indexed all rows within {timeout_s:,.0f} s. "
                    "It goes on with that; searching works meanwhile, only slower."
                )
            time.sleep(LOOK_S)
        client.refresh_load(collection, timeout=timeout_s)


def _num_unindexed(store: KnowledgeStore) -> int:
    found = store.client.describe_index(store.info.collection, VECTOR_FIELD, timeout=CALL_TIMEOUT_S)
    if found["state"] != "Finished":
        return max(1, int(found["pending_index_rows"]))
    return int(found["pending_index_rows"])

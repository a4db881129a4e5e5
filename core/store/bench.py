"""What the benchmark needs: it measures MilvusVectorStore itself, so it gets one, bare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.config import Target
from core.store.connection import CALL_TIMEOUT_S, KIND_KEY, count_where, make_vector_store, store_errors

if TYPE_CHECKING:
    from llama_index.vector_stores.milvus import MilvusVectorStore

BENCH_PREFIX = "overlap_bench_"


def open_bench_store(
    target: Target, collection: str, *, dim: int, metric: str, consistency: str, **options: Any
) -> MilvusVectorStore:
    """A MilvusVectorStore on a new collection, made as the tutorial makes it (FLAT index, overwrite).

    collection: must start with `BENCH_PREFIX`. Build it off the event loop: it blocks.
    """
    if not collection.startswith(BENCH_PREFIX):
        raise ValueError(f"benchmark collections start with {BENCH_PREFIX}: {collection}")
    with store_errors(target):
        return make_vector_store(
            target,
            collection,
            dim=dim,
            metric=metric,
            consistency=consistency,
            overwrite=True,
            collection_properties={KIND_KEY: "benchmark"},
            **options,
        )


def count_rows(target: Target, vector_store: MilvusVectorStore) -> int:
    """Rows of a benchmark collection, with Strong consistency."""
    with store_errors(target):
        return count_where(vector_store.client, vector_store.collection_name)


def drop_bench_collection(target: Target, vector_store: MilvusVectorStore) -> None:
    """Drop a benchmark collection; nothing happens when it is gone already."""
    if not vector_store.collection_name.startswith(BENCH_PREFIX):
        raise ValueError(f"not a benchmark collection: {vector_store.collection_name}")
    with store_errors(target):
        vector_store.client.drop_collection(vector_store.collection_name, timeout=CALL_TIMEOUT_S)

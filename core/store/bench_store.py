"""What the benchmark needs: it measures MilvusVectorStore itself, so it gets one, bare."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.config.settings import Target
from core.store.connection import (
    CALL_TIMEOUT_S,
    CONNECT_TIMEOUT_S,
    connect,
    count_where,
    drop_collection,
    grpc_options,
    make_vector_store,
    properties_of,
)
from core.store.knowledge_store import KnowledgeStore
from core.store.milvus_errors import store_errors
from core.store.names import KIND_KEY, KnowledgeBaseInfo
from core.store.schema import create_collection, index_and_load

if TYPE_CHECKING:
    from llama_index.vector_stores.milvus import MilvusVectorStore

BENCH_PREFIX = "overlap_bench_"
BENCH_KIND = "benchmark"
OWNER_KEY = "overlap.owner"

# Ids and similarities of one query, best first.
Hits = tuple[list[str], list[float]]


def open_bench_store(
    target: Target,
    collection: str,
    *,
    dim: int,
    metric: str,
    consistency: str,
    index: str,
    owner: str = "",
    **options: Any,
) -> MilvusVectorStore:
    """A MilvusVectorStore on a new collection, as the tutorial's is (overwrite), but sooner ready.

    Build it off the event loop: it blocks.

    Args:
        target: Where it is made.
        collection: Must start with `BENCH_PREFIX`.
        dim: The length of each vector.
        metric: "COSINE", "IP" or "L2".
        consistency: Milvus' consistency level of the collection, such as "Strong".
        index: Milvus' name of the vector index, such as "FLAT".
        owner: Noted on it, for whoever finds it left behind.
        **options: Handed to MilvusVectorStore.
    """
    _check_name(collection)

    with store_errors(target):
        from llama_index.vector_stores.milvus import IndexManagement

        made = make_vector_store(
            target,
            collection,
            dim=dim,
            metric=metric,
            consistency=consistency,
            index_config={"index_type": index},
            # Its own way of making one sleeps half a second: see `index_and_load`.
            index_management=IndexManagement.NO_VALIDATION,
            overwrite=True,
            collection_properties={KIND_KEY: BENCH_KIND, OWNER_KEY: owner},
            **options,
        )
        params, field = made.client.prepare_index_params(), made.embedding_field
        params.add_index(field, index, field, metric_type=made.similarity_metric)
        index_and_load(made.client, collection, params)
        return made


def join_bench_store(
    target: Target, collection: str, *, dim: int, metric: str, consistency: str, **options: Any
) -> MilvusVectorStore:
    """A MilvusVectorStore on a benchmark collection that another process has made."""
    _check_name(collection)
    with store_errors(target):
        return make_vector_store(
            target, collection, dim=dim, metric=metric, consistency=consistency, **options
        )


def open_ingest_store(
    target: Target, collection: str, *, model: str, dim: int, is_lite: bool, owner: str = ""
) -> KnowledgeStore:
    """A new, empty collection made like a knowledge base's, which is none: nobody is shown it.

    Build it off the event loop: it blocks.

    Args:
        target: Where it is made.
        collection: Must start with `BENCH_PREFIX`.
        model: Noted on it, as a knowledge base's model is.
        dim: The length of each vector.
        is_lite: Whether the target is Milvus Lite, be it reached over TCP.
        owner: Noted on it, for whoever finds it left behind.
    """
    _check_name(collection)
    client = connect(target)
    marks = {KIND_KEY: BENCH_KIND, OWNER_KEY: owner}
    with store_errors(target):
        create_collection(
            client, collection, kb=collection, model=model, dim=dim, is_lite=is_lite, marks=marks
        )
        client.load_collection(collection, timeout=CALL_TIMEOUT_S)
    info = KnowledgeBaseInfo(name=collection, collection=collection, model=model, dim=dim, num_chunks=None)
    return KnowledgeStore(target, info, client)


def connecting_s(target: Target) -> float:
    """Seconds that a sync client takes to connect; it is closed again."""
    from pymilvus import MilvusClient

    with store_errors(target):
        start = time.perf_counter()
        client = MilvusClient(**_own_connection(target))
        seconds = time.perf_counter() - start
        client.close()
    return seconds


async def aconnecting_s(target: Target) -> float:
    """The same of an async client."""
    from pymilvus import AsyncMilvusClient

    with store_errors(target):
        start = time.perf_counter()
        async with AsyncMilvusClient(**_own_connection(target)):
            return time.perf_counter() - start


def _own_connection(target: Target) -> dict[str, Any]:
    # Otherwise pymilvus gives a client the connection that another one has made.
    return {
        "uri": target.uri,
        "token": target.token.value,
        "timeout": CONNECT_TIMEOUT_S,
        "grpc_options": grpc_options(),
        "dedicated": True,
    }


def search_batch(
    vector_store: MilvusVectorStore, vectors: Sequence[Sequence[float]], top_k: int, fields: list[str]
) -> list[Hits]:
    """One request with many query vectors, by the store's own client; hits of each, in order.

    Args:
        vector_store: Whose collection is searched.
        vectors: The queries, shape (n, dim).
        top_k: How many hits each query asks for.
        fields: What each hit carries back; ["*"] is what MilvusVectorStore's own query asks for, which can't
            search for many vectors at once.
    """
    found = vector_store.client.search(**_batch_arguments(vector_store, vectors, top_k, fields))
    return [_hits_of(hits) for hits in found]


async def asearch_batch(
    vector_store: MilvusVectorStore, vectors: Sequence[Sequence[float]], top_k: int, fields: list[str]
) -> list[Hits]:
    """`search_batch` by the store's async client."""
    assert vector_store.aclient is not None
    found = await vector_store.aclient.search(**_batch_arguments(vector_store, vectors, top_k, fields))
    return [_hits_of(hits) for hits in found]


def _batch_arguments(
    vector_store: MilvusVectorStore, vectors: Sequence[Sequence[float]], top_k: int, fields: list[str]
) -> dict[str, Any]:
    return {
        "collection_name": vector_store.collection_name,
        "data": list(vectors),
        "limit": top_k,
        "anns_field": vector_store.embedding_field,
        "output_fields": fields,
        "search_params": {
            "params": vector_store.search_config,
            "metric_type": vector_store.similarity_metric,
        },
    }


def _hits_of(hits: Any) -> Hits:
    return [str(hit["id"]) for hit in hits], [float(hit["distance"]) for hit in hits]


def count_rows(target: Target, vector_store: MilvusVectorStore, *, timeout_s: float) -> int:
    """Rows of a benchmark collection, with Strong consistency.

    Args:
        target: Named in errors.
        vector_store: Whose collection is counted.
        timeout_s: Seconds for the call, which waits until the server has taken in all that was added.
    """
    with store_errors(target):
        return count_where(vector_store.client, vector_store.collection_name, timeout_s=timeout_s)


def drop_bench_collection(target: Target, vector_store: MilvusVectorStore) -> None:
    """Drop a benchmark collection; nothing happens when it is gone already."""
    _check_name(vector_store.collection_name)
    with store_errors(target):
        drop_collection(vector_store.client, target, vector_store.collection_name)


def bench_collections(target: Target) -> dict[str, str]:
    """The benchmark collections of the target with the owner noted on each; "" where none is."""
    client = connect(target)
    with store_errors(target):
        names = [
            name for name in client.list_collections(timeout=CALL_TIMEOUT_S) if name.startswith(BENCH_PREFIX)
        ]
        described = {name: properties_of(client, name) for name in names}
    ours = {name: found for name, found in described.items() if found.get(KIND_KEY) == BENCH_KIND}
    return {name: found.get(OWNER_KEY, "") for name, found in ours.items()}


def drop_left_collection(target: Target, collection: str) -> None:
    """Drop a benchmark collection by its name; nothing happens when it is gone already."""
    _check_name(collection)
    client = connect(target)
    with store_errors(target):
        drop_collection(client, target, collection)


def _check_name(collection: str) -> None:
    if not collection.startswith(BENCH_PREFIX):
        raise ValueError(f"benchmark collections start with {BENCH_PREFIX}: {collection}")

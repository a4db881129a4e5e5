"""The operations as calls of an index: what a lane issues."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import store
from core.bench.load.dataset import Dataset, lean_nodes

if TYPE_CHECKING:
    from llama_index.vector_stores.milvus import MilvusVectorStore

Call = Callable[[int], Any]
AsyncCall = Callable[[int], Awaitable[Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Requests:
    """The requests of one trial.

    Attributes:
        sync: A request as a sync call of its index.
        awaited: The same request as an async call.
        per_request: Operations in each; the last one may have fewer.
        count: Operations in all.
        is_search: Whether what they return are hits.
    """

    sync: Call
    awaited: AsyncCall
    per_request: int
    count: int
    is_search: bool

    @property
    def num_requests(self) -> int:
        """`count` over `per_request`, rounded up."""
        return -(-self.count // self.per_request)

    def num_ops(self, index: int) -> int:
        """Operations that the request carries."""
        return min(self.per_request, self.count - index * self.per_request)

    def hits(self, results: Mapping[int, Any]) -> dict[int, store.Hits]:
        """The hits of every query by its index, from what the requests returned; of adds, nothing."""
        if not self.is_search:
            return {}
        if self.per_request == 1:
            return dict(results)
        return {
            index * self.per_request + place: hits
            for index, found in results.items()
            for place, hits in enumerate(found)
        }


def make_requests(
    operation: str,
    vector_store: MilvusVectorStore,
    dataset: Dataset,
    *,
    count: int,
    per_request: int,
    top_k: int,
    fields: str = "all",
    blocking: str = "",
) -> Requests:
    """The requests for `count` operations, `per_request` of them in each.

    Args:
        operation: "add" or "search".
        vector_store: The collection that is written or searched.
        dataset: At least `count` nodes and queries.
        count: Operations in all.
        per_request: Operations that one request carries.
        top_k: How many hits each search asks for.
        fields: Where vectors go beside the column they belong to; see `core.bench.plan.plan.Plan`.
        blocking: How the async call waits; see `core.bench.plan.conditions.BLOCKINGS`.
    """
    if operation == "add":
        sync, awaited = _adds(vector_store, dataset, per_request, fields)
    elif per_request > 1:
        sync, awaited = _batch_searches(vector_store, dataset, per_request, top_k, fields)
    else:
        sync, awaited = _searches(vector_store, dataset, top_k, fields)
    return Requests(
        sync=sync,
        awaited=_blocked(sync, awaited, blocking),
        per_request=per_request,
        count=count,
        is_search=operation == "search",
    )


def _blocked(sync: Call, awaited: AsyncCall, blocking: str) -> AsyncCall:
    if not blocking:
        return awaited

    async def on_the_loop(i: int) -> Any:
        return sync(i)

    async def in_a_thread(i: int) -> Any:
        return await asyncio.to_thread(sync, i)

    return on_the_loop if blocking == "blocking" else in_a_thread


def _adds(
    vector_store: MilvusVectorStore, dataset: Dataset, size: int, fields: str
) -> tuple[Call, AsyncCall]:
    nodes = dataset.nodes if fields == "all" else lean_nodes(dataset.nodes)
    return (
        lambda i: vector_store.add(nodes[i * size : (i + 1) * size]),
        lambda i: vector_store.async_add(nodes[i * size : (i + 1) * size]),
    )


def _searches(
    vector_store: MilvusVectorStore, dataset: Dataset, top_k: int, fields: str
) -> tuple[Call, AsyncCall]:
    from llama_index.core.vector_stores.types import VectorStoreQuery

    wanted = None if fields == "all" else [vector_store.text_key]
    queries = [
        VectorStoreQuery(query_embedding=vector, similarity_top_k=top_k, output_fields=wanted)
        for vector in dataset.queries
    ]

    # Only ids and similarities are kept: every hit carries its whole vector back.
    def search(i: int) -> store.Hits:
        result = vector_store.query(queries[i])
        return result.ids or [], result.similarities or []

    async def asearch(i: int) -> store.Hits:
        result = await vector_store.aquery(queries[i])
        return result.ids or [], result.similarities or []

    return search, asearch


def _batch_searches(
    vector_store: MilvusVectorStore, dataset: Dataset, size: int, top_k: int, fields: str
) -> tuple[Call, AsyncCall]:
    vectors = dataset.queries
    wanted = ["*"] if fields == "all" else [vector_store.text_key]
    return (
        lambda i: store.search_batch(vector_store, vectors[i * size : (i + 1) * size], top_k, wanted),
        lambda i: store.asearch_batch(vector_store, vectors[i * size : (i + 1) * size], top_k, wanted),
    )

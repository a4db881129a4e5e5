"""tests.performance.bulk_insert: the same rows as one by one, only sooner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.documents.models import Chunk
from core.embedding.model import Embedder
from core.errors import StoreError
from core.store import KnowledgeStore, chunk_node
from tests.performance.bulk_insert import Row, abulk_add, chunk_row, settle

EXTRA = {"size_bytes": 9, "num_pages": 2, "num_chunks": 5, "document_tokens": 50, "ingested_at": "2026-01-01"}
CHUNK = Chunk(
    id="c0",
    document_id="d",
    file="a „ß“.pdf",
    page=2,
    position=0,
    start=0,
    end=4,
    text="Ünï\n",
    text_hash="h",
    num_tokens=10,
)


def vector(number: int, dim: int) -> list[float]:
    return [1.0 if place == number else 0.5 for place in range(dim)]


def rows(numbers: range, dim: int) -> list[Row]:
    chunks = [replace(CHUNK, id=f"c{number}", position=number) for number in numbers]
    return [chunk_row(chunk, embedding=vector(chunk.position, dim), extra=EXTRA) for chunk in chunks]


def stored(store: KnowledgeStore) -> list[dict[str, Any]]:
    found = store.vector_store.client.query(
        store.info.collection, filter='doc_id == "d"', output_fields=["*"], consistency_level="Strong"
    )
    return sorted(({**row} for row in found), key=lambda row: str(row["id"]))


async def test_row_is_what_adding_the_node_stores(store: KnowledgeStore, embedder: Embedder) -> None:
    store.add([chunk_node(CHUNK, embedding=vector(0, embedder.dim), extra=EXTRA)])
    one_by_one = stored(store)
    store.delete_document("d")
    assert await abulk_add(store, [rows(range(1), embedder.dim)]) == 1
    assert stored(store) == one_by_one != []


async def test_all_batches_are_in_and_found(store: KnowledgeStore, embedder: Embedder) -> None:
    batches = [rows(range(start, start + 10), embedder.dim) for start in range(0, 50, 10)]
    assert await abulk_add(store, batches, replace=False, at_once=2) == 50
    settle(store)
    assert store.count() == 50
    (hit,) = store.search(vector(33, embedder.dim), 1)
    assert hit.node.node_id == "c33"


async def test_same_rows_again_change_nothing(store: KnowledgeStore, embedder: Embedder) -> None:
    for _ in range(2):
        await abulk_add(store, [rows(range(20), embedder.dim)])
    assert store.count() == 20


async def test_no_more_batches_are_made_than_there_is_room_for(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    most = made = 0

    def batches() -> Iterator[list[Row]]:
        nonlocal made, most
        for number in range(6):
            made += 1
            most = max(most, made - store.count() // 2)
            yield rows(range(number * 2, number * 2 + 2), embedder.dim)

    await abulk_add(store, batches(), at_once=2)
    assert (made, store.count()) == (6, 12)
    assert most <= 3


async def test_what_milvus_refuses_is_an_error_of_ours(store: KnowledgeStore, embedder: Embedder) -> None:
    good, bad = rows(range(2), embedder.dim), rows(range(2, 4), embedder.dim + 1)
    with pytest.raises(StoreError):
        await abulk_add(store, [good, bad], at_once=1)
    assert store.count() == 2

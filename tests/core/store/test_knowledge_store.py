"""The store's contract, on a real Milvus Lite; sync and async must agree."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from core.config.settings import Settings
from core.embedding.model import Embedder
from core.errors import (
    ForeignCollectionError,
    KnowledgeBaseNotFoundError,
    ModelMismatchError,
)
from core.store import (
    KnowledgeStore,
    collection_name,
    connect,
    knowledge_bases,
)
from core.store.knowledge_store import COUNTED_ALONE
from tests.conftest import release_lite
from tests.nodes import made_node
from tests.two_versions import NEW, OLD, fee_file, ingest

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore, TextNode

DIM = 384


def _nodes(document_id: str, num_chunks: int, *, total: int | None = None) -> list[TextNode]:
    extra = {
        "size_bytes": 10,
        "num_pages": num_chunks,
        "num_chunks": total or num_chunks,
        "ingested_at": "2026-11-22T10:00:00+00:00",
    }
    return [
        made_node(
            f"text {position}",
            _axis(position),
            id=f"{document_id}-{position}",
            document_id=document_id,
            file=f"{document_id}.pdf",
            page=position + 1,
            position=position,
            extra=extra,
        )
        for position in range(num_chunks)
    ]


def _axis(position: int) -> list[float]:
    return [1.0 if index == position else 0.0 for index in range(DIM)]


def _found(hits: Sequence[NodeWithScore]) -> list[tuple[str, float]]:
    return [(hit.node.node_id, round(hit.score or 0.0, 4)) for hit in hits]


async def test_sync_and_async_add_and_search_agree(store: KnowledgeStore) -> None:
    assert store.add(_nodes("a", 3)) == ["a-0", "a-1", "a-2"]
    assert await store.aadd(_nodes("b", 3)) == ["b-0", "b-1", "b-2"]
    sync, awaited = store.search(_axis(1), 2), await store.asearch(_axis(1), 2)
    assert _found(sync) == _found(awaited)
    assert {name for name, _ in _found(sync)} == {"a-1", "b-1"}
    assert sync[0].score == pytest.approx(1.0, abs=1e-3)


async def test_hit_carries_text_file_and_page(store: KnowledgeStore) -> None:
    store.add(_nodes("a", 2))
    node = (await store.asearch(_axis(1), 1))[0].node
    assert node.get_content() == "text 1"
    assert (node.metadata["file"], node.metadata["page"], node.ref_doc_id) == ("a.pdf", 2, "a")


async def test_adding_the_same_ids_twice_adds_nothing(store: KnowledgeStore) -> None:
    store.add(_nodes("a", 3))
    await store.aadd(_nodes("a", 3))
    assert store.count() == 3
    assert store.chunk_ids("a") == {"a-0", "a-1", "a-2"}


async def test_search_of_an_empty_knowledge_base_finds_nothing(store: KnowledgeStore) -> None:
    assert store.search(_axis(0), 5) == []
    assert await store.asearch(_axis(0), 5) == []
    assert store.documents() == []


async def test_delete_removes_all_of_a_document_and_nothing_else(store: KnowledgeStore) -> None:
    store.add(_nodes("a", 4))
    store.add(_nodes("b", 2))
    assert store.delete_document("a") == 4
    assert store.count("a") == 0
    assert [document.id for document in store.documents()] == ["b"]


async def test_document_cut_short_is_listed_as_incomplete(store: KnowledgeStore) -> None:
    store.add(_nodes("a", 2, total=5))
    (document,) = store.documents()
    assert (document.chunks_present, document.num_chunks, document.is_complete) == (2, 5, False)


async def test_one_document_is_the_same_as_in_the_list(store: KnowledgeStore) -> None:
    store.add(_nodes("a", 2, total=5))
    store.add(_nodes("b", 3))
    store.add(_nodes("c", 2, total=COUNTED_ALONE + 1))
    assert {store.document(name) for name in "abc"} == set(store.documents())
    assert store.document("d") is None


async def test_everything_is_there_after_a_restart(lite: Settings) -> None:
    first = KnowledgeStore.open(lite.target, "kept", model="m", dim=DIM)
    first.add(_nodes("a", 3))
    release_lite(lite.target.uri)
    again = KnowledgeStore.open(lite.target, "kept", model="m", dim=DIM, create=False)
    assert again.count() == 3
    assert _found(await again.asearch(_axis(2), 1)) == [("a-2", 1.0)]


async def test_flush_keeps_every_row_findable(store: KnowledgeStore) -> None:
    store.add(_nodes("a", 5))
    store.flush()
    assert [store.search(_axis(position), 1)[0].node.node_id for position in range(5)] == [
        f"a-{position}" for position in range(5)
    ]


def test_opening_with_another_model_is_refused_with_what_to_do(lite: Settings) -> None:
    KnowledgeStore.open(lite.target, "kb", model="model-a", dim=8)
    for model, dim in (("model-b", 8), ("model-a", 16)):
        with pytest.raises(ModelMismatchError, match=r"model-a.*8 dimensions.*EMBED_MODEL"):
            KnowledgeStore.open(lite.target, "kb", model=model, dim=dim)


def test_missing_knowledge_base_is_named_when_it_must_exist(lite: Settings) -> None:
    with pytest.raises(KnowledgeBaseNotFoundError, match="'nope'"):
        KnowledgeStore.open(lite.target, "nope", model="m", dim=8, create=False)


def test_foreign_collection_of_the_same_name_is_left_alone(lite: Settings) -> None:
    client = connect(lite.target)
    client.create_collection(collection_name("default"), dimension=4)
    client.insert(collection_name("default"), [{"id": 1, "vector": [0.1, 0.2, 0.3, 0.4]}])
    with pytest.raises(ForeignCollectionError, match="left alone"):
        KnowledgeStore.open(lite.target, "default", model="m", dim=8)
    assert knowledge_bases(lite.target) == []
    assert client.query(collection_name("default"), filter="id == 1", output_fields=["id"])[0]["id"] == 1


def test_knowledge_bases_are_listed_with_model_and_rows(lite: Settings) -> None:
    KnowledgeStore.open(lite.target, "zwei", model="m", dim=DIM).add(_nodes("a", 2))
    KnowledgeStore.open(lite.target, "Ünï côdé", model="n", dim=8)
    found = [(info.name, info.model, info.dim, info.num_chunks) for info in knowledge_bases(lite.target)]
    assert found == [("zwei", "m", DIM, 2), ("Ünï côdé", "n", 8, 0)]


async def test_older_versions_are_known_anew_after_each_write(
    store: KnowledgeStore, lite: Settings, embedder: Embedder
) -> None:
    await ingest(store, embedder, fee_file(OLD))
    assert store.older_versions() == {}
    await ingest(store, embedder, fee_file(NEW))
    assert len(store.older_versions()) == 1
    kept = store.older_versions()
    assert await asyncio.to_thread(store.older_versions) is kept, "Milvus is not asked again"

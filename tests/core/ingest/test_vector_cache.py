"""Passages that come again: embedded once, in the knowledge base each time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.ingest.pipeline import Ingest
from core.ingest.progress import IngestSnapshot, Stage
from core.ingest.vector_cache import VectorCache
from core.store import KnowledgeStore
from tests.documents import build_pdf

PAGES = [f"Page {i} tells of thing {i * 31}, of its colour and of its weight in spring." for i in range(12)]


class CountingEmbedder:
    """The real model, which keeps the texts that it was given."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.tokenization = embedder.tokenization
        self.parallel = 1
        self.texts: list[str] = []

    async def aembed(self, texts: list[str]) -> np.ndarray:
        self.texts += texts
        return await self._embedder.aembed(texts)


def _pdf(name: str, pages: Sequence[str]) -> IncomingFile:
    data = build_pdf(list(pages))
    return IncomingFile(name=name, size_bytes=len(data), read=lambda: data)


async def _ingest(
    store: KnowledgeStore, embedder: CountingEmbedder, vectors: VectorCache | None, *files: IncomingFile
) -> IngestSnapshot:
    job = Ingest(files, store=store, embedder=embedder, vectors=vectors)  # type: ignore[arg-type]
    return await job.run()


async def test_new_version_of_a_document_embeds_only_the_pages_that_changed(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    counting, vectors = CountingEmbedder(embedder), VectorCache()
    changed = [*PAGES[:5], "This page was written anew.", *PAGES[6:]]
    snapshot = await _ingest(store, counting, vectors, _pdf("v1.pdf", PAGES), _pdf("v2.pdf", changed))
    assert sorted(counting.texts) == sorted([*PAGES, "This page was written anew."])
    first, second = snapshot.files
    assert (first.stage, first.chunks_added, first.chunks_reused) == (Stage.DONE, 12, 0)
    assert (second.stage, second.chunks_added, second.chunks_reused) == (Stage.DONE, 12, 11)
    assert store.count() == 24
    assert "12 chunks (11 of them embedded before)" in snapshot.log[-1].event


async def test_deleted_document_comes_back_without_the_model_and_with_the_same_vectors(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    counting, vectors = CountingEmbedder(embedder), VectorCache()
    question = await embedder.aembed_query(PAGES[7])
    await _ingest(store, counting, vectors, _pdf("a.pdf", PAGES))
    hits = await store.asearch(question, 12)
    store.delete_document(store.documents()[0].id)
    assert store.count() == 0
    counting.texts.clear()
    await _ingest(store, counting, vectors, _pdf("a.pdf", PAGES))
    again = await store.asearch(question, 12)
    assert counting.texts == []
    # Milvus sums up in another order where rows lie otherwise.
    assert {hit.node_id: hit.score for hit in again} == pytest.approx(
        {hit.node_id: hit.score for hit in hits}
    )


async def test_without_a_cache_every_passage_is_embedded(store: KnowledgeStore, embedder: Embedder) -> None:
    counting = CountingEmbedder(embedder)
    files = _pdf("v1.pdf", PAGES), _pdf("v2.pdf", [*PAGES, "One page more."])
    snapshot = await _ingest(store, counting, None, *files)
    assert len(counting.texts) == 25
    assert [file.chunks_reused for file in snapshot.files] == [0, 0]


def test_full_cache_lets_go_of_what_was_not_used_for_longest() -> None:
    vector = np.ones(4, dtype=np.float32)
    cache = VectorCache(max_bytes=3 * vector.nbytes)
    for name in ("a", "b", "c"):
        cache.put(name, vector)
    assert cache.get("a") is not None
    cache.put("d", vector)
    assert [name for name in "abcd" if cache.get(name) is not None] == ["a", "c", "d"]


def test_vector_that_is_put_twice_takes_its_room_once() -> None:
    vector = np.ones(4, dtype=np.float32)
    cache = VectorCache(max_bytes=2 * vector.nbytes)
    for name in ("a", "b", "b", "b"):
        cache.put(name, vector)
    assert cache.get("a") is not None


def test_kept_vector_does_not_change_with_the_batch_it_came_from() -> None:
    batch = np.ones((2, 4), dtype=np.float32)
    cache = VectorCache()
    cache.put("a", batch[0])
    batch[:] = 7
    kept = cache.get("a")
    assert kept is not None and kept.tolist() == [1, 1, 1, 1]

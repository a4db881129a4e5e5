"""The index of words follows what is in Milvus, whoever writes it; on a real Milvus Lite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from core.embedding.model import Embedder
from core.store import KnowledgeStore
from core.store.word_search import WordSearch
from tests.nodes import made_node

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode


def _nodes(document_id: str, *texts: str, language: str | None = "en") -> list[TextNode]:
    return [
        made_node(
            text,
            [1.0] * 384,
            id=f"{document_id}-{position}",
            document_id=document_id,
            position=position,
            extra={"num_chunks": len(texts), "ingested_at": "2026-11-26", "origin": "", "language": language},
        )
        for position, text in enumerate(texts)
    ]


def _best(search: WordSearch, question: str) -> list[str]:
    found = search.search(question, 5)
    assert found is not None
    return sorted(found.best)


async def test_what_is_added_and_deleted_here_is_followed_at_once(store: KnowledgeStore) -> None:
    await store.aadd(_nodes("harbour", "A lighthouse.", "A quay."))
    assert _best(store.word_search, "lighthouse") == ["harbour-0"]
    await store.aadd(_nodes("coast", "Another lighthouse."))
    assert _best(store.word_search, "lighthouse") == ["coast-0", "harbour-0"]
    store.delete_document("harbour")
    assert _best(store.word_search, "lighthouse") == ["coast-0"]
    await store.aadd(_nodes("harbour", "A lighthouse.", "A quay."))
    assert _best(store.word_search, "quay") == ["harbour-1"]


async def test_what_others_write_is_followed_after_a_while(store: KnowledgeStore) -> None:
    await store.aadd(_nodes("harbour", "A lighthouse."))
    soon, later = WordSearch(store, kept_s=0.0), WordSearch(store, kept_s=3600.0)
    assert _best(soon, "lighthouse") == _best(later, "lighthouse") == ["harbour-0"]
    # These two are told nothing by the store, as if another process wrote.
    await store.aadd(_nodes("coast", "Another lighthouse."))
    store.delete_document("harbour")
    assert _best(soon, "lighthouse") == ["coast-0"]
    assert _best(later, "lighthouse") == ["harbour-0"]


async def test_language_that_was_not_noted_is_told_from_the_text(store: KnowledgeStore) -> None:
    text = "Маяк в гавани построен в 1897 году. Его высота тридцать семь метров."
    await store.aadd(_nodes("mayak", text, language=None))
    found = store.word_search.search("Кто построил маяки?", 5)
    assert found is not None and found.languages == {"ru"}
    assert found.best == ("mayak-0",)


@pytest.mark.parametrize("texts", [{"a": 3}, {"a": 1, "b": 2}])
async def test_too_many_passages_are_not_indexed(texts: Mapping[str, int], store: KnowledgeStore) -> None:
    for name, number in texts.items():
        await store.aadd(_nodes(name, *["A lighthouse."] * number))
    assert WordSearch(store, max_chunks=2).search("lighthouse", 5) is None
    assert WordSearch(store, max_chunks=3).search("lighthouse", 5) is not None


async def test_fetched_chunks_are_as_searched_ones(store: KnowledgeStore, embedder: Embedder) -> None:
    await store.aadd(_nodes("harbour", "A lighthouse.", "A quay."))
    vector = embedder.embed_query("lighthouse")
    searched = {hit.node.node_id: hit for hit in await store.asearch(vector, 5)}
    for hit in await store.aget(["harbour-1", "gone", "harbour-0"], vector):
        other = searched[hit.node.node_id]
        assert hit.score == pytest.approx(other.score, abs=1e-5)
        assert (hit.node.get_content(), hit.node.metadata) == (other.node.get_content(), other.node.metadata)
        assert hit.node.embedding is None
    assert await store.aget([], vector) == []

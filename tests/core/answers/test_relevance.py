"""How relevant passages are, by hits with similarities that are easy to reckon with."""

from __future__ import annotations

from llama_index.core.schema import NodeWithScore, TextNode

from core.answers.relevance import Relevance
from core.embedding.model import Embedder


def _hit(name: str, score: float) -> NodeWithScore:
    return NodeWithScore(node=TextNode(id_=name, text=name), score=score)


def test_most_relevant_comes_first_and_chance_is_one_half(embedder: Embedder) -> None:
    mean, deviation = embedder.unrelated_similarity
    hits = [_hit("below", mean - deviation), _hit("chance", mean + 3 * deviation), _hit("near", 0.9)]
    ranked = Relevance.of(embedder, None).ranked(hits)
    relevance = {hit.node.node_id: round(value, 3) for hit, value in ranked}
    assert list(relevance) == ["near", "chance", "below"]
    assert (relevance["chance"], relevance["below"]) == (0.5, 0.0)


def test_far_less_relevant_ones_are_left_out_but_never_the_first(embedder: Embedder) -> None:
    relevance = Relevance.of(embedder, None)
    ranked = [(_hit("first", 0.1), 0.1), (_hit("second", 0.1), 0.2), (_hit("third", 0.1), 0.1)]
    kept = [hit.node.node_id for hit, _ in relevance.near_enough(ranked, 0.5)]
    assert kept == ["first", "second"]
    assert relevance.near_enough([], 0.5) == []

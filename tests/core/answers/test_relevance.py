"""How relevant passages are, and the verdict whether one is an answer; without Milvus."""

from __future__ import annotations

import pytest
from llama_index.core.schema import NodeWithScore, TextNode

from core.answers.relevance import Relevance
from core.documents.languages import language_of
from core.embedding.model import Embedder
from core.store.lexical_index import IndexedChunk, LexicalIndex


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


PASSAGES = {
    "lighthouse": "The lighthouse on Gull Point is thirty-four metres high and was built in 1899.",
    "bakery": "The bakery opens at six, and its rye bread rises over night in the cellar.",
    "manual": "Unscrew part QX-4471 before the valve is opened; part QX-4480 stays where it is.",
}


def _relevance_of(
    embedder: Embedder, question: str, texts: dict[str, str] = PASSAGES, language: str = "en"
) -> tuple[Relevance, list[NodeWithScore]]:
    """What tells for a question, and all passages as hits of the model's search."""
    index = LexicalIndex()
    index.add(IndexedChunk(name, name, 0, text, language) for name, text in texts.items())
    words = index.search(question, len(texts), language=language_of(question))
    similarities = embedder.embed(list(texts.values())) @ embedder.embed_query(question)
    hits = [_hit(name, float(score)) for name, score in zip(texts, similarities, strict=True)]
    return Relevance.of(embedder, words), hits


@pytest.mark.parametrize(
    ("question", "verdict"),
    [
        ("How high is the lighthouse on Gull Point?", "found"),
        ("Which enzyme splits lactose in the small intestine?", "not_found"),
        # A name that is written in one way only decides alone.
        ("What is to be done with QX-4471?", "found"),
        ("What is to be done with QX-9999?", "not_found"),
    ],
)
def test_verdict_is_by_what_the_best_passage_shares_with_the_question(
    embedder: Embedder, question: str, verdict: str
) -> None:
    relevance, hits = _relevance_of(embedder, question)
    assert relevance.verdict(hits, language_of(question), 0.5) == verdict


def test_every_passage_is_found_where_nothing_is_asked_of_it(embedder: Embedder) -> None:
    relevance, hits = _relevance_of(embedder, "Which enzyme splits lactose in the small intestine?")
    assert relevance.verdict(hits, "en", 0.0) == "found"
    assert relevance.verdict([], "en", 0.0) == "not_found"


def test_verdict_across_letters_that_the_model_was_not_made_for_is_that_it_can_not_tell(
    embedder: Embedder,
) -> None:
    question = "Насколько высок маяк?"
    relevance, hits = _relevance_of(embedder, question)
    assert relevance.verdict(hits, language_of(question), 0.5) == "unclear"


@pytest.mark.parametrize(("language", "counts"), [("en", True), ("ru", True), ("zh", False), ("th", False)])
def test_meaning_counts_only_in_letters_that_the_model_knows(
    embedder: Embedder, language: str, counts: bool
) -> None:
    """Of Chinese more than half is unknown to the bundled model's tokenizer."""
    mean, deviation = embedder.unrelated_similarity
    relevance, _ = _relevance_of(embedder, "?", {"near": "1", "far": "2"}, language)
    hits = [_hit("far", mean), _hit("near", mean + 4 * deviation)]
    ranked = {hit.node.node_id: value for hit, value in relevance.ranked(hits)}
    assert (ranked["near"] > ranked["far"]) == counts

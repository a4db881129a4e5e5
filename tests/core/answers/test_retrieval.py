"""Ways of searching, over a real Milvus Lite with the bundled model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from core.answers.retrieval import (
    ALSO_IN,
    DEFAULT_RETRIEVAL,
    IS_OLDER,
    MIN_RELEVANCE,
    Found,
    Retrieval,
    RetrievalMode,
    diverse,
    retrieve,
)
from core.config.settings import Settings
from core.embedding.model import Embedder
from core.errors import TextSearchMissingError
from core.store import KnowledgeStore, connect
from core.store.names import collection_name
from core.store.schema import collection_properties
from core.store.word_search import WordSearch
from tests.nodes import made_node

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore

TEXTS = {
    "a": "Milvus is a database for vectors.",
    "b": "Milvus is a database for vectors, and a fast one.",
    "c": "The part with the number QX-7741 is a small brass screw.",
    "d": "Async code overlaps the waiting for a database.",
    "e": "Bread rises for an hour before it is baked.",
}


@pytest.fixture
async def filled(store: KnowledgeStore, embedder: Embedder) -> KnowledgeStore:
    vectors = embedder.embed(list(TEXTS.values()))
    nodes = [
        made_node(
            text, vector, id=name, document_id=f"doc-{name}", file=f"{name}.txt", extra={"num_chunks": 1}
        )
        for (name, text), vector in zip(TEXTS.items(), vectors, strict=True)
    ]
    await store.aadd(nodes)
    return store


async def _found(
    store: KnowledgeStore, embedder: Embedder, question: str, settings: Retrieval
) -> list[tuple[str, float]]:
    hits = (await retrieve(question, store=store, embedder=embedder, settings=settings)).hits
    return [(hit.node.node_id, hit.score or 0.0) for hit in hits]


async def test_hybrid_finds_a_rare_word(filled: KnowledgeStore, embedder: Embedder) -> None:
    settings = Retrieval(mode="hybrid", min_relevance=0.0, top_k=1)
    assert [name for name, _ in await _found(filled, embedder, "QX-7741", settings)] == ["c"]


@pytest.mark.parametrize("mmr", [None, 0.5])
@pytest.mark.parametrize("mode", ["dense", "hybrid"])
async def test_score_is_the_cosine_similarity_in_every_mode(
    filled: KnowledgeStore, embedder: Embedder, mode: str, mmr: float | None
) -> None:
    question = "Which database is for vectors?"
    settings = Retrieval(mode=mode, mmr=mmr, min_relevance=0.0, top_k=4)  # type: ignore[arg-type]
    expected = embedder.embed(list(TEXTS.values())) @ np.asarray(embedder.embed_query(question))
    by_name = dict(zip(TEXTS, expected, strict=True))
    found = await _found(filled, embedder, question, settings)
    assert found
    for name, score in found:
        assert score == pytest.approx(by_name[name], abs=1e-3)


async def test_mmr_prefers_what_does_not_repeat(filled: KnowledgeStore, embedder: Embedder) -> None:
    question = "Which database is for vectors?"
    plain = await _found(filled, embedder, question, Retrieval(top_k=2, min_relevance=0.1))
    diverse = await _found(filled, embedder, question, Retrieval(top_k=2, min_relevance=0.1, mmr=0.3))
    assert {name for name, _ in plain} == {"a", "b"}
    assert diverse[0] == plain[0]
    assert {name for name, _ in diverse} != {"a", "b"}


@pytest.mark.parametrize("mode", ["dense", "hybrid"])
async def test_filter_by_document_leaves_the_others_out(
    filled: KnowledgeStore, embedder: Embedder, mode: str
) -> None:
    settings = Retrieval(mode=mode, min_relevance=-1.0, document_ids=("doc-d", "doc-e"))  # type: ignore[arg-type]
    found = await _found(filled, embedder, "Which database is for vectors?", settings)
    assert {name for name, _ in found} == {"d", "e"}


async def test_verdict_is_that_nothing_was_found_when_no_passage_is_relevant_enough(
    filled: KnowledgeStore, embedder: Embedder
) -> None:
    async def verdict(question: str, min_relevance: float = MIN_RELEVANCE) -> str:
        settings = Retrieval(min_relevance=min_relevance)
        found = await retrieve(question, store=filled, embedder=embedder, settings=settings)
        assert found.hits, "a language model may see them all the same"
        return found.verdict

    assert await verdict("Which database is for vectors?") == "found"
    assert await verdict("Which database is for vectors?", min_relevance=0.99) == "not_found"
    assert await verdict("How long does a flight to Lisbon take?") == "not_found"
    assert await verdict("How long does a flight to Lisbon take?", min_relevance=0) == "found"


async def test_passage_with_the_words_of_the_question_comes_before_one_nearer_in_meaning(
    filled: KnowledgeStore, embedder: Embedder
) -> None:
    question = "How many small vectors overlap?"
    by_meaning = await _found(filled, embedder, question, Retrieval(min_relevance=0, mode="dense"))
    ranked = await _found(filled, embedder, question, Retrieval(min_relevance=0))
    assert [name for name, _ in by_meaning if name in "de"] == ["e", "d"]
    assert [name for name, _ in ranked if name in "de"] == ["d", "e"]


async def test_passage_near_enough_in_meaning_needs_no_word_in_common(
    filled: KnowledgeStore, embedder: Embedder
) -> None:
    found = await retrieve(
        "When do loaves leaven?", store=filled, embedder=embedder, settings=DEFAULT_RETRIEVAL
    )
    assert (found.verdict, found.hits[0].node.node_id) == ("found", "e")


@pytest.mark.parametrize("mode", ["dense", "hybrid"])
async def test_five_passages_are_returned_unless_another_number_is_asked_for(
    mode: RetrievalMode, store: KnowledgeStore, embedder: Embedder
) -> None:
    await _fill(store, embedder, {"fees": [f"The fee of club {number} is paid." for number in range(9)]})
    assert len(await _found(store, embedder, "club fee", Retrieval(mode=mode))) == 5
    assert len(await _found(store, embedder, "club fee", Retrieval(mode=mode, top_k=1))) == 1
    assert len(await _found(store, embedder, "club fee", Retrieval(mode=mode, top_k=20))) == 9


async def test_passage_with_the_words_is_found_however_many_are_nearer_in_meaning(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    question = "Кому платятся членские взносы?"
    near = np.asarray(embedder.embed_query(question))
    texts = [f"Наш клуб номер {n} собирается весной." for n in range(50)] + ["Взносы платят казначею."]
    nodes = [
        made_node(
            text,
            -near if n == 50 else near,
            id=f"n{n}",
            document_id=f"d{n}",
            file="club.txt",
            extra={"num_chunks": 1},
        )
        for n, text in enumerate(texts)
    ]
    await store.aadd(nodes)
    (best, score), *_ = await _found(store, embedder, question, Retrieval())
    assert best == "n50"
    assert score == pytest.approx(-1, abs=1e-3)


async def test_rare_word_is_found_in_a_knowledge_base_too_large_to_index(
    filled: KnowledgeStore, embedder: Embedder
) -> None:
    filled.word_search = WordSearch(filled, max_chunks=1)
    found = await retrieve("QX-7741", store=filled, embedder=embedder, settings=DEFAULT_RETRIEVAL)
    assert (found.verdict, found.hits[0].node.node_id) == ("found", "c")
    unrelated = await retrieve(
        "How long does a flight to Lisbon take?", store=filled, embedder=embedder, settings=DEFAULT_RETRIEVAL
    )
    assert unrelated.verdict == "not_found"


async def test_documents_in_other_languages_than_the_question_leave_it_unclear(
    filled: KnowledgeStore, embedder: Embedder
) -> None:
    async def found(question: str) -> Found:
        return await retrieve(question, store=filled, embedder=embedder, settings=DEFAULT_RETRIEVAL)

    asked = await found("Как долго поднимается тесто для хлеба?")
    assert (asked.verdict, asked.question_language) == ("unclear", "ru")
    assert "en" in asked.languages
    assert (await found("How long does a flight to Lisbon take?")).verdict == "not_found"


async def test_sync_and_awaited_hybrid_search_agree(filled: KnowledgeStore, embedder: Embedder) -> None:
    vector = embedder.embed_query("brass screw")
    sync = filled.search(vector, 3, words="brass screw")
    awaited = await filled.asearch(vector, 3, words="brass screw")
    assert [(hit.node.node_id, hit.score) for hit in sync] == [
        (hit.node.node_id, hit.score) for hit in awaited
    ]


async def test_hit_carries_no_vector_unless_asked(filled: KnowledgeStore, embedder: Embedder) -> None:
    vector = embedder.embed_query("bread")
    assert filled.search(vector, 1)[0].node.embedding is None
    assert len(filled.search(vector, 1, with_vectors=True)[0].node.get_embedding()) == embedder.dim


async def test_knowledge_base_without_text_index_opens_and_says_why_hybrid_is_missing(
    lite: Settings, embedder: Embedder
) -> None:
    client = connect(lite.target)
    name = collection_name("old")
    _create_as_before(client, name, embedder)
    old = KnowledgeStore.open(lite.target, "old", model=embedder.name, dim=embedder.dim)
    assert not old.supports_hybrid
    assert old.hybrid_reason and "without a text index" in old.hybrid_reason
    with pytest.raises(TextSearchMissingError, match="without a text index"):
        old.search([0.0] * embedder.dim, 1, words="anything")
    await old.aclose()


def _create_as_before(client: object, name: str, embedder: Embedder) -> None:
    """The schema of a knowledge base that was made before there was a text index."""
    from pymilvus import DataType, MilvusClient

    assert isinstance(client, MilvusClient)
    schema = client.create_schema(auto_id=False, enable_dynamic_field=True)
    for field in ("id", "doc_id"):
        schema.add_field(field, DataType.VARCHAR, max_length=64, is_primary=field == "id")
    schema.add_field("text", DataType.VARCHAR, max_length=65_535)
    schema.add_field("position", DataType.INT64)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=embedder.dim)
    index = client.prepare_index_params()
    index.add_index("embedding", index_type="FLAT", metric_type="COSINE")
    client.create_collection(name, schema=schema, index_params=index)
    client.alter_collection_properties(
        name, collection_properties("old", model=embedder.name, dim=embedder.dim)
    )


def test_mmr_remembers_everything_that_it_has_chosen() -> None:
    from llama_index.core.schema import NodeWithScore, TextNode

    # The third repeats the first, not the second, which was chosen last.
    vectors = {
        "first": [1.0, 0.0, 0.0],
        "other": [0.0, 1.0, 0.0],
        "again": [1.0, 0.01, 0.0],
        "new": [0.0, 0.0, 1.0],
    }
    relevance = {"first": 0.9, "other": 0.85, "again": 0.84, "new": 0.5}
    ranked = [
        (NodeWithScore(node=TextNode(id_=name, embedding=vector)), relevance[name])
        for name, vector in vectors.items()
    ]
    assert [hit.node.node_id for hit in diverse(ranked, 3, weight=0.5)] == ["first", "other", "new"]


# What follows needs no Milvus: hits with similarities that are easy to reckon with.


def hit_of(
    name: str, score: float | None, text: str = "", vector: Sequence[float] | None = None
) -> NodeWithScore:
    from llama_index.core.schema import NodeWithScore, TextNode

    embedding = None if vector is None else list(vector)
    return NodeWithScore(node=TextNode(id_=name, text=text, embedding=embedding), score=score)


def names_of(hits: Iterable[NodeWithScore]) -> list[str]:
    return [hit.node.node_id for hit in hits]


MMR = [
    (hit_of("first", None, vector=[2.0, 0.0]), 0.9),
    (hit_of("same", None, vector=[9.0, 0.0]), 0.8),
    (hit_of("near", None, vector=[3.0, 4.0]), 0.7),
    (hit_of("other", None, vector=[0.0, 0.1]), 0.3),
]


@pytest.mark.parametrize(
    ("weight", "chosen"),
    [
        (1.0, ["first", "same", "near", "other"]),
        # 0.5 * 0.7 - 0.5 * 0.6 = 0.05, against -0.1 of the same and 0.15 of the other.
        (0.5, ["first", "other", "near", "same"]),
        # 0.8 * 0.7 - 0.2 * 0.6 = 0.44, against 0.44 and 0.24: of equals the more relevant.
        (0.79, ["first", "near", "same", "other"]),
        (0.81, ["first", "same", "near", "other"]),
        (0.0, ["first", "other", "near", "same"]),
    ],
)
def test_mmr_weighs_relevance_against_what_was_said_already(weight: float, chosen: list[str]) -> None:
    assert names_of(diverse(MMR, 4, weight=weight)) == chosen
    assert names_of(diverse(MMR, 2, weight=weight)) == chosen[:2]


def test_mmr_of_fewer_passages_than_asked_for_returns_each_once() -> None:
    assert sorted(names_of(diverse(MMR, 10, weight=0.5))) == ["first", "near", "other", "same"]
    assert names_of(diverse(MMR[:1], 3, weight=0.5)) == ["first"]
    assert diverse([], 3, weight=0.5) == []


def test_mmr_of_a_passage_without_direction_is_no_error() -> None:
    nowhere = (hit_of("nowhere", None, vector=[0.0, 0.0]), 0.5)
    assert names_of(diverse([MMR[0], nowhere], 2, weight=0.5)) == ["first", "nowhere"]


def test_mmr_takes_nothing_that_repeats_what_it_chose_last() -> None:
    axes = np.eye(4)
    ranked = [
        (hit_of("first", None, vector=axes[0].tolist()), 0.9),
        (hit_of("second", None, vector=axes[1].tolist()), 0.85),
        (hit_of("third", None, vector=axes[2].tolist()), 0.8),
        (hit_of("third again", None, vector=axes[2].tolist()), 0.79),
        (hit_of("new", None, vector=axes[3].tolist()), 0.5),
    ]
    assert names_of(diverse(ranked, 4, weight=0.5)) == ["first", "second", "third", "new"]


Texts = dict[str, list[str]]


async def _fill(
    store: KnowledgeStore, embedder: Embedder, documents: Texts, *, minute: int = 0, file: str = ""
) -> None:
    """Each text is a chunk. file: the name of all of them; each document's own when not given."""
    for name, texts in documents.items():
        at = f"2026-11-26T20:{minute:02}:00+00:00"
        extra = {"num_chunks": len(texts), "origin": "", "ingested_at": at}
        vectors = embedder.embed(texts)
        nodes = [
            made_node(
                text,
                vector,
                id=f"{name}-{position}",
                document_id=name,
                file=file,
                position=position,
                extra=extra,
            )
            for position, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]
        await store.aadd(nodes)


FEE = "What is the membership fee?"
FEES = [f"The membership fee of the {club} club is paid in spring." for club in ("rowing", "chess", "tennis")]


@pytest.mark.parametrize("mmr", [None, 0.8])
async def test_copies_are_shown_once_and_others_take_their_places(
    mmr: float | None, store: KnowledgeStore, embedder: Embedder
) -> None:
    # More copies than are looked at in the first search.
    copies = {f"copy-{number:02}": ["The membership fee is 150 euros."] for number in range(15)}
    await _fill(store, embedder, {"fees": FEES} | copies)
    settings = Retrieval(top_k=3, mmr=mmr)
    hits = (await retrieve(FEE, store=store, embedder=embedder, settings=settings)).hits
    texts = [hit.node.get_content() for hit in hits]
    assert len(texts) == len(set(texts)) == 3
    assert texts[0] == "The membership fee is 150 euros."
    others = {metadata["file"] for metadata in hits[0].node.metadata[ALSO_IN]}
    assert len({hits[0].node.metadata["file"], *others}) == 15


@pytest.mark.parametrize("mmr", [None, 0.8])
async def test_newer_version_comes_before_the_older_one_whichever_fits_better(
    mmr: float | None, store: KnowledgeStore, embedder: Embedder
) -> None:
    await _fill(store, embedder, {"old": ["The membership fee is 120 euros."]}, file="fee.txt")
    await _fill(store, embedder, {"fees": FEES}, minute=1)
    await _fill(
        store, embedder, {"new": ["The yearly membership fee is 150 euros."]}, minute=2, file="fee.txt"
    )
    alone = await _found(store, embedder, FEE, Retrieval(document_ids=("old", "new"), mmr=mmr))
    settings = Retrieval(top_k=2, mmr=mmr)
    found = (await retrieve(FEE, store=store, embedder=embedder, settings=settings)).hits
    scores = dict(alone)
    assert scores["old-0"] > scores["new-0"], "the older one fits better"
    assert (found[0].node.node_id, found[0].node.metadata[IS_OLDER]) == ("new-0", False)
    assert mmr or [hit.node.node_id for hit in found] == ["new-0", "old-0"]
    assert [name for name, _ in alone] == ["new-0", "old-0"]


async def test_older_version_is_left_out_where_the_newer_says_the_same(
    store: KnowledgeStore, embedder: Embedder
) -> None:
    shared = "The membership fee is paid in spring, at the latest by the end of April, in cash or by transfer"
    await _fill(store, embedder, {"old": [f"{shared}, to Anna."]}, file="fee.txt")
    await _fill(store, embedder, {"new": [f"{shared}, to Bob."]}, minute=1, file="fee.txt")
    (hit,) = (await retrieve(FEE, store=store, embedder=embedder, settings=Retrieval())).hits
    assert (hit.node.node_id, hit.node.metadata[IS_OLDER]) == ("new-0", False)
    assert [metadata[IS_OLDER] for metadata in hit.node.metadata[ALSO_IN]] == [True]

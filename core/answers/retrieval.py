"""From a question to the passages that may answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from core.answers.named import about_what_is_named
from core.answers.relevance import Relevance, Verdict
from core.answers.repeats import Passage, newer_first, without_repeats
from core.documents.languages import language_of
from core.runtime.surrogates import as_unicode

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore

    from core.answers.relevance import Ranked
    from core.embedding.model import Embedder
    from core.store import KnowledgeStore
    from core.store.lexical_index import WordMatches

DEFAULT_TOP_K = 5
# As much as an unrelated passage may have by chance: see `core.answers.relevance`.
MIN_RELEVANCE = 0.5
# Chosen from this many times as many passages as are returned, and at least from so many: the best one is
# often neither the one most similar in meaning nor the one with most of the words.
POOL, LEAST_POOL = 4, 30
# Where repetitions filled that, they are searched for again, until this many.
MAX_POOL = 400
# For those who want less repetition: mostly how well a passage fits, a little how much it adds. Lower values
# lost answers when measured.
MMR_WEIGHT = 0.8

# What is added to a passage's metadata here.
IS_OLDER, ALSO_IN, RELEVANCE = "is_older", "also_in", "relevance"

RetrievalMode = Literal["dense", "hybrid"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrieval:
    """How passages are searched for.

    Attributes:
        top_k: The most passages that are returned.
        min_relevance: 0 to 1, that the best passage must reach, or the documents do not say it; 0.5 is what
            an unrelated passage may have by chance. A question with a long number or a code is decided by
            whether a passage has that, whatever is asked here; with 0 every question is answered.
        mode: "hybrid" searches by meaning and by words, "dense" by meaning only.
        mmr: Maximal marginal relevance: 1 looks only at how well a passage fits, 0 only at how little it
            repeats those already chosen; None leaves the order as found.
        document_ids: Search only in these documents; empty for all.
    """

    top_k: int = DEFAULT_TOP_K
    min_relevance: float = MIN_RELEVANCE
    mode: RetrievalMode = "hybrid"
    mmr: float | None = None
    document_ids: tuple[str, ...] = ()


DEFAULT_RETRIEVAL = Retrieval()


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a search has found.

    Attributes:
        hits: The passages, best first; each score is its cosine similarity, in every mode. Where the verdict
            is not "found", they are the nearest ones all the same.
        question_language: As two letters; None for unclear.
        languages: Of the documents that were searched; None among them for unclear ones.
    """

    hits: tuple[NodeWithScore, ...]
    verdict: Verdict
    question_language: str | None = None
    languages: frozenset[str | None] = frozenset()


async def retrieve(
    question: str,
    *,
    store: KnowledgeStore,
    embedder: Embedder,
    settings: Retrieval,
    on_embedded: Callable[[], object] = lambda: None,
) -> Found:
    """The passages for `question`, best first, and whether they are likely to answer it.

    What is nearly the same is there once: see `core.answers.repeats`. A node's metadata say with IS_OLDER
    whether it is of an older version, with RELEVANCE how relevant it is, and with ALSO_IN what was left out
    for it, as the metadata of those.

    Args:
        question: What is asked, in any words.
        store: The knowledge base that is searched.
        embedder: The model that the knowledge base was made with.
        settings: How passages are searched for, and how many are returned.
        on_embedded: Called once the question is embedded and before the search begins, so that a caller can
            time both.

    Raises:
        StoreError: Milvus refused or failed a call.
        EmbeddingError: The embedding model could not do its work.
    """
    question = as_unicode(question)
    embedding, language = await asyncio.gather(
        embedder.aembed_query(question), asyncio.to_thread(language_of, question)
    )
    on_embedded()
    candidates = partial(_candidates, question, language, embedding, store, settings)
    pool = max(settings.top_k * POOL, LEAST_POOL)
    (hits, words), older = await asyncio.gather(candidates(pool), asyncio.to_thread(store.older_versions))
    judge = partial(_judged, question, embedder=embedder, language=language, settings=settings, older=older)
    judged = judge(hits, words)
    while judged.has_repeats and len(hits) >= pool and pool < MAX_POOL:
        pool = min(pool * POOL, MAX_POOL)
        hits, words = await candidates(pool)
        judged = judge(hits, words)
    return Found(
        hits=tuple(_chosen(judged.different, settings)),
        verdict=judged.verdict,
        question_language=language,
        languages=frozenset() if words is None else words.languages,
    )


@dataclass(frozen=True, slots=True)
class _Judged:
    """Candidates in the order of their relevance.

    Attributes:
        different: Those that do not repeat each other.
        has_repeats: Repetitions filled what was searched for, so that there are fewer than asked for.
    """

    different: list[Ranked]
    verdict: Verdict
    has_repeats: bool


def _judged(
    question: str,
    hits: Sequence[NodeWithScore],
    words: WordMatches | None,
    *,
    embedder: Embedder,
    language: str | None,
    settings: Retrieval,
    older: Mapping[str, str],
) -> _Judged:
    relevance = Relevance.of(embedder, words)
    ranked = relevance.ranked(hits)
    verdict = relevance.verdict(hits, language, settings.min_relevance)
    if verdict == "found":
        ranked = relevance.near_enough(ranked, settings.min_relevance)
        if words is not None and not words.has_names and settings.min_relevance > 0:
            own = about_what_is_named(question, language, ranked, words, embedder)
            verdict, ranked = (verdict, own) if own else (relevance.without_answer(language), ranked)
    different = _without_repeats(ranked, older)
    return _Judged(different, verdict, has_repeats=len(different) < min(settings.top_k, len(ranked)))


def _chosen(different: Sequence[Ranked], settings: Retrieval) -> list[NodeWithScore]:
    """As many as are asked for, each with its relevance among its metadata."""
    for hit, own in different:
        hit.node.metadata[RELEVANCE] = own
    if settings.mmr is None:
        return [hit for hit, _ in different[: settings.top_k]]
    return diverse(different, settings.top_k, weight=settings.mmr)


async def _candidates(
    question: str,
    language: str | None,
    embedding: Sequence[float],
    store: KnowledgeStore,
    settings: Retrieval,
    pool: int,
) -> tuple[list[NodeWithScore], WordMatches | None]:
    """The best by meaning, and those by words beside them."""
    ids, with_vectors = settings.document_ids, settings.mmr is not None
    by_meaning = partial(store.asearch, embedding, pool, document_ids=ids, with_vectors=with_vectors)
    if settings.mode == "dense":
        return await by_meaning(), None
    by_words = asyncio.to_thread(
        store.word_search.search, question, pool, language=language, document_ids=ids
    )
    hits, words = await asyncio.gather(by_meaning(), by_words)
    if words is None:
        # Too many passages to look through here.
        hits = await by_meaning(words=question) if store.supports_hybrid else hits
        return hits, await asyncio.to_thread(matches_among, question, hits, language)
    found = {hit.node.node_id for hit in hits}
    others = [each for each in words.best if each not in found]
    return hits + await store.aget(others, embedding, with_vectors=with_vectors), words


def matches_among(question: str, hits: Sequence[NodeWithScore], language: str | None = None) -> WordMatches:
    """How much of the words of a question in `language` each passage has, as if there were no others."""
    from core.store.lexical_index import IndexedChunk, LexicalIndex

    index = LexicalIndex()
    index.add(
        IndexedChunk(
            id=hit.node.node_id,
            document_id=hit.node.ref_doc_id or "",
            position=int(hit.node.metadata.get("position", 0)),
            text=hit.node.get_content(),
            language=language_of(hit.node.get_content()),
        )
        for hit in hits
    )
    return index.search(question, len(hits), language=language)


def _without_repeats(ranked: Sequence[Ranked], older: Mapping[str, str]) -> list[Ranked]:
    """`ranked` with each passage once, and what is revised before its older version.

    Args:
        ranked: Passages with their relevance, the most relevant first.
        older: The id of each document that is an older version, with the id of the newest one.
    """
    passages = [_passage(hit, older) for hit, _ in ranked]
    shown = without_repeats(passages)
    for index, left_out in shown:
        node = ranked[index][0].node
        node.metadata[IS_OLDER] = passages[index].is_older
        node.metadata[ALSO_IN] = [
            {**ranked[other][0].node.metadata, IS_OLDER: passages[other].is_older} for other in left_out
        ]
    # One that takes another's place is as relevant as that.
    relevance = [max(ranked[each][1] for each in (index, *left_out)) for index, left_out in shown]
    order = newer_first([passages[index] for index, _ in shown])
    return [
        (ranked[shown[place][0]][0], max(relevance[other] for other in order[at:]))
        for at, place in enumerate(order)
    ]


def _passage(hit: NodeWithScore, older: Mapping[str, str]) -> Passage:
    document_id = hit.node.ref_doc_id or ""
    return Passage(
        text=hit.node.get_content(),
        document=older.get(document_id, document_id),
        is_older=document_id in older,
    )


def diverse(ranked: Sequence[Ranked], top_k: int, *, weight: float) -> list[NodeWithScore]:
    """Up to `top_k` of `ranked` by maximal marginal relevance, the best first; they carry their vectors.

    Args:
        ranked: Passages with their relevance, the most relevant first.
        top_k: The most that are returned.
        weight: Of relevance against novelty, 0 to 1.
    """
    import numpy as np

    if not ranked:
        return []
    vectors = np.asarray([hit.node.get_embedding() for hit, _ in ranked], dtype=np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    relevance = np.asarray([each for _, each in ranked])
    chosen = [0]
    repeats = vectors @ vectors[0]
    while len(chosen) < min(top_k, len(ranked)):
        worth = weight * relevance - (1 - weight) * repeats
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
        repeats = np.maximum(repeats, vectors @ vectors[chosen[-1]])
    return [ranked[index][0] for index in chosen]

"""From a question to the passages that may answer it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from core.answers.lexical import word_shares
from core.answers.repeats import Passage, newer_first, without_repeats
from core.runtime.console import as_unicode

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore

    from core.embedding.model import Embedder
    from core.store import KnowledgeStore

DEFAULT_TOP_K = 5
# A passage's relevance is its similarity in meaning and, with this weight, the words that it shares with
# the question. Both numbers were chosen by tests/performance/retrieval.py: weights from 0.4 to 0.5 do as
# well; where the best passage has less relevance than that, the documents do not say it.
WORDS_WEIGHT = 0.45
MIN_RELEVANCE = 0.3
# So near in meaning, as a multiple of that relevance, a passage fits without a word in common.
SIMILAR_ENOUGH = 4 / 3
# Once one passage fits, the others may be this much less relevant: they are often the answer.
OTHERS_SHARE = 0.5
# Chosen from this many times as many passages as are returned: the best one is often not the one most similar
# in meaning.
POOL = 4
# Where repetitions filled that, they are searched for again, until this many.
MAX_POOL = 400
# For those who want less repetition: mostly how well a passage fits, a little how much it adds. Lower values
# lost answers when measured.
MMR_WEIGHT = 0.8

# What is added to a passage's metadata here.
IS_OLDER, ALSO_IN = "is_older", "also_in"

RetrievalMode = Literal["dense", "hybrid"]
# A passage and its relevance.
Ranked: TypeAlias = "tuple[NodeWithScore, float]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrieval:
    """How passages are searched for.

    top_k: the most passages that are returned.
    min_relevance: 0 to 1, that at least one passage must reach, or its cosine similarity 4/3 of it;
        otherwise nothing is returned. Then passages of less than half of it are left out.
    words_weight: how much of the relevance is the share of the question's words that a passage has, 0 to
        1; the rest is cosine similarity. 0 looks at the meaning only.
    mode: where candidates come from: "dense" searches by meaning; "hybrid" by words too (BM25), fused by
        reciprocal rank.
    mmr: maximal marginal relevance: 1 looks only at how well a passage fits, 0 only at how little it
        repeats those already chosen; None leaves the order as found.
    document_ids: search only in these documents; empty for all.
    """

    top_k: int = DEFAULT_TOP_K
    min_relevance: float = MIN_RELEVANCE
    words_weight: float = WORDS_WEIGHT
    mode: RetrievalMode = "dense"
    mmr: float | None = None
    document_ids: tuple[str, ...] = ()


DEFAULT_RETRIEVAL = Retrieval()


async def retrieve(
    question: str,
    *,
    store: KnowledgeStore,
    embedder: Embedder,
    settings: Retrieval,
    on_embedded: Callable[[], object] = lambda: None,
) -> list[NodeWithScore]:
    """The passages for `question`, best first; `score` is their cosine similarity, in every mode.

    What is nearly the same is there once: see `core.answers.repeats`. A node's metadata say with IS_OLDER
    whether it is of an older version, and with ALSO_IN what was left out for it, as the metadata of those.

    on_embedded: called between embedding the question and searching, for the one who takes times.
    Raises StoreError (TextSearchMissingError for "hybrid" where there is no text index), EmbeddingError.
    """
    question = as_unicode(question)
    embedding = await embedder.aembed_query(question)
    on_embedded()
    search = partial(
        store.asearch,
        embedding,
        words=question if settings.mode == "hybrid" else None,
        document_ids=settings.document_ids,
        with_vectors=settings.mmr is not None,
    )
    pool = settings.top_k * POOL
    hits, older = await asyncio.gather(search(pool), asyncio.to_thread(store.older_versions))
    while True:
        ranked = by_relevance(question, hits, words_weight=settings.words_weight)
        fitting = relevant_enough(ranked, settings.min_relevance)
        different = _without_repeats(fitting, older)
        is_enough = len(different) >= min(settings.top_k, len(fitting))
        if is_enough or len(hits) < pool or pool >= MAX_POOL:
            break
        pool = min(pool * POOL, MAX_POOL)
        hits = await search(pool)
    if settings.mmr is None:
        return [hit for hit, _ in different[: settings.top_k]]
    return diverse(different, settings.top_k, weight=settings.mmr)


def _without_repeats(ranked: Sequence[Ranked], older: Mapping[str, str]) -> list[Ranked]:
    """`ranked` with each passage once, and what is revised before its older version.

    older: the ids of documents that are older versions, with those of the newest.
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


def by_relevance(
    question: str, hits: Sequence[NodeWithScore], *, words_weight: float = WORDS_WEIGHT
) -> list[Ranked]:
    """`hits` with their relevance to `question`, 0 to 1, the most relevant first."""
    shares = word_shares(question, [hit.node.get_content() for hit in hits]) if words_weight else None
    if shares is None:
        shares, words_weight = [0.0] * len(hits), 0.0
    ranked = [
        (hit, (1 - words_weight) * (hit.score or 0.0) + words_weight * share)
        for hit, share in zip(hits, shares, strict=True)
    ]
    return sorted(ranked, key=lambda each: -each[1])


def relevant_enough(ranked: Sequence[Ranked], min_relevance: float) -> list[Ranked]:
    """Nothing, unless one of `ranked`, best first, fits the question; then all that come near that."""
    nearest = max((hit.score or 0.0 for hit, _ in ranked), default=-1.0)
    if not ranked or (ranked[0][1] < min_relevance and nearest < min_relevance * SIMILAR_ENOUGH):
        return []
    least = min(min_relevance, min_relevance * OTHERS_SHARE)
    return [each for each in ranked if each[1] >= least]


def diverse(ranked: Sequence[Ranked], top_k: int, *, weight: float) -> list[NodeWithScore]:
    """Up to `top_k` of `ranked` by maximal marginal relevance, the best first; they carry their vectors.

    weight: of relevance against novelty, 0 to 1.
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

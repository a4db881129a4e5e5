"""From a question to the passages that may answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore

    from core.embedding import Embedder
    from core.store import KnowledgeStore

DEFAULT_TOP_K = 5
# Cosine similarity that the best passage must reach: below it, the documents do not say it. Chosen by
# tests/performance/retrieval.py: at most one answerable question in twenty is rejected.
MIN_SCORE = 0.27
# Once one passage fits, the others may be this much less similar: they are often the answer.
OTHERS_SHARE = 0.5
# Hybrid search and MMR choose among this many times as many passages as are returned: with fewer, the
# passage most similar in meaning, which decides whether there is an answer at all, could be missing.
POOL = 4
# For those who want less repetition: mostly how well a passage fits, a little how much it adds. Lower values
# lost answers when measured.
MMR_WEIGHT = 0.8

RetrievalMode = Literal["dense", "hybrid"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrieval:
    """How passages are searched for.

    top_k: the most passages that are returned.
    min_score: cosine similarity of question and passage, -1 to 1, that at least one passage must reach;
        otherwise nothing is returned. Then passages of less than half of it are left out.
    mode: "dense" searches by meaning; "hybrid" by words too (BM25), fused by reciprocal rank.
    mmr: maximal marginal relevance: 1 looks only at how well a passage fits, 0 only at how little it
        repeats those already chosen; None leaves the order as found.
    document_ids: search only in these documents; empty for all.
    """

    top_k: int = DEFAULT_TOP_K
    min_score: float = MIN_SCORE
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

    on_embedded: called between embedding the question and searching, for the one who takes times.
    Raises StoreError (TextSearchMissingError for "hybrid" where there is no text index), EmbeddingError.
    """
    is_plain = settings.mode == "dense" and settings.mmr is None
    embedding = await embedder.aembed_query(question)
    on_embedded()
    hits = await store.asearch(
        embedding,
        settings.top_k if is_plain else settings.top_k * POOL,
        words=question if settings.mode == "hybrid" else None,
        document_ids=settings.document_ids,
        with_vectors=settings.mmr is not None,
    )
    fitting = similar_enough(hits, settings.min_score)
    if settings.mmr is None:
        return fitting[: settings.top_k]
    return diverse(fitting, settings.top_k, weight=settings.mmr)


def similar_enough(hits: Sequence[NodeWithScore], min_score: float) -> list[NodeWithScore]:
    """Nothing, unless one of `hits` reaches `min_score`; then all that come near it, in their order."""
    scores = [hit.score or 0.0 for hit in hits]
    if max(scores, default=-1.0) < min_score:
        return []
    least = min(min_score, min_score * OTHERS_SHARE)
    return [hit for hit, score in zip(hits, scores, strict=True) if score >= least]


def diverse(hits: Sequence[NodeWithScore], top_k: int, *, weight: float) -> list[NodeWithScore]:
    """Up to `top_k` of `hits` by maximal marginal relevance, the best first; they carry their vectors.

    weight: of relevance against novelty, 0 to 1. Each hit's place in `hits` decides how relevant it
    is: the first one counts as much as the highest similarity, and so on. So a fused order is kept.
    """
    import numpy as np

    if not hits:
        return []
    vectors = np.asarray([hit.node.get_embedding() for hit in hits], dtype=np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    relevance = np.sort(np.asarray([hit.score or 0.0 for hit in hits]))[::-1]
    chosen = [0]
    repeats = vectors @ vectors[0]
    while len(chosen) < min(top_k, len(hits)):
        worth = weight * relevance - (1 - weight) * repeats
        worth[chosen] = -np.inf
        chosen.append(int(np.argmax(worth)))
        repeats = np.maximum(repeats, vectors @ vectors[chosen[-1]])
    return [hits[index] for index in chosen]

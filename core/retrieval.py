"""From a question to the passages that may answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore

    from core.embedding import Embedder
    from core.store import KnowledgeStore

DEFAULT_TOP_K = 5
# Cosine similarity below which a passage has nothing to do with the question.
MIN_SCORE = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Retrieval:
    """How passages are searched for.

    top_k: the most passages that are returned.
    min_score: cosine similarity of question and passage, -1 to 1, below which a passage is left out.
    """

    top_k: int = DEFAULT_TOP_K
    min_score: float = MIN_SCORE


DEFAULT_RETRIEVAL = Retrieval()


async def retrieve(
    question: str,
    *,
    store: KnowledgeStore,
    embedder: Embedder,
    settings: Retrieval,
    on_embedded: Callable[[], object] = lambda: None,
) -> list[NodeWithScore]:
    """The passages for `question`, best first; `score` is their cosine similarity.

    on_embedded: called between embedding the question and searching, for the one who takes times.
    Raises StoreError, EmbeddingError.
    """
    embedding = await embedder.aembed_query(question)
    on_embedded()
    hits = await store.asearch(embedding, settings.top_k)
    return [hit for hit in hits if (hit.score or 0.0) >= settings.min_score]

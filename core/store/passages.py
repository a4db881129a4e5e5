"""Reading passages of a knowledge base without searching for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.config.settings import Target
from core.errors import KnowledgeBaseNotFoundError
from core.store.chunks import StoredChunk, chunks_between
from core.store.connection import CALL_TIMEOUT_S, connect, store_errors
from core.store.names import resolve_collection
from core.store.query import row_batches

if TYPE_CHECKING:
    from core.store.knowledge_store import KnowledgeStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """A passage between what stands before and after it on its page."""

    before: str
    text: str
    after: str


def surroundings(store: KnowledgeStore, document_id: str, position: int, *, reach: int = 2) -> Surroundings:
    """The passage at `position` of a document, with up to `reach` chunks around it on the same page.

    Raises:
        KnowledgeBaseNotFoundError: When the passage is gone.
        StoreError: Milvus refused or failed a call.
    """
    chunks = {
        chunk.position: chunk
        for chunk in chunks_between(store, document_id, position - reach, position + reach)
    }
    if position not in chunks:
        raise KnowledgeBaseNotFoundError("This passage is no longer in the knowledge base.")
    here = chunks.pop(position)
    near = [chunk for chunk in chunks.values() if chunk.page == here.page]
    return Surroundings(
        before=_joined([chunk for chunk in near if chunk.position < position], until=here.start),
        text=here.text,
        after=_joined([chunk for chunk in near if chunk.position > position], since=here.end),
    )


def _joined(chunks: Sequence[StoredChunk], *, since: int | None = None, until: int | None = None) -> str:
    """The text of neighbouring chunks of one page, without what they share."""
    text = ""
    for chunk in chunks:
        covered = since if since is not None else chunk.start
        piece = chunk.own_text[max(0, covered - chunk.start) :]
        if until is not None and chunk.end > until:
            piece = piece[: max(0, len(piece) - (chunk.end - until))]
        # Between chunks there is white space only.
        text += (" " if text and chunk.start > covered else "") + piece
        since = max(covered, chunk.end)
    return text


def passages(target: Target, kb: str, limit: int) -> tuple[list[str], list[list[float]]]:
    """Texts and vectors of up to `limit` chunks, in the order in which Milvus gives them.

    Raises:
        KnowledgeBaseNotFoundError: When there is no such knowledge base or it is empty.
        StoreError: Milvus refused or failed a call.
    """
    client = connect(target)
    texts: list[str] = []
    vectors: list[list[float]] = []
    with store_errors(target):
        name, exists = resolve_collection(client, kb, target.owner)
        if exists:
            client.load_collection(name, timeout=CALL_TIMEOUT_S)
            for rows in row_batches(client, name, ["text", "embedding"], limit=limit):
                texts += [str(row["text"]) for row in rows]
                vectors += [[float(number) for number in row["embedding"]] for row in rows]
    if not texts:
        raise KnowledgeBaseNotFoundError(
            f"There is no knowledge base {kb!r} with passages{target.place}. Ingest a document first."
        )
    return texts, vectors

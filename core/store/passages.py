"""Reading passages of a knowledge base without searching for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.config import Target
from core.errors import KnowledgeBaseNotFoundError
from core.store.connection import CALL_TIMEOUT_S, connect, store_errors
from core.store.names import resolve_collection

if TYPE_CHECKING:
    from core.store.knowledge import KnowledgeStore

PAGE_ROWS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """A passage between what stands before and after it on its page."""

    before: str
    text: str
    after: str


def surroundings(store: KnowledgeStore, document_id: str, position: int, *, reach: int = 2) -> Surroundings:
    """The passage at `position` of a document, with up to `reach` chunks around it on the same page.

    Raises KnowledgeBaseNotFoundError when the passage is gone, StoreError.
    """
    with store_errors(store.target):
        rows = store.vector_store.client.query(
            store.info.collection,
            filter=f'doc_id == "{document_id}" and position >= {position - reach} '
            f"and position <= {position + reach}",
            output_fields=["position", "page", "start", "end", "text"],
            consistency_level="Strong",
            timeout=CALL_TIMEOUT_S,
        )
    chunks = {int(row["position"]): row for row in rows}
    if position not in chunks:
        raise KnowledgeBaseNotFoundError("This passage is no longer in the knowledge base.")
    here = chunks[position]
    near = [chunks[place] for place in sorted(chunks) if chunks[place].get("page") == here.get("page")]
    return Surroundings(
        before=_joined([row for row in near if row["position"] < position], until=int(here["start"])),
        text=str(here["text"]),
        after=_joined([row for row in near if row["position"] > position], since=int(here["end"])),
    )


def _joined(rows: list[dict[str, Any]], *, since: int | None = None, until: int | None = None) -> str:
    """The text of neighbouring chunks of one page, without what they share."""
    text = ""
    for row in rows:
        start, end = int(row["start"]), int(row["end"])
        covered = since if since is not None else start
        piece = str(row["text"])[max(0, covered - start) :]
        if until is not None and end > until:
            piece = piece[: max(0, len(piece) - (end - until))]
        # Between chunks there is white space only.
        text += (" " if text and start > covered else "") + piece
        since = max(covered, end)
    return text


def passages(target: Target, kb: str, limit: int) -> tuple[list[str], list[list[float]]]:
    """Texts and vectors of up to `limit` chunks, in the order in which Milvus gives them.

    Raises KnowledgeBaseNotFoundError when there is no such knowledge base or it is empty, StoreError.
    """
    client = connect(target)
    texts: list[str] = []
    vectors: list[list[float]] = []
    with store_errors(target):
        name, exists = resolve_collection(client, kb)
        if exists:
            client.load_collection(name, timeout=CALL_TIMEOUT_S)
            iterator = client.query_iterator(
                name, batch_size=PAGE_ROWS, limit=limit, output_fields=["text", "embedding"]
            )
            try:
                while rows := iterator.next():
                    texts += [str(row["text"]) for row in rows]
                    vectors += [[float(number) for number in row["embedding"]] for row in rows]
            finally:
                iterator.close()
    if not texts:
        raise KnowledgeBaseNotFoundError(
            f"There is no knowledge base {kb!r} with passages at {target.label}. Ingest a document first."
        )
    return texts, vectors

"""Reading a knowledge base's chunks without searching: in order, with what stands around, with vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.config.settings import Target
from core.errors import KnowledgeBaseNotFoundError
from core.store.connection import CALL_TIMEOUT_S, connect
from core.store.milvus_errors import store_errors
from core.store.names import resolve_collection
from core.store.query import MAX_ROWS, row_batches, when_loaded

if TYPE_CHECKING:
    from core.store.knowledge_store import KnowledgeStore

_FIELDS = ["id", "doc_id", "file", "position", "page", "start", "end", "text", "num_tokens", "label"]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredChunk:
    """A chunk as Milvus has it; see `Chunk`.

    Attributes:
        num_tokens: None where it was not noted.
    """

    id: str
    document_id: str
    file: str
    page: int | None
    position: int
    start: int
    end: int
    text: str
    num_tokens: int | None
    label: str = ""

    @property
    def own_text(self) -> str:
        """The text from `start` to `end`, without what a chunk of a table repeats before it."""
        length = self.end - self.start
        return self.text[-length:] if 0 < length < len(self.text) else self.text


def chunks_of_page(store: KnowledgeStore, document_id: str, page: int) -> list[StoredChunk]:
    """The chunks of one page of a document, in order; none for a page without text.

    Raises:
        StoreError: Milvus refused or failed a call.
    """
    return _chunks(store, f'doc_id == "{document_id}" and page == {int(page)}')


def chunks_between(store: KnowledgeStore, document_id: str, first: int, last: int) -> list[StoredChunk]:
    """The chunks of a document at positions `first` to `last`, both included, in order."""
    return _chunks(
        store, f'doc_id == "{document_id}" and position >= {int(first)} and position <= {int(last)}'
    )


def chunks_of_document(store: KnowledgeStore, document_id: str) -> list[StoredChunk]:
    """All chunks of a document, in order.

    Raises:
        StoreError: Milvus refused or failed a call.
    """
    batches = row_batches(
        store.client, store.info.collection, _FIELDS, expression=f'doc_id == "{document_id}"'
    )
    with store_errors(store.target):
        found = [_chunk(row) for rows in batches for row in rows]
    return sorted(found, key=lambda chunk: chunk.position)


def _chunks(store: KnowledgeStore, expression: str) -> list[StoredChunk]:
    client, collection = store.client, store.info.collection

    def read() -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = client.query(
            collection,
            filter=expression,
            output_fields=_FIELDS,
            limit=MAX_ROWS,
            consistency_level="Strong",
            timeout=CALL_TIMEOUT_S,
        )
        return rows

    with store_errors(store.target):
        rows = when_loaded(client, collection, read)
    return sorted((_chunk(row) for row in rows), key=lambda chunk: chunk.position)


def _chunk(row: dict[str, Any]) -> StoredChunk:
    return StoredChunk(
        id=str(row["id"]),
        document_id=str(row["doc_id"]),
        file=str(row.get("file", "")),
        page=row.get("page"),
        position=int(row["position"]),
        start=int(row.get("start", 0)),
        end=int(row.get("end", 0)),
        text=str(row["text"]),
        num_tokens=row.get("num_tokens"),
        label=str(row.get("label") or ""),
    )


def vector_batches(store: KnowledgeStore, *, limit: int, with_text: bool) -> Iterator[list[dict[str, Any]]]:
    """Rows of the knowledge base with their vectors ("embedding"), in batches.

    Blocks: keep it off the loop.

    Args:
        store: The knowledge base.
        limit: The most rows.
        with_text: Whether each row has its "text" too.

    Raises:
        StoreError: Milvus refused or failed a call.
    """
    fields = ["id", "doc_id", "file", "page", "position", "embedding"] + (["text"] if with_text else [])
    with store_errors(store.target):
        yield from row_batches(store.client, store.info.collection, fields, limit=limit)


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

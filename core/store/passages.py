"""Reading a knowledge base's passages with their vectors, for whoever needs no embedding model."""

from __future__ import annotations

from core.config import Target
from core.errors import KnowledgeBaseNotFoundError
from core.store.connection import CALL_TIMEOUT_S, connect, store_errors
from core.store.knowledge import collection_name

PAGE_ROWS = 500


def passages(target: Target, kb: str, limit: int) -> tuple[list[str], list[list[float]]]:
    """Texts and vectors of up to `limit` chunks, in the order in which Milvus gives them.

    Raises KnowledgeBaseNotFoundError when there is no such knowledge base or it is empty, StoreError.
    """
    client = connect(target)
    name = collection_name(kb)
    texts: list[str] = []
    vectors: list[list[float]] = []
    with store_errors(target):
        if client.has_collection(name, timeout=CALL_TIMEOUT_S):
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

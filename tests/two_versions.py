"""Two versions of a document, and a store that fails while the second goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.documents.models import DocumentSummary, SameName, Version
from core.documents.sources.incoming import IncomingFile
from core.embedding.model import Embedder
from core.errors import StoreError
from core.ingest.pipeline import Ingest
from core.ingest.progress import IngestSnapshot
from core.store import KnowledgeStore

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

OLD, NEW = "The membership fee is 120 euros a year.", "The membership fee is 150 euros a year."
LONG = " ".join(f"Rule number {number} of the club is about boat {number * 31}." for number in range(60))


def fee_file(
    text: str | bytes, name: str = "fee.txt", *, same_name: SameName = "keep", origin: str = ""
) -> IncomingFile:
    data = text.encode() if isinstance(text, str) else text
    return IncomingFile(
        name=name, size_bytes=len(data), read=lambda: data, same_name=same_name, origin=origin
    )


async def ingest(store: KnowledgeStore, embedder: Embedder, *files: IncomingFile) -> IngestSnapshot:
    return await Ingest(files, store=store, embedder=embedder).run()


class FailingStore:
    """The store, which inserts so many rows only of what it is given, or all and deletes none then."""

    def __init__(self, store: KnowledgeStore, *, num_rows: int | None = None) -> None:
        self._store, self._num_rows, self.target = store, num_rows, store.target

    async def aadd(self, nodes: list[TextNode]) -> None:
        await self._store.aadd(nodes[: self._num_rows])
        if self._num_rows is not None:
            raise StoreError("Milvus refused the insert.")

    def delete_document(self, document_id: str) -> int:
        if self._num_rows is None:
            raise StoreError("Milvus refused the deletion.")
        return self._store.delete_document(document_id)

    def look_up(self, document_id: str, file: str) -> tuple[DocumentSummary | None, tuple[Version, ...]]:
        return self._store.look_up(document_id, file)

    def chunk_ids(self, document_id: str) -> set[str]:
        return self._store.chunk_ids(document_id)

    def flush(self) -> None:
        self._store.flush()

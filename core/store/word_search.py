"""A knowledge base's passages by their words: an index in memory that follows what is in Milvus."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.documents.languages import language_of
from core.store.lexical_index import IndexedChunk, LexicalIndex, WordMatches
from core.store.milvus_errors import store_errors
from core.store.query import row_batches
from core.store.summaries import first_rows

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

    from core.store.knowledge_store import KnowledgeStore

# More would take seconds to index and more than some 300 MB: Milvus' own text search is asked then.
MAX_CHUNKS = 50_000
# How long it is believed that nobody else has written; the writes of this process count at once.
KEPT_S = 30.0
FIELDS = ["id", "doc_id", "position", "text", "language"]


class WordSearch:
    """Searches a knowledge base by words; for any thread. It blocks: keep it off the loop."""

    def __init__(
        self, store: KnowledgeStore, *, kept_s: float = KEPT_S, max_chunks: int = MAX_CHUNKS
    ) -> None:
        self._store = store
        self._kept_s, self._max_chunks = kept_s, max_chunks
        self._lock = threading.Lock()
        self._index: LexicalIndex | None = None
        self._languages: dict[str, str | None] = {}
        self._looked_s: float | None = None
        # What this process has written since: chunks, the id of a deleted document, ids of deleted chunks.
        self._written: deque[IndexedChunk | str | frozenset[str]] = deque()
        self._is_followed = False

    def search(
        self, question: str, top: int, *, language: str | None = None, document_ids: Sequence[str] = ()
    ) -> WordMatches | None:
        """The `top` passages with most of the question's words; None where there are too many to index.

        The first call reads all passages.

        Args:
            question: In any words.
            top: The most passages in `best`; scores are given for all passages.
            language: Of the question; None where it is unknown.
            document_ids: Search only in these documents; empty for all.

        Raises:
            StoreError: Milvus refused or failed a call.
        """
        with self._lock:
            self._follow()
            if self._index is None:
                return None
            return self._index.search(question, top, language=language, document_ids=document_ids)

    def added(self, nodes: Sequence[TextNode]) -> None:
        """These are in now, or may be."""
        if not self._is_followed:
            return
        self._written.extend(
            IndexedChunk(
                id=node.node_id,
                document_id=node.ref_doc_id or "",
                position=int(node.metadata["position"]),
                text=node.get_content(),
                language=node.metadata.get("language"),
            )
            for node in nodes
        )
        if len(self._written) > self._max_chunks:
            # Nobody asks meanwhile: the next one who does has all of it read.
            self._is_followed = False
            self._written.clear()

    def deleted(self, document_id: str) -> None:
        """This document is out now, or may be."""
        if self._is_followed:
            self._written.append(document_id)

    def deleted_chunks(self, chunk_ids: frozenset[str]) -> None:
        """These chunks are out now, or may be."""
        if self._is_followed:
            self._written.append(chunk_ids)

    def _follow(self) -> None:
        """Make the index what Milvus has."""
        if not self._is_followed:
            self._index, self._looked_s, self._is_followed = None, None, True
        while self._written:
            written = self._written.popleft()
            if self._index is None:
                continue
            if isinstance(written, str):
                self._index.remove_document(written)
            elif isinstance(written, frozenset):
                self._index.remove_chunks(written)
            else:
                self._index.add(self._with_language([written]))
        if self._looked_s is not None and time.monotonic() - self._looked_s < self._kept_s:
            return
        if self._store.count() > self._max_chunks:
            self._index = None
        elif self._index is None:
            index = LexicalIndex()
            index.add(self._with_language(self._read("position >= 0")))
            self._index = index
        else:
            self._catch_up(self._index)
        self._looked_s = time.monotonic()

    def _catch_up(self, index: LexicalIndex) -> None:
        """What others have written since."""
        client, collection = self._store.client, self._store.info.collection
        with store_errors(self._store.target):
            rows = first_rows(client, collection, ["doc_id", "num_chunks"], consistency="Session")
        there = {str(row["doc_id"]): int(row.get("num_chunks") or 0) for row in rows}
        known = index.documents
        for document_id in known.keys() - there.keys():
            index.remove_document(document_id)
        missing = [each for each, num_chunks in there.items() if known.get(each, 0) < num_chunks]
        if missing:
            index.add(self._with_language(self._read(f"doc_id in {json.dumps(missing)}")))

    def _read(self, expression: str) -> Iterator[IndexedChunk]:
        store = self._store
        with store_errors(store.target):
            for rows in row_batches(store.client, store.info.collection, FIELDS, expression=expression):
                for row in rows:
                    yield IndexedChunk(
                        id=str(row["id"]),
                        document_id=str(row["doc_id"]),
                        position=int(row["position"]),
                        text=str(row["text"]),
                        language=row.get("language"),
                    )

    def _with_language(self, chunks: Iterable[IndexedChunk]) -> Iterator[IndexedChunk]:
        """With the language of their documents; where it was not noted, that of the passage seen first."""
        for chunk in chunks:
            if chunk.language is None and chunk.document_id not in self._languages:
                self._languages[chunk.document_id] = language_of(chunk.text)
            language = chunk.language or self._languages[chunk.document_id]
            yield replace(chunk, language=language)

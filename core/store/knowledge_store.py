"""One knowledge base: chunks in, hits out."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from core.config.settings import Target
from core.documents.models import DocumentSummary, Version
from core.documents.versions import older_versions
from core.errors import ForeignCollectionError, KnowledgeBaseNotFoundError, ModelMismatchError
from core.store.connection import (
    CALL_TIMEOUT_S,
    aclose,
    connect,
    count_where,
    drop_collection,
    make_vector_store,
    properties_of,
)
from core.store.milvus_errors import store_errors
from core.store.names import (
    DIM_KEY,
    MODEL_KEY,
    KnowledgeBaseInfo,
    info_of,
    is_ours,
    resolve_collection,
)
from core.store.query import awhen_loaded, row_batches, when_loaded
from core.store.schema import create_collection
from core.store.search import (
    HIT_FIELDS,
    VECTOR_FIELD,
    check_hybrid,
    hits_of,
    search_arguments,
    why_no_hybrid,
)
from core.store.summaries import (
    DOCUMENT_FIELDS,
    VERSION_FIELDS,
    first_rows,
    present_chunks,
    summary_of,
    version_of,
)
from core.store.word_search import WordSearch

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore, TextNode
    from llama_index.vector_stores.milvus import MilvusVectorStore
    from pymilvus import MilvusClient

T = TypeVar("T")

# How long older versions are believed to be so; the writes of this process count at once.
VERSIONS_KEPT_S = 30.0
PAGE_SIZE = 1000
COUNTED_ALONE = 1000


class KnowledgeStore:
    """One knowledge base on one target: chunks in, hits out.

    Args:
        client: Milvus' own sync client, which is there at once.
        hybrid_reason: Why it can't be searched by words, in a sentence for people; None when it can.
        is_new: Whether it was made when this was opened.
    """

    def __init__(
        self,
        target: Target,
        info: KnowledgeBaseInfo,
        client: MilvusClient,
        *,
        hybrid_reason: str | None = None,
        is_new: bool = False,
    ) -> None:
        self.target = target
        self.info = info
        self.client = client
        self.hybrid_reason, self.is_new = hybrid_reason, is_new
        self._making = threading.Lock()
        self._vector_store: MilvusVectorStore | None = None
        # Which documents are known to be complete, the older versions since when, and how often was written.
        self._complete: set[str] = set()
        self._older: tuple[Mapping[str, str] | None, float] = None, 0.0
        self._num_writes = 0
        self.word_search = WordSearch(self)

    @property
    def vector_store(self) -> MilvusVectorStore:
        """LlamaIndex's store of the collection.

        Made when it is first used, because its import takes seconds, in which a page can be drawn and a
        file be read. Blocks then; `aadd` and `asearch` wait for it in a thread.
        """
        with self._making:
            if self._vector_store is None:
                with store_errors(self.target):
                    # It would make a collection that is not there, without our mark.
                    properties_of(self.client, self.info.collection)
                    self._vector_store = make_vector_store(
                        self.target,
                        self.info.collection,
                        dim=self.info.dim,
                        metric="COSINE",
                        consistency="Session",
                        upsert_mode=True,
                        batch_size=PAGE_SIZE,
                    )
            return self._vector_store

    async def _made(self) -> MilvusVectorStore:
        return self._vector_store or await asyncio.to_thread(lambda: self.vector_store)

    async def aclose(self) -> None:
        """Close the connections; call it on the loop that used them."""
        if self._vector_store is not None:
            await aclose(self._vector_store)
        self.client.close()

    @property
    def supports_hybrid(self) -> bool:
        """Whether it can be searched by words too, beside meaning."""
        return self.hybrid_reason is None

    @classmethod
    def open(cls, target: Target, kb: str, *, model: str, dim: int, create: bool = True) -> KnowledgeStore:
        """Open knowledge base `kb`, made with `model` of `dim` dimensions.

        Blocks; call it off the loop.

        Args:
            target: Where it is, and whose.
            kb: Its name, as people chose it.
            model: The embedding model's name.
            dim: The length of that model's vectors.
            create: Make it when it is missing.

        Raises:
            ForeignCollectionError: A collection of the wanted name exists but was not made by Overlap.
            ModelMismatchError: The knowledge base was made with another embedding model.
            StoreError: Milvus refused or failed a call.
            KnowledgeBaseNotFoundError: When it is missing and `create` is False.
        """
        client = connect(target)
        with store_errors(target):
            name, exists = resolve_collection(client, kb, target.owner)
            if not exists:
                if not create:
                    raise KnowledgeBaseNotFoundError(
                        f"There is no knowledge base {kb!r}{target.place}. Ingest a document first."
                    )
                create_collection(client, name, kb=kb, model=model, dim=dim, is_lite=target.is_lite)
            properties = properties_of(client, name)
            _check_ours(properties, name, owner=target.owner, kb=kb, model=model, dim=dim)
            # Milvus Lite comes up with every collection released.
            client.load_collection(name, timeout=CALL_TIMEOUT_S)
            hybrid_reason = why_no_hybrid(client, name)
        info = info_of(name, properties, None)
        return cls(target, info, client, hybrid_reason=hybrid_reason, is_new=not exists)

    def add(self, nodes: Sequence[TextNode]) -> list[str]:
        """Insert or replace chunks by id. Returns their ids."""
        try:
            with store_errors(self.target):
                return self.vector_store.add(list(nodes))
        finally:
            self._written()
            self.word_search.added(nodes)

    async def aadd(self, nodes: Sequence[TextNode]) -> list[str]:
        """`add`, awaiting."""
        vector_store = await self._made()
        try:
            with store_errors(self.target):
                async with asyncio.timeout(CALL_TIMEOUT_S):
                    return await vector_store.async_add(list(nodes))
        finally:
            self._written()
            self.word_search.added(nodes)

    def search(
        self,
        embedding: Sequence[float],
        top_k: int,
        *,
        words: str | None = None,
        document_ids: Sequence[str] = (),
        with_vectors: bool = False,
    ) -> list[NodeWithScore]:
        """The `top_k` best chunks, best first; each score is its cosine similarity to `embedding`.

        Args:
            embedding: The question's unit vector, shape (dim,).
            top_k: The most that are returned.
            words: Search for these by BM25 too, and fuse both by reciprocal rank. The order is the fused one
                then.
            document_ids: Search only in these documents; empty for all.
            with_vectors: Put each chunk's vector on its node.

        Raises:
            TextSearchMissingError: Where `supports_hybrid` is False.
        """
        arguments = self._search_arguments(embedding, top_k, words, document_ids, with_vectors)
        with store_errors(self.target):
            client = self.client
            call = client.search if words is None else client.hybrid_search
            found = self._loaded(lambda: call(**arguments, timeout=CALL_TIMEOUT_S))
        return hits_of(found, embedding, is_fused=words is not None)

    async def asearch(
        self,
        embedding: Sequence[float],
        top_k: int,
        *,
        words: str | None = None,
        document_ids: Sequence[str] = (),
        with_vectors: bool = False,
    ) -> list[NodeWithScore]:
        """`search`, awaiting."""
        arguments = self._search_arguments(embedding, top_k, words, document_ids, with_vectors)
        vector_store = await self._made()
        with store_errors(self.target):
            client = vector_store.aclient
            call = client.search if words is None else client.hybrid_search
            async with asyncio.timeout(CALL_TIMEOUT_S):
                found = await awhen_loaded(self.client, self.info.collection, lambda: call(**arguments))
        return hits_of(found, embedding, is_fused=words is not None)

    async def aget(
        self, chunk_ids: Sequence[str], embedding: Sequence[float], *, with_vectors: bool = False
    ) -> list[NodeWithScore]:
        """These chunks, as `asearch` would find them; those that are gone are left out."""
        if not chunk_ids:
            return []
        vector_store = await self._made()
        with store_errors(self.target):
            client, collection = vector_store.aclient, self.info.collection
            async with asyncio.timeout(CALL_TIMEOUT_S):
                rows = await awhen_loaded(
                    self.client,
                    collection,
                    lambda: client.get(
                        collection, ids=list(chunk_ids), output_fields=[*HIT_FIELDS, VECTOR_FIELD]
                    ),
                )
        found = [[{"entity": row, "distance": 0.0} for row in rows]]
        return hits_of(found, embedding, is_fused=True, keep_vectors=with_vectors)

    def _search_arguments(
        self,
        embedding: Sequence[float],
        top_k: int,
        words: str | None,
        document_ids: Sequence[str],
        with_vectors: bool,
    ) -> dict[str, Any]:
        if words is not None:
            check_hybrid(self.hybrid_reason)
        return search_arguments(
            self.info.collection,
            embedding,
            top_k,
            words=words,
            document_ids=document_ids,
            with_vectors=with_vectors,
        )

    def count(self, document_id: str | None = None) -> int:
        """How many chunks Milvus has, of all documents or of one; counted, not estimated."""
        expression = "" if document_id is None else f'doc_id == "{document_id}"'
        with store_errors(self.target):
            return self._count_where(expression)

    def chunk_ids(self, document_id: str) -> set[str]:
        """Ids of the chunks of one document that Milvus has already."""
        client, collection = self.client, self.info.collection
        wanted = f'doc_id == "{document_id}"'

        def read() -> set[str]:
            batches = row_batches(client, collection, ["id"], expression=wanted)
            return {row["id"] for rows in batches for row in rows}

        with store_errors(self.target):
            return self._loaded(read)

    def documents(self) -> list[DocumentSummary]:
        """All documents, newest first. Those whose ingest was cut short have `is_complete` False."""
        num_writes = self._num_writes
        with store_errors(self.target):
            client, collection = self.client, self.info.collection
            rows = self._loaded(lambda: first_rows(client, collection, DOCUMENT_FIELDS))
            rows.sort(key=lambda row: (row["ingested_at"], row["file"]), reverse=True)
            present = present_chunks(
                [(str(row["doc_id"]), int(row["num_chunks"])) for row in rows],
                self._count_of,
                total=self.count(),
            )
        documents = [summary_of(row, present[row["doc_id"]]) for row in rows]
        self._keep_older(older_versions(documents, lambda document: document.is_complete), num_writes)
        return documents

    def document(self, document_id: str) -> DocumentSummary | None:
        """One of `documents`; None when it is not there."""
        return self.look_up(document_id, "")[0]

    def look_up(self, document_id: str, file: str) -> tuple[DocumentSummary | None, tuple[Version, ...]]:
        """One of `documents`, or None, and all others that are called `file`, the newest first."""
        client, collection = self.client, self.info.collection
        wanted = f'(doc_id == "{document_id}" or file == {json.dumps(file, ensure_ascii=False)})'
        with store_errors(self.target):
            rows = self._loaded(lambda: first_rows(client, collection, DOCUMENT_FIELDS, wanted))
        others = [version_of(row) for row in rows if row["doc_id"] != document_id]
        others.sort(key=lambda version: version.ingested_at, reverse=True)
        row = next((row for row in rows if row["doc_id"] == document_id), None)
        return None if row is None else self._summary(row), tuple(others)

    def _summary(self, row: dict[str, Any]) -> DocumentSummary | None:
        document_id, num_chunks = str(row["doc_id"]), int(row["num_chunks"])
        # Counting costs Lite as much as there is to count; the whole list gets by with few counts.
        if num_chunks > COUNTED_ALONE:
            return next((found for found in self.documents() if found.id == document_id), None)
        return summary_of(row, self.count(document_id))

    def older_versions(self) -> Mapping[str, str]:
        """`core.documents.versions.older_versions` of all documents; asked with every question.

        It is as old as `documents` or the last write here, and `VERSIONS_KEPT_S` at most: somebody else may
        write too.
        """
        known, since_s = self._older
        if known is not None and time.monotonic() - since_s < VERSIONS_KEPT_S:
            return known
        client, collection, num_writes = self.client, self.info.collection, self._num_writes
        with store_errors(self.target):
            rows = self._loaded(lambda: first_rows(client, collection, VERSION_FIELDS, consistency="Session"))
            return self._keep_older(older_versions(map(version_of, rows), self._is_complete), num_writes)

    def _keep_older(self, older: Mapping[str, str], num_writes: int) -> Mapping[str, str]:
        """Keep what was asked for, unless something was written meanwhile.

        Args:
            older: The id of each document that is an older version, with the id of the newest one.
            num_writes: As it was before `older` was asked for.
        """
        if num_writes == self._num_writes:
            self._older = older, time.monotonic()
        return older

    def _written(self) -> None:
        """Something was inserted or deleted, or may have been."""
        self._num_writes += 1
        self._older = None, 0.0

    def _is_complete(self, version: Version) -> bool:
        """Whether all of it is in; it stays so until it is deleted, and is asked with every question."""
        if version.id not in self._complete and self.count(version.id) >= version.num_chunks:
            self._complete.add(version.id)
        return version.id in self._complete

    def _count_of(self, document_ids: Sequence[str]) -> int:
        return self._count_where(f"doc_id in {json.dumps(list(document_ids))}")

    def _count_where(self, expression: str) -> int:
        client, collection = self.client, self.info.collection
        return self._loaded(lambda: count_where(client, collection, expression))

    def _loaded(self, read: Callable[[], T]) -> T:
        return when_loaded(self.client, self.info.collection, read)

    def delete_document(self, document_id: str) -> int:
        """Delete every chunk of a document; returns how many there were."""
        # Only Lite says how many rows a delete by filter has met.
        num_chunks = None if self.target.is_lite else self.count(document_id)
        try:
            with store_errors(self.target):
                deleted = self.client.delete(
                    self.info.collection, filter=f'doc_id == "{document_id}"', timeout=CALL_TIMEOUT_S
                )
        finally:
            self._complete.discard(document_id)
            self._written()
            self.word_search.deleted(document_id)
        if num_chunks is not None:
            return num_chunks
        return len(deleted) if isinstance(deleted, list) else int(deleted["delete_count"])

    def delete_chunks(self, document_id: str, chunk_ids: frozenset[str]) -> None:
        """Delete these chunks of a document; the others stay."""
        ids = sorted(chunk_ids)
        try:
            with store_errors(self.target):
                for start in range(0, len(ids), PAGE_SIZE):
                    part = ids[start : start + PAGE_SIZE]
                    self.client.delete(self.info.collection, ids=part, timeout=CALL_TIMEOUT_S)
        finally:
            self._complete.discard(document_id)
            self._written()
            self.word_search.deleted_chunks(chunk_ids)

    def flush(self) -> None:
        """Make recent rows fast to search. Only Milvus Lite needs it: it scans unflushed rows slowly."""
        if self.target.is_lite:
            with store_errors(self.target):
                self.client.flush(self.info.collection)

    def drop(self) -> None:
        """Drop the knowledge base with all its chunks."""
        with store_errors(self.target):
            drop_collection(self.client, self.target, self.info.collection)


def _check_ours(properties: dict[str, str], name: str, *, owner: str, kb: str, model: str, dim: int) -> None:
    if not is_ours(properties, owner):
        raise ForeignCollectionError(
            f"A collection named {name} exists, but Overlap did not make it, so it is left alone. "
            "Choose another knowledge base name, or rename that collection."
        )
    own_model, own_dim = properties.get(MODEL_KEY, ""), properties.get(DIM_KEY, "")
    if (own_model, own_dim) != (model, str(dim)):
        raise ModelMismatchError(
            f"Knowledge base {kb!r} was made with the embedding model {own_model} ({own_dim} dimensions), "
            f"but {model} ({dim}) is set. Set EMBED_MODEL back, use another knowledge base name, or change "
            "this one's model: on the page Knowledge bases, or with python -m core kb change-model.",
            model=own_model,
            dim=int(own_dim or 0),
        )

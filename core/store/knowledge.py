"""One knowledge base: chunks in, hits out."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.config import Target
from core.errors import ForeignCollectionError, KnowledgeBaseNotFoundError, ModelMismatchError
from core.records import Chunk, DocumentSummary, KnowledgeBaseInfo
from core.store.connection import (
    CALL_TIMEOUT_S,
    KIND_KEY,
    connect,
    count_where,
    make_vector_store,
    properties_of,
    store_errors,
)

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore, TextNode
    from llama_index.vector_stores.milvus import MilvusVectorStore
    from pymilvus import MilvusClient

KB_PREFIX = "overlap_kb_"
MODEL_KEY, DIM_KEY, NAME_KEY = "overlap.model", "overlap.dim", "overlap.name"
# Every hit otherwise carries its vector back.
HIT_FIELDS = ["_node_content", "_node_type", "text"]
DOCUMENT_FIELDS = ["doc_id", "file", "size_bytes", "num_pages", "num_chunks", "ingested_at"]
PAGE_SIZE = 1000


def collection_name(kb: str) -> str:
    """The collection of knowledge base `kb`: a readable slug, made unique where letters were lost."""
    slug = re.sub(r"[^a-z0-9]+", "_", kb.lower()).strip("_")[:40]
    if slug != kb:
        digest = hashlib.sha256(kb.encode()).hexdigest()[:8]
        slug = f"{slug}_{digest}" if slug else digest
    return KB_PREFIX + slug


def knowledge_bases(target: Target) -> list[KnowledgeBaseInfo]:
    """All knowledge bases of the target, by name."""
    client = connect(target)
    found = []
    with store_errors(target):
        for collection in client.list_collections(timeout=CALL_TIMEOUT_S):
            if not collection.startswith(KB_PREFIX):
                continue
            properties = properties_of(client, collection)
            if properties.get(KIND_KEY) == "knowledge-base":
                client.load_collection(collection, timeout=CALL_TIMEOUT_S)
                found.append(_info(collection, properties, count_where(client, collection)))
    return sorted(found, key=lambda info: info.name)


def _info(collection: str, properties: dict[str, str], num_chunks: int | None) -> KnowledgeBaseInfo:
    return KnowledgeBaseInfo(
        name=properties[NAME_KEY],
        collection=collection,
        model=properties[MODEL_KEY],
        dim=int(properties[DIM_KEY]),
        num_chunks=num_chunks,
    )


def chunk_node(chunk: Chunk, *, embedding: Sequence[float], extra: dict[str, Any]) -> TextNode:
    """A chunk as the node that MilvusVectorStore stores; `extra` is its document's metadata."""
    from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

    metadata = {
        "file": chunk.file,
        "page": chunk.page,
        "position": chunk.position,
        "start": chunk.start,
        "end": chunk.end,
        "text_hash": chunk.text_hash,
        "num_tokens": chunk.num_tokens,
        **extra,
    }
    return TextNode(
        id_=chunk.id,
        text=chunk.text,
        embedding=list(embedding),
        metadata=metadata,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=chunk.document_id)},
        excluded_embed_metadata_keys=list(metadata),
        excluded_llm_metadata_keys=list(metadata),
    )


class KnowledgeStore:
    """One knowledge base on one target: chunks in, hits out."""

    def __init__(self, target: Target, info: KnowledgeBaseInfo, vector_store: MilvusVectorStore) -> None:
        self.target = target
        self.info = info
        self.vector_store = vector_store

    @classmethod
    def open(cls, target: Target, kb: str, *, model: str, dim: int, create: bool = True) -> KnowledgeStore:
        """Open knowledge base `kb`, made with `model` of `dim` dimensions.

        create: make it when it is missing; otherwise KnowledgeBaseNotFoundError.
        Raises ForeignCollectionError, ModelMismatchError, StoreError. Blocks; call it off the loop.
        """
        client = connect(target)
        name = collection_name(kb)
        with store_errors(target):
            if not client.has_collection(name, timeout=CALL_TIMEOUT_S):
                if not create:
                    raise KnowledgeBaseNotFoundError(
                        f"There is no knowledge base {kb!r} at {target.label}. Ingest a document first."
                    )
                _create_collection(client, name, kb=kb, model=model, dim=dim, is_lite=target.is_lite)
            properties = properties_of(client, name)
            _check_ours(properties, name, kb=kb, model=model, dim=dim)
            # Milvus Lite comes up with every collection released.
            client.load_collection(name, timeout=CALL_TIMEOUT_S)
            vector_store = make_vector_store(
                target,
                name,
                dim=dim,
                metric="COSINE",
                consistency="Session",
                upsert_mode=True,
                batch_size=PAGE_SIZE,
            )
        return cls(target, _info(name, properties, None), vector_store)

    def add(self, nodes: Sequence[TextNode]) -> list[str]:
        """Insert or replace chunks by id. Returns their ids."""
        with store_errors(self.target):
            return self.vector_store.add(list(nodes))

    async def aadd(self, nodes: Sequence[TextNode]) -> list[str]:
        """`add`, awaiting."""
        with store_errors(self.target):
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await self.vector_store.async_add(list(nodes))

    def search(self, embedding: Sequence[float], top_k: int) -> list[NodeWithScore]:
        """The `top_k` nearest chunks with their cosine similarity, best first."""
        with store_errors(self.target):
            return _hits(self.vector_store.query(_query(embedding, top_k)))

    async def asearch(self, embedding: Sequence[float], top_k: int) -> list[NodeWithScore]:
        """`search`, awaiting."""
        with store_errors(self.target):
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return _hits(await self.vector_store.aquery(_query(embedding, top_k)))

    def count(self, document_id: str | None = None) -> int:
        """How many chunks Milvus has, of all documents or of one; counted, not estimated."""
        expression = "" if document_id is None else f'doc_id == "{document_id}"'
        with store_errors(self.target):
            return count_where(self.vector_store.client, self.info.collection, expression)

    def chunk_ids(self, document_id: str) -> set[str]:
        """Ids of the chunks of one document that Milvus has already."""
        with store_errors(self.target):
            return {row["id"] for row in self._rows(f'doc_id == "{document_id}"', ["id"])}

    def documents(self) -> list[DocumentSummary]:
        """All documents, newest first. Those whose ingest was cut short have `is_complete` False."""
        with store_errors(self.target):
            rows = list(self._rows("position == 0", DOCUMENT_FIELDS))
            # Counting each document costs a call; one count of all tells whether that is needed.
            is_whole = sum(int(row["num_chunks"]) for row in rows) == self.count()
            summaries = [
                _summary(row, int(row["num_chunks"]) if is_whole else self.count(row["doc_id"]))
                for row in rows
            ]
        return sorted(summaries, key=lambda summary: (summary.ingested_at, summary.file), reverse=True)

    def delete_document(self, document_id: str) -> int:
        """Delete every chunk of a document; returns how many there were."""
        num_chunks = self.count(document_id)
        with store_errors(self.target):
            self.vector_store.client.delete(
                self.info.collection, filter=f'doc_id == "{document_id}"', timeout=CALL_TIMEOUT_S
            )
        return num_chunks

    def flush(self) -> None:
        """Make recent rows fast to search. Only Milvus Lite needs it: it scans unflushed rows slowly."""
        if self.target.is_lite:
            with store_errors(self.target):
                self.vector_store.client.flush(self.info.collection)

    def drop(self) -> None:
        """Drop the knowledge base with all its chunks."""
        with store_errors(self.target):
            self.vector_store.client.drop_collection(self.info.collection, timeout=CALL_TIMEOUT_S)

    def _rows(self, expression: str, fields: list[str]) -> Iterator[dict[str, Any]]:
        iterator = self.vector_store.client.query_iterator(
            self.info.collection,
            batch_size=PAGE_SIZE,
            filter=expression,
            output_fields=fields,
            consistency_level="Strong",
        )
        try:
            while rows := iterator.next():
                yield from rows
        finally:
            iterator.close()


def _create_collection(
    client: MilvusClient, name: str, *, kb: str, model: str, dim: int, is_lite: bool
) -> None:
    """Create the collection as MilvusVectorStore would, with `position` as a field and our mark on it."""
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=True)
    for field in ("id", "doc_id"):
        schema.add_field(field, DataType.VARCHAR, max_length=64, is_primary=field == "id")
    schema.add_field("text", DataType.VARCHAR, max_length=65_535)
    schema.add_field("position", DataType.INT64)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=dim)
    index = client.prepare_index_params()
    # On Lite an approximate index is used only after a reload of many seconds; FLAT is exact and
    # fast as soon as the rows are flushed.
    index.add_index("embedding", index_type="FLAT" if is_lite else "AUTOINDEX", metric_type="COSINE")
    properties = {KIND_KEY: "knowledge-base", NAME_KEY: kb, MODEL_KEY: model, DIM_KEY: str(dim)}
    client.create_collection(
        name, schema=schema, index_params=index, consistency_level="Session", properties=properties
    )
    if KIND_KEY not in properties_of(client, name):
        client.alter_collection_properties(name, properties)


def _check_ours(properties: dict[str, str], name: str, *, kb: str, model: str, dim: int) -> None:
    if properties.get(KIND_KEY) != "knowledge-base":
        raise ForeignCollectionError(
            f"A collection named {name} exists, but Overlap did not make it, so it is left alone. "
            "Choose another knowledge base name, or rename that collection."
        )
    if (properties.get(MODEL_KEY), properties.get(DIM_KEY)) != (model, str(dim)):
        raise ModelMismatchError(
            f"Knowledge base {kb!r} was made with the embedding model {properties.get(MODEL_KEY)} "
            f"({properties.get(DIM_KEY)} dimensions), but {model} ({dim}) is set. "
            "Set EMBED_MODEL back, or use another knowledge base name."
        )


def _query(embedding: Sequence[float], top_k: int) -> Any:
    from llama_index.core.vector_stores.types import VectorStoreQuery

    return VectorStoreQuery(
        query_embedding=list(embedding), similarity_top_k=top_k, output_fields=list(HIT_FIELDS)
    )


def _hits(result: Any) -> list[NodeWithScore]:
    from llama_index.core.schema import NodeWithScore

    return [
        NodeWithScore(node=node, score=score)
        for node, score in zip(result.nodes or [], result.similarities or [], strict=True)
    ]


def _summary(row: dict[str, Any], chunks_present: int) -> DocumentSummary:
    return DocumentSummary(
        id=row["doc_id"],
        file=row["file"],
        size_bytes=int(row["size_bytes"]),
        num_pages=row["num_pages"],
        num_chunks=int(row["num_chunks"]),
        chunks_present=chunks_present,
        ingested_at=row["ingested_at"],
    )

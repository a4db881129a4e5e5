"""What a knowledge base is in Milvus: its fields, its indexes, our mark on it, and a chunk as a node."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.records import Chunk
from core.store.connection import KIND_KEY, is_index_lost, properties_of
from core.store.names import CREATED_KEY, DIM_KEY, KB_KIND, MODEL_KEY, NAME_KEY
from core.store.search import TEXT_ANALYZER, add_text_index, lacks_text_search

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode
    from pymilvus import MilvusClient


def create_collection(
    client: MilvusClient, name: str, *, kb: str, model: str, dim: int, is_lite: bool
) -> None:
    """Create the collection as MilvusVectorStore would, with `position` as a field and our mark on it.

    It gets a text index where the target can have one.
    """
    from pymilvus import DataType, MilvusException

    schema = client.create_schema(auto_id=False, enable_dynamic_field=True)
    for field in ("id", "doc_id"):
        schema.add_field(field, DataType.VARCHAR, max_length=64, is_primary=field == "id")
    has_words = lacks_text_search(client) is None
    analyzer = TEXT_ANALYZER if has_words else {}
    schema.add_field("text", DataType.VARCHAR, max_length=65_535, **analyzer)
    schema.add_field("position", DataType.INT64)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=dim)
    index = client.prepare_index_params()
    # On Lite an approximate index is used only after a reload of many seconds; FLAT is exact and
    # fast as soon as the rows are flushed.
    index.add_index("embedding", index_type="FLAT" if is_lite else "AUTOINDEX", metric_type="COSINE")
    if has_words:
        add_text_index(schema, index)
    properties = collection_properties(kb, model=model, dim=dim)
    try:
        client.create_collection(
            name, schema=schema, index_params=index, consistency_level="Session", properties=properties
        )
    except MilvusException as exc:
        if not is_index_lost(exc):
            raise
        client.create_index(name, index)
    if KIND_KEY not in properties_of(client, name):
        client.alter_collection_properties(name, properties)


def collection_properties(kb: str, *, model: str, dim: int) -> dict[str, str]:
    """What is known about a knowledge base besides its chunks; Milvus keeps it on the collection."""
    return {
        KIND_KEY: KB_KIND,
        NAME_KEY: kb,
        MODEL_KEY: model,
        DIM_KEY: str(dim),
        CREATED_KEY: datetime.now(UTC).isoformat(timespec="seconds"),
    }


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

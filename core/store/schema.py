"""What a knowledge base is in Milvus: its fields, its indexes, our mark on it, and a chunk as a node."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.documents.models import Chunk
from core.store.connection import CALL_TIMEOUT_S, properties_of
from core.store.milvus_errors import is_index_lost
from core.store.names import (
    CREATED_KEY,
    DIM_KEY,
    KB_KIND,
    KIND_KEY,
    MODEL_KEY,
    NAME_KEY,
    VISITOR_KEY,
    owner_of,
)
from core.store.search import TEXT_ANALYZER, add_text_index, lacks_text_search

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode
    from pymilvus import MilvusClient
    from pymilvus.milvus_client.index import IndexParams

# How Milvus Lite and servers say that somebody else was quicker.
_ALREADY = re.compile(r"file exists|already exist|duplicated collection")
ANOTHER_TIMEOUT_S = 10.0
LOOK_S = 0.1


def create_collection(
    client: MilvusClient,
    name: str,
    *,
    kb: str,
    model: str,
    dim: int,
    is_lite: bool,
    marks: Mapping[str, str] | None = None,
) -> None:
    """Create the collection as MilvusVectorStore would, with `position` as a field and our mark on it.

    It gets a text index where the target can have one.

    Args:
        client: Milvus' own sync client.
        name: Of the collection; the owner is read from it.
        kb: The knowledge base's name, noted on it.
        model: The embedding model's name, noted on it.
        dim: The length of each vector.
        is_lite: Whether the target is Milvus Lite, which gets another index.
        marks: Properties in place of a knowledge base's; None for those.

    Raises:
        MilvusException: When Milvus refuses it for another reason than that it is there already.
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
    properties = collection_properties(kb, model=model, dim=dim, owner=owner_of(name)) | dict(marks or {})
    try:
        client.create_collection(name, schema=schema, consistency_level="Session", properties=properties)
    except MilvusException as exc:
        if not _ALREADY.search(str(exc.message).lower()):
            raise
        _wait_for_another(client, name)
        return
    index_and_load(client, name, index)
    if KIND_KEY not in properties_of(client, name):
        client.alter_collection_properties(name, properties)


def index_and_load(client: MilvusClient, name: str, index: IndexParams) -> None:
    """Make the indexes of an empty collection, and load it.

    Asked to wait for an index, pymilvus sleeps for half a second before it looks: a second for each knowledge
    base. There is nothing to wait for where there are no rows, and loading waits for what it needs.

    Raises:
        MilvusException: When Milvus refuses it, other than by losing the index, which is made once more then.
    """
    from pymilvus import MilvusException

    client.create_index(name, index, sync=False)
    try:
        client.load_collection(name)
    except MilvusException as exc:
        if not is_index_lost(exc):
            raise
        client.create_index(name, index)
        client.load_collection(name)


def _wait_for_another(client: MilvusClient, name: str) -> None:
    """Another process makes the collection at this moment: wait until it is ready, within limits."""
    from pymilvus import MilvusException
    from pymilvus.client.types import LoadState

    until_s = time.monotonic() + ANOTHER_TIMEOUT_S
    while time.monotonic() < until_s:
        with suppress(MilvusException):
            is_loaded = client.get_load_state(name, timeout=CALL_TIMEOUT_S)["state"] == LoadState.Loaded
            if is_loaded and KIND_KEY in properties_of(client, name):
                return
        time.sleep(LOOK_S)


def collection_properties(kb: str, *, model: str, dim: int, owner: str = "") -> dict[str, str]:
    """What is known about a knowledge base besides its chunks; Milvus keeps it on the collection."""
    return {
        **({VISITOR_KEY: owner} if owner else {}),
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
        "label": chunk.label,
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

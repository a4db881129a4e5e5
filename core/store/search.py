"""How a knowledge base is searched: by vector, and by words too where the target has a text index."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.errors import TextSearchMissingError
from core.store.connection import CALL_TIMEOUT_S

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore
    from pymilvus import CollectionSchema, MilvusClient
    from pymilvus.milvus_client.index import IndexParams

# Every hit otherwise carries its vector back.
HIT_FIELDS = ["_node_content", "_node_type", "text"]
VECTOR_FIELD = "embedding"
WORDS_FIELD = "text_bm25"
# The default analyzer, "standard": words in lower case, in any language; Lite has no stemming ones.
TEXT_ANALYZER: dict[str, Any] = {"enable_analyzer": True}
TEXT_SEARCH_SINCE = (2, 5)
# The constant of the paper on reciprocal rank fusion; also Milvus's default.
RRF_K = 60
# How deep each of the two searches looks before they are fused.
LEAST_DEPTH = 30


def lacks_text_search(client: MilvusClient) -> str | None:
    """Why this Milvus can't search by words, in a sentence; None when it can."""
    version = str(client.get_server_version(timeout=CALL_TIMEOUT_S))
    # The server from PyPI calls itself "v2.3.5-lite", and is none.
    if version.startswith("milvus_lite"):
        return None
    numbers = re.search(r"(\d+)\.(\d+)[.\d]*", version)
    if numbers is None:
        return f"Milvus {version} does not tell whether it has text search; 2.5 and newer have."
    if (int(numbers[1]), int(numbers[2])) < TEXT_SEARCH_SINCE:
        return f"Milvus {numbers[0]} has no text search; 2.5 and newer have."
    return None


def why_no_hybrid(client: MilvusClient, collection: str) -> str | None:
    """Why this collection can't be searched by words, in a sentence; None when it can."""
    described = client.describe_collection(collection, timeout=CALL_TIMEOUT_S)
    if any(field["name"] == WORDS_FIELD for field in described["fields"]):
        return None
    return lacks_text_search(client) or (
        "This knowledge base was made without a text index; add its documents to a new one."
    )


def add_text_index(schema: CollectionSchema, index: IndexParams) -> None:
    """Let Milvus derive BM25 weights from the field `text`; it must have its analyzer enabled."""
    from pymilvus import DataType, Function, FunctionType

    schema.add_field(WORDS_FIELD, DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(
        Function(
            name="bm25",
            function_type=FunctionType.BM25,
            input_field_names=["text"],
            output_field_names=[WORDS_FIELD],
        )
    )
    index.add_index(WORDS_FIELD, index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")


def in_documents(document_ids: Sequence[str]) -> str:
    """The filter for chunks of these documents; empty for all."""
    return f"doc_id in {json.dumps(list(document_ids))}" if document_ids else ""


def search_arguments(
    collection: str,
    embedding: Sequence[float],
    top_k: int,
    *,
    words: str | None,
    document_ids: Sequence[str],
    with_vectors: bool,
) -> dict[str, Any]:
    """What `search`, or with `words` `hybrid_search`, of either client is called with."""
    chosen = in_documents(document_ids)
    # A fused score is not a similarity, so the vectors come along to compute it.
    fields = [*HIT_FIELDS, VECTOR_FIELD] if words is not None or with_vectors else list(HIT_FIELDS)
    common = {"collection_name": collection, "limit": top_k, "output_fields": fields}
    if words is None:
        return {**common, "data": [list(embedding)], "anns_field": VECTOR_FIELD, "filter": chosen}
    from pymilvus import AnnSearchRequest, RRFRanker

    depth = max(top_k, LEAST_DEPTH)
    by_meaning = AnnSearchRequest(
        [list(embedding)], VECTOR_FIELD, {"metric_type": "COSINE"}, depth, expr=chosen
    )
    by_words = AnnSearchRequest([words], WORDS_FIELD, {"metric_type": "BM25"}, depth, expr=chosen)
    return {**common, "reqs": [by_meaning, by_words], "ranker": RRFRanker(RRF_K)}


def hits_of(
    found: Any, embedding: Sequence[float], *, is_fused: bool, keep_vectors: bool = True
) -> list[NodeWithScore]:
    """The hits of one question in the order found; each score is the cosine similarity to it.

    Where vectors came along and are kept, they are on the nodes.
    """
    import numpy as np
    from llama_index.core.schema import NodeWithScore
    from llama_index.core.vector_stores.utils import metadata_dict_to_node

    question = np.asarray(embedding, dtype=np.float32)
    hits = []
    for row in found[0]:
        entity = dict(row["entity"])
        vector = entity.pop(VECTOR_FIELD, None)
        node = metadata_dict_to_node(entity, text=entity["text"])
        score = float(row["distance"])
        if vector is not None:
            if keep_vectors:
                node.embedding = [float(value) for value in vector]
            if is_fused:
                score = _cosine(question, np.asarray(vector, dtype=np.float32))
        hits.append(NodeWithScore(node=node, score=score))
    return hits


def _cosine(left: Any, right: Any) -> float:
    import numpy as np

    norm = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(left @ right) / norm if norm else 0.0


def check_hybrid(reason: str | None) -> None:
    """Refuse to search by words where that can't be done.

    Raises:
        TextSearchMissingError: When there is a `reason`, which is its text.
    """
    if reason is not None:
        raise TextSearchMissingError(reason)

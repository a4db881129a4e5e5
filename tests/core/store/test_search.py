"""How Milvus is asked, and what its hits are worth."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import TextSearchMissingError
from core.store.search import (
    HIT_FIELDS,
    LEAST_DEPTH,
    VECTOR_FIELD,
    WORDS_FIELD,
    check_hybrid,
    hits_of,
    in_documents,
    lacks_text_search,
    search_arguments,
    why_no_hybrid,
)


class Milvus:
    """A client of a server of that version whose collection has these fields."""

    def __init__(self, version: str, *fields: str) -> None:
        self.version, self.fields = version, fields

    def get_server_version(self, **_: Any) -> str:
        return self.version

    def describe_collection(self, name: str, **_: Any) -> dict[str, Any]:
        return {"fields": [{"name": field} for field in self.fields]}


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("milvus_lite-3.2.2", None),
        ("v2.5.0", None),
        ("2.6.4", None),
        ("3.0", None),
        ("v2.4.17-dev", "Milvus 2.4.17 has no text search; 2.5 and newer have."),
        ("v2.3.5-lite", "Milvus 2.3.5 has no text search; 2.5 and newer have."),
        ("master", "Milvus master does not tell whether it has text search; 2.5 and newer have."),
    ],
)
def test_text_search_is_told_by_the_version(version: str, reason: str | None) -> None:
    assert lacks_text_search(Milvus(version)) == reason


def test_collection_with_a_text_index_is_searched_by_words_and_another_says_why_not() -> None:
    def why(version: str, *fields: str) -> str | None:
        return why_no_hybrid(Milvus(version, *fields), "kb")

    assert why("2.4.0", "text", WORDS_FIELD) is None
    assert "Milvus 2.4.0 has no text search" in str(why("2.4.0", "text"))
    assert "made without a text index" in str(why("2.6.4", "text"))


def test_reason_is_the_error_s_text_and_none_is_no_error() -> None:
    check_hybrid(None)
    with pytest.raises(TextSearchMissingError, match=r"^no words$"):
        check_hybrid("no words")


def test_search_by_meaning_carries_no_vectors_back_unless_they_are_wanted() -> None:
    asked = search_arguments("kb", [1.0, 0.0], 5, words=None, document_ids=[], with_vectors=False)
    assert asked == {
        "collection_name": "kb", "limit": 5, "output_fields": HIT_FIELDS, "data": [[1.0, 0.0]],
        "anns_field": VECTOR_FIELD, "filter": "",
    }  # fmt: skip
    with_vectors = search_arguments("kb", [1.0], 5, words=None, document_ids=["a"], with_vectors=True)
    assert with_vectors["output_fields"] == [*HIT_FIELDS, VECTOR_FIELD]
    assert with_vectors["filter"] == in_documents(["a"]) == 'doc_id in ["a"]'
    assert VECTOR_FIELD not in HIT_FIELDS


@pytest.mark.parametrize(("top_k", "depth"), [(5, LEAST_DEPTH), (100, 100)])
def test_both_searches_look_deeper_than_what_is_wanted_of_their_fusion(top_k: int, depth: int) -> None:
    asked = search_arguments("kb", [1.0], top_k, words="tick", document_ids=["a"], with_vectors=False)
    assert asked["limit"] == top_k
    assert [(each.anns_field, each.limit, each.expr) for each in asked["reqs"]] == [
        (VECTOR_FIELD, depth, 'doc_id in ["a"]'),
        (WORDS_FIELD, depth, 'doc_id in ["a"]'),
    ]
    assert VECTOR_FIELD in asked["output_fields"]


def test_id_with_quotes_stays_inside_of_the_filter() -> None:
    assert in_documents(['a"] or true', "b"]) == 'doc_id in ["a\\"] or true", "b"]'


def _row(text: str, distance: float, **entity: Any) -> dict[str, Any]:
    from llama_index.core.schema import TextNode
    from llama_index.core.vector_stores.utils import node_to_metadata_dict

    stored = node_to_metadata_dict(TextNode(id_=text, text=text), remove_text=True)
    fields = {name: stored[name] for name in ("_node_content", "_node_type")}
    return {"distance": distance, "entity": {**fields, "text": text, **entity}}


def test_score_of_a_fused_hit_is_its_cosine_similarity_and_the_order_stays() -> None:
    found = [[_row("far", 0.03, embedding=[0.0, 2.0]), _row("near", 0.02, embedding=[3.0, 0.0])]]
    hits = hits_of(found, [1.0, 0.0], is_fused=True, keep_vectors=False)
    assert [(hit.node.node_id, hit.score) for hit in hits] == [("far", 0.0), ("near", 1.0)]
    assert all(hit.node.embedding is None for hit in hits)
    kept = hits_of(found, [1.0, 0.0], is_fused=True)
    assert [hit.node.embedding for hit in kept] == [[0.0, 2.0], [3.0, 0.0]]


def test_score_of_a_hit_by_meaning_is_milvus_own_and_a_vector_of_nothing_is_no_error() -> None:
    (hit,) = hits_of([[_row("a", 0.8)]], [1.0, 0.0], is_fused=False)
    assert (hit.score, hit.node.get_content(), hit.node.embedding) == (0.8, "a", None)
    (zero,) = hits_of([[_row("a", 0.8, embedding=[0.0, 0.0])]], [1.0, 0.0], is_fused=True)
    assert zero.score == 0.0

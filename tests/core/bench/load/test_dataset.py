"""core.bench.load.dataset: what is added and searched for."""

from __future__ import annotations

import json

import numpy as np
from llama_index.core.vector_stores.utils import node_to_metadata_dict

from core.bench.load.dataset import OwnData, lean_nodes, make_dataset, tutorial_nodes, tutorial_query


def test_dataset_takes_passages_again_when_there_are_too_few() -> None:
    own = OwnData(vectors=np.eye(2, 4, dtype=np.float32), texts=["a", "b"])
    dataset = make_dataset("kb", 3, dim=4, seed=7, own=own)
    assert [node.text for node in dataset.nodes] == ["a", "b", "a"]
    assert len({node.node_id for node in dataset.nodes}) == 3
    assert dataset.queries[1] == [0.0, 1.0, 0.0, 0.0]


def test_lean_nodes_make_the_same_rows_without_writing_their_vectors_into_json() -> None:
    nodes = make_dataset("random", 2, dim=4, seed=3).nodes
    for node, lean in zip(nodes, lean_nodes(nodes), strict=True):
        assert (lean.node_id, lean.get_embedding()) == (node.node_id, node.get_embedding())
        assert "embedding" in node.dict() and "embedding" not in lean.dict()
        rows = [node_to_metadata_dict(each, remove_text=True, text_field="text") for each in (node, lean)]
        contents = [json.loads(row.pop("_node_content")) for row in rows]
        assert rows[0] == rows[1]
        assert contents[0] == contents[1]


def test_nodes_repeat_with_the_seed_and_have_the_tutorials_form() -> None:
    nodes = tutorial_nodes(3, dim=4, seed=7)
    again = tutorial_nodes(3, dim=4, seed=7)
    assert [(node.id_, node.embedding) for node in nodes] == [(node.id_, node.embedding) for node in again]
    assert all(len(node.id_) == 16 and node.id_.isdigit() for node in nodes)
    assert [node.text for node in nodes] == ["n0_text", "n1_text", "n2_text"]
    assert [node.ref_doc_id for node in nodes] == ["n1", "n2", "n3"]
    assert all((node.embedding or [])[:3] == [0.5, 0.5, 0.5] for node in nodes)
    assert tutorial_nodes(1, dim=4, seed=8)[0].id_ != nodes[0].id_
    assert tutorial_query(4) == [0.5, 0.5, 0.5, 0.6]

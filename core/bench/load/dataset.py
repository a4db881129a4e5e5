"""What is added and searched for: the tutorial's nodes, random vectors, or a knowledge base's own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BenchError

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

FILL = 0.5
QUERY_LAST = 0.6
ID_DIGITS = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Dataset:
    """Nodes to add, and one query vector for each search."""

    nodes: list[TextNode]
    queries: list[list[float]]

    @property
    def vectors(self) -> dict[str, list[float]]:
        """The vector of each node, by its id."""
        return {node.node_id: node.get_embedding() for node in self.nodes}


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnData:
    """Passages of a knowledge base: vectors of shape (n, dim), and their texts."""

    vectors: Any
    texts: list[str]

    @property
    def dim(self) -> int:
        """The length of each vector."""
        return int(self.vectors.shape[1])


def make_dataset(data: str, count: int, *, dim: int, seed: int, own: OwnData | None = None) -> Dataset:
    """`count` nodes and `count` queries. The same arguments give the same data, for every lane.

    Args:
        data: "tutorial": vectors that differ in their last number only, and one query again and again.
            "random": unit vectors, and other unit vectors as queries. Otherwise a knowledge base's name, with
            its passages in `own`: taken again from the first when there are too few, with their vectors as
            queries.
        count: How many of each.
        dim: The length of each vector; unused with `own`, whose vectors have theirs.
        seed: Decides the ids, and the vectors that are made here.
        own: The passages of the knowledge base that `data` names; None for made data.
    """
    if data == "tutorial":
        query = tutorial_query(dim)
        return Dataset(nodes=tutorial_nodes(count, dim=dim, seed=seed), queries=[query] * count)
    ids = node_ids(count, seed=seed)
    if own is None:
        nodes = _nodes(ids, unit_vectors(count, dim, seed), [f"n{i}_text" for i in range(count)])
        return Dataset(nodes=nodes, queries=unit_vectors(count, dim, seed + 1))
    places = [i % len(own.texts) for i in range(count)]
    vectors = own.vectors[places].tolist()
    return Dataset(nodes=_nodes(ids, vectors, [own.texts[place] for place in places]), queries=vectors)


def node_ids(count: int, *, seed: int) -> list[str]:
    """Distinct random ids of 16 digits, as the tutorial makes them."""
    return _ids(random.Random(seed), count)


def tutorial_nodes(count: int, *, dim: int, seed: int) -> list[TextNode]:
    """`count` nodes: random 16-digit id, text "n{i}_text", embeddings that differ only in the last number."""
    rng = random.Random(seed)
    ids = _ids(rng, count)
    vectors = [[FILL] * (dim - 1) + [rng.random()] for _ in ids]
    return _nodes(ids, vectors, [f"n{i}_text" for i in range(count)])


def tutorial_query(dim: int) -> list[float]:
    """The embedding that every search looks for."""
    return [FILL] * (dim - 1) + [QUERY_LAST]


def unit_vectors(count: int, dim: int, seed: int) -> list[list[float]]:
    """Random directions, as float32 of length 1."""
    import numpy as np

    values = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    vectors: list[list[float]] = (values / np.linalg.norm(values, axis=1, keepdims=True)).tolist()
    return vectors


def lean_nodes(nodes: Sequence[TextNode]) -> list[TextNode]:
    """The same nodes, whose vectors are left out when a node is written as JSON.

    MilvusVectorStore writes each node as JSON twice, vector and all, and then takes the vector out of it.
    """
    from llama_index.core.schema import TextNode
    from pydantic import Field

    class LeanNode(TextNode):
        embedding: list[float] | None = Field(default=None, exclude=True)

    return [LeanNode(**dict(node)) for node in nodes]


def save_own(own: OwnData, path: Path) -> None:
    """Write passages for a benchmark process that can't open the knowledge base itself."""
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez(file, vectors=own.vectors, texts=np.array(own.texts, dtype=np.str_))


def load_own(path: Path) -> OwnData:
    """Read what `save_own` wrote.

    Raises:
        BenchError: When the file is missing, or holds something else.
    """
    import numpy as np

    try:
        # Nothing but arrays: a pickle in such a file would be code.
        with np.load(path, allow_pickle=False) as file:
            vectors, texts = file["vectors"], [str(text) for text in file["texts"]]
    except (OSError, ValueError, KeyError) as exc:
        raise BenchError(f"The passages in {path.name} can't be read. Start the benchmark again.") from exc
    return OwnData(vectors=vectors, texts=texts)


def _ids(rng: random.Random, count: int) -> list[str]:
    ids: dict[str, None] = {}
    while len(ids) < count:
        ids.setdefault("".join(rng.choices("0123456789", k=ID_DIGITS)))
    return list(ids)


def _nodes(ids: Sequence[str], vectors: Sequence[list[float]], texts: Sequence[str]) -> list[TextNode]:
    from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

    return [
        TextNode(
            id_=node_id,
            text=text,
            embedding=vector,
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"n{i + 1}")},
        )
        for i, (node_id, vector, text) in enumerate(zip(ids, vectors, texts, strict=True))
    ]

"""What is added and searched for: the tutorial's nodes and its query, with a seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

FILL = 0.5
QUERY_LAST = 0.6
ID_DIGITS = 16


def tutorial_nodes(count: int, *, dim: int, seed: int) -> list[TextNode]:
    """`count` nodes: a random 16-digit id, text "n{i}_text", and an embedding that differs only at its end.

    The same seed gives the same nodes, so every lane stores the same data. Ids are distinct.
    """
    from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

    rng = random.Random(seed)
    ids: dict[str, None] = {}
    while len(ids) < count:
        ids.setdefault("".join(rng.choices("0123456789", k=ID_DIGITS)))
    return [
        TextNode(
            id_=node_id,
            text=f"n{i}_text",
            embedding=[FILL] * (dim - 1) + [rng.random()],
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"n{i + 1}")},
        )
        for i, node_id in enumerate(ids)
    ]


def tutorial_query(dim: int) -> list[float]:
    """The embedding that every search looks for."""
    return [FILL] * (dim - 1) + [QUERY_LAST]

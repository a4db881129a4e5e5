"""In which batches a document's chunks are embedded and go in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from core.documents.models import Chunk
from core.ingest.metadata import Metadata
from core.store import chunk_node

if TYPE_CHECKING:
    import numpy as np
    from llama_index.core.schema import TextNode

# The first window is small, so that a question can be asked after a moment.
FIRST_WINDOW = 8
WINDOW = 32


def windows_of(chunks: list[Chunk]) -> Iterator[list[Chunk]]:
    """The document's beginning, then the rest by length: equal ones share a batch without padding."""
    if chunks:
        yield chunks[:FIRST_WINDOW]
    rest = sorted(chunks[FIRST_WINDOW:], key=lambda chunk: -chunk.num_tokens)
    for start in range(0, len(rest), WINDOW):
        yield rest[start : start + WINDOW]


def nodes_of(chunks: Sequence[Chunk], vectors: Iterable[np.ndarray], about: Metadata) -> list[TextNode]:
    """Chunks with their vectors, as they are inserted.

    Args:
        chunks: In any order.
        vectors: One for each chunk, in the same order, shape (dim,).
        about: What `core.ingest.metadata` says of their document.
    """
    return [
        chunk_node(chunk, embedding=vector.tolist(), extra=about)
        for chunk, vector in zip(chunks, vectors, strict=True)
    ]

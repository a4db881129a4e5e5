"""The vectors of passages that were embedded before: a passage that comes again costs no second embedding.

Passages come again in copies, in the unchanged pages of a new version, in the licence under every page, and
whenever a document is deleted and added again.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from cachetools import LRUCache

if TYPE_CHECKING:
    import numpy as np

# Some 21,000 vectors of 384 dimensions, 10,000 of 768.
MAX_BYTES = 32 * 2**20


class VectorCache:
    """Vectors by the hash of their text, of one embedding model; what was not used for longest goes first.

    It lives in memory only, and on one event loop.

    Args:
        max_bytes: How much the vectors may take; 0 keeps none.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._vectors: LRUCache[str, np.ndarray] = LRUCache(max_bytes, getsizeof=lambda vector: vector.nbytes)

    def get(self, text_hash: str) -> np.ndarray | None:
        """The vector, shape (dim,); None when it is not known."""
        return self._vectors.get(text_hash)

    def put(self, text_hash: str, vector: np.ndarray) -> None:
        """Keep `vector`, as long as there is room."""
        if text_hash not in self._vectors:
            # One that is larger than all of the room.
            with suppress(ValueError):
                # A row of a batch would keep the whole batch.
                self._vectors[text_hash] = vector.copy()

"""The visitor's own knowledge base as the benchmark's data."""

from __future__ import annotations

from core import store
from core.bench.load.dataset import OwnData
from core.config.settings import Settings

MAX_PASSAGES = 10_000


def read_own(settings: Settings, kb: str, count: int) -> OwnData:
    """As many passages as `count` operations need, `MAX_PASSAGES` at most.

    Read at the settings' target, where knowledge bases are, whatever target is measured.

    Raises:
        StoreError: When the knowledge base is not there, or Milvus fails.
    """
    import numpy as np

    texts, vectors = store.passages(settings.target, kb, min(count, MAX_PASSAGES))
    return OwnData(vectors=np.asarray(vectors, dtype=np.float32), texts=texts)

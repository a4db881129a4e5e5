"""Importing hundreds of thousands of objects that stay to the end, without the garbage collector's help."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_is_done = False


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep what the block imports out of the garbage collector's sight; once in a process.

    Looked through while they are made, LlamaIndex's objects cost a fifth of the importing; later they
    would hold every thread up for 0.4 s at a full collection.
    """
    global _is_done
    if _is_done or not gc.isenabled() or not _lock.acquire(blocking=False):
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        _is_done = True
        _lock.release()

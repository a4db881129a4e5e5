"""What outlives a rerun and belongs to the whole app: the open knowledge base, the running ingest.

Plain module state, not a Streamlit cache: clearing caches must not tear a running job down.
No user state lives here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from core import loop
from core.config import DEFAULT_KB, Settings

if TYPE_CHECKING:
    from core.documents.pipeline import IncomingFile, Ingest, IngestSnapshot
    from core.knowledge import KnowledgeBase

# A failed opening is tried again by the next look after this time.
RETRY_AFTER_S = 2.0
# The first page is painted before the heavy imports start to compete for the interpreter.
WARM_UP_DELAY_S = 0.3

_lock = threading.Lock()
_opened: dict[str, tuple[Future[KnowledgeBase], float]] = {}
_ingest: dict[str, tuple[Ingest, Future[IngestSnapshot]]] = {}


def _key(settings: Settings, name: str) -> str:
    return (
        f"{settings.target.uri}|{settings.embed_model}|{settings.llm_model}|{settings.openai_base_url}|{name}"
    )


async def _open(settings: Settings, name: str) -> KnowledgeBase:
    import asyncio

    await asyncio.sleep(WARM_UP_DELAY_S)
    # Importing blocks for seconds, so it too happens in a thread.
    return await asyncio.to_thread(_load, settings, name)


def _load(settings: Settings, name: str) -> KnowledgeBase:
    from core.knowledge import KnowledgeBase

    return KnowledgeBase.load(name, settings)


def open_knowledge_base(settings: Settings, name: str = DEFAULT_KB) -> Future[KnowledgeBase]:
    """The knowledge base, being opened in the background or open; one per app.

    A future that failed is replaced after `RETRY_AFTER_S`, so a server that comes back is found.
    """
    key = _key(settings, name)
    with _lock:
        future, since_s = _opened.get(key, (None, 0.0))
        has_failed = future is not None and future.done() and future.exception() is not None
        if future is None or (has_failed and time.monotonic() - since_s > RETRY_AFTER_S):
            future = loop.submit(_open(settings, name))
            _opened[key] = (future, time.monotonic())
        return future


def ready_knowledge_base(settings: Settings, name: str = DEFAULT_KB) -> KnowledgeBase | None:
    """The open knowledge base, or None while it is being opened. Raises what the opening raised."""
    future = open_knowledge_base(settings, name)
    return future.result() if future.done() else None


def start_ingest(settings: Settings, files: Sequence[IncomingFile], name: str = DEFAULT_KB) -> bool:
    """Start to ingest `files`; False when an ingest is running already."""
    kb = open_knowledge_base(settings, name).result()
    key = _key(settings, name)
    with _lock:
        current = _ingest.get(key)
        if current is not None and not current[1].done():
            return False
        job = kb.ingest_job(files)
        _ingest[key] = (job, loop.submit(job.run()))
    return True


def current_ingest(settings: Settings, name: str = DEFAULT_KB) -> IngestSnapshot | None:
    """How far the running ingest is, or how the last one ended; None before the first."""
    current = _ingest.get(_key(settings, name))
    return None if current is None else current[0].snapshot()


def ingest_future(settings: Settings, name: str = DEFAULT_KB) -> Future[IngestSnapshot]:
    """The running or last ingest, to wait for. Raises KeyError before the first."""
    return _ingest[_key(settings, name)][1]


def stop_ingest(settings: Settings, name: str = DEFAULT_KB) -> None:
    """End the running ingest soon; what was inserted stays."""
    current = _ingest.get(_key(settings, name))
    if current is not None:
        loop.background_loop().call_soon_threadsafe(current[0].stop)

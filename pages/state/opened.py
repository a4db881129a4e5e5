"""Knowledge bases that are open, and the names of all.

Plain module state, not a Streamlit cache: clearing caches must not tear a running job down. What belongs
to a visitor of a shared app is kept under a key that names the visitor.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from core.config.settings import DEFAULT_KB, Settings, is_key_of
from core.errors import OverlapError
from core.runtime import event_loop

if TYPE_CHECKING:
    from core.knowledge_base import KnowledgeBase

# A failed opening is tried again by the next look after this time.
RETRY_AFTER_S = 2.0
# Every run of a page draws the choice of knowledge bases; a new one may take this long to appear.
NAMES_KEPT_S = 2.0
T = TypeVar("T")
_lock = threading.Lock()
_opened: dict[str, tuple[Future[KnowledgeBase], float]] = {}
# By target: the names of its knowledge bases, and when they were asked for.
_names: dict[str, tuple[list[str], float]] = {}


def warm_up(settings: Settings) -> None:
    """Begin to load what the first question needs, before the first visitor comes; returns at once."""
    if settings.is_shared:
        event_loop.submit(_in_thread(_prepare, settings))
    else:
        open_knowledge_base(settings)


# Importing blocks for seconds, so it too happens in a thread.
async def _in_thread(work: Callable[..., T], *args: Any) -> T:
    import asyncio

    return await asyncio.to_thread(work, *args)


def _prepare(settings: Settings) -> None:
    from core.knowledge_base import prepare

    with suppress(OverlapError):  # whoever opens a knowledge base is told
        prepare(settings)


def _load(settings: Settings, name: str) -> KnowledgeBase:
    from core.knowledge_base import KnowledgeBase

    # Only the usual one makes itself: a knowledge base that was deleted in another tab must not come
    # back empty because somebody still looked at it.
    return KnowledgeBase.load(name, settings, create=name == DEFAULT_KB)


def open_knowledge_base(settings: Settings, name: str = DEFAULT_KB) -> Future[KnowledgeBase]:
    """The knowledge base, being opened in the background or open; one for each target, model and name.

    A future that failed is replaced after `RETRY_AFTER_S`, so a server that comes back is found.
    """
    key = _key(settings, name)
    with _lock:
        future, since_s = _opened.get(key, (None, 0.0))
        if future is None or (_has_failed(future) and time.monotonic() - since_s > RETRY_AFTER_S):
            future = event_loop.submit(_in_thread(_load, settings, name))
            _opened[key] = (future, time.monotonic())
        return future


def ready_knowledge_base(settings: Settings, name: str = DEFAULT_KB) -> KnowledgeBase | None:
    """The open knowledge base, or None while it is being opened.

    Raises:
        OverlapError: As the opening raised it.
    """
    future = open_knowledge_base(settings, name)
    return future.result() if future.done() else None


def _key(settings: Settings, name: str) -> str:
    return f"{settings.target.key}|{settings.embed_model}|{name}"


def name_now(settings: Settings, name: str) -> str:
    """What the knowledge base that is open as `name` is called; `name` where it is not open yet."""
    future, _ = _opened.get(_key(settings, name), (None, 0.0))
    return name if future is None or not _is_open(future) else future.result().store.info.name


def _is_open(opening: Future[KnowledgeBase]) -> bool:
    return opening.done() and not _has_failed(opening)


def _has_failed(opening: Future[KnowledgeBase]) -> bool:
    return opening.cancelled() or (opening.done() and opening.exception() is not None)


def forget_knowledge_base(settings: Settings, name: str) -> None:
    """Open `name` anew at the next look: it was deleted, renamed or emptied."""
    with _lock:
        of_target = f"{settings.target.key}|"
        for key, (future, _) in list(_opened.items()):
            is_it = _is_open(future) and future.result().store.info.name == name
            # Also where it is open as something else: in other letters, or by its first name.
            if key == _key(settings, name) or (is_it and key.startswith(of_target)):
                del _opened[key]
        _names.pop(settings.target.key, None)


def knowledge_base_names(settings: Settings, ready: str | None) -> list[str]:
    """The names of all knowledge bases, at most `NAMES_KEPT_S` old; empty when they can't be had now.

    Args:
        settings: Of the visitor, with the target.
        ready: The knowledge base that must be open first, so that the page waits for no import; None asks
            Milvus in any case.
    """
    from core.store.collections import knowledge_base_names as names_at

    try:
        if ready is not None and ready_knowledge_base(settings, ready) is None:
            return []
        names, asked_s = _names.get(settings.target.key, ([], 0.0))
        if not names or time.monotonic() - asked_s > NAMES_KEPT_S:
            names = names_at(settings.target)
            with _lock:
                _names[settings.target.key] = (names, time.monotonic())
    except OverlapError:
        return []
    return names


def forget_opened(visitor: str) -> None:
    """Let go of what is open for a visitor."""
    with _lock:
        for kept in (_opened, _names):
            for key in [key for key in kept if is_key_of(visitor, key)]:
                del kept[key]

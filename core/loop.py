"""The app's one background event loop, and the bridge to threads that have none.

Every async call of the app runs here: gRPC channels and HTTP clients stay bound to the loop that
first used them, so a second loop would break them ("Event loop is closed").
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def background_loop() -> asyncio.AbstractEventLoop:
    """The running background loop; started on first use, as a daemon thread."""
    global _loop
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, daemon=True, name="overlap-loop").start()
        return _loop


def submit(coro: Coroutine[Any, Any, T]) -> Future[T]:
    """Start `coro` on the background loop and return at once."""
    return asyncio.run_coroutine_threadsafe(coro, background_loop())


def run(coro: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
    """Run `coro` on the background loop and wait for its result.

    An error of the coroutine is raised here. Whatever ends the wait early cancels the coroutine.
    """
    future = submit(coro)
    try:
        return future.result(timeout_s)
    except BaseException:
        future.cancel()
        raise

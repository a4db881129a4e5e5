"""The app's one background event loop, and the bridge to threads that have none.

Every async call of the app runs here: gRPC channels and HTTP clients stay bound to the loop that
first used them, so a second loop would break them ("Event loop is closed").
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def background_loop() -> asyncio.AbstractEventLoop:
    """The running background loop; started on first use, as a daemon thread."""
    global _loop
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            _loop.set_default_executor(_DaemonThreads())
            threading.Thread(target=_loop.run_forever, daemon=True, name="overlap-loop").start()
        return _loop


class _DaemonThreads(ThreadPoolExecutor):
    """Where `asyncio.to_thread` runs blocking calls: a daemon thread for each.

    A pool's threads are joined when the process ends. One that waits for the embedded Milvus, which
    takes no calls any more by then, would keep the app from ever ending.
    """

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return in_background(lambda: fn(*args, **kwargs))


def in_background(work: Callable[[], T]) -> Future[T]:
    """Run `work` in a daemon thread of its own, which the end of the process does not wait for."""
    future: Future[T] = Future()

    def run() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = work()
        except BaseException as exc:
            future.set_exception(exc)
        else:
            future.set_result(result)

    threading.Thread(target=run, daemon=True, name="overlap-call").start()
    return future


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

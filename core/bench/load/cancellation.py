"""Ending a run early: one signal, and threads that can be left behind."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from core.runtime.event_loop import in_background

T = TypeVar("T")


INTERRUPTED = "Ctrl-C was pressed."
TOLD_TO_END = "The process was told to end (SIGTERM)."


class RunStoppedError(Exception):
    """The run is stopped; `Stop.why` says why. A call in a thread may still be under way."""


class TookTooLongError(Exception):
    """A call in a thread took longer than it may; it may still be under way."""


class Stop:
    """Set once, by a signal or by whoever watches the run. Create it on the loop that waits for it.

    Attributes:
        why: A sentence for whoever finds the stopped run; "" until it is set.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()
        self._is_set = False
        self.why = ""

    def is_set(self) -> bool:
        """Cheap enough for a measured loop, from any thread."""
        return self._is_set

    def set(self, why: str) -> None:
        """End the run; the first reason stays. May be called from any thread, and by a signal handler."""
        self.why = self.why or why
        self._is_set = True
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self) -> None:
        """Return once it is set, at once where it is set already."""
        await self._event.wait()

    def listen(self) -> None:
        """Let SIGINT and SIGTERM set it, where signals can be handled: the main thread, on POSIX."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number, why in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TOLD_TO_END)):
            with suppress(NotImplementedError):
                self._loop.add_signal_handler(number, self.set, why)


async def in_thread(
    function: Callable[[], T],
    *,
    stop: Stop | None = None,
    grace_s: float = 0.0,
    timeout_s: float | None = None,
) -> T:
    """Run a blocking call in a thread of its own and await it.

    A daemon thread, unlike `asyncio.to_thread`, does not hold up the process's end: a Milvus call can hang
    for minutes.

    Args:
        function: The blocking call.
        stop: Ends the waiting early; None where nothing but the time does.
        grace_s: Seconds that the call may still take once `stop` is set.
        timeout_s: Seconds that it may take in all; None for no limit.

    Raises:
        RunStoppedError: When `stop` is set before it ends; the thread goes on alone then.
        TookTooLongError: When it takes longer than `timeout_s`; likewise.
    """
    future = asyncio.wrap_future(in_background(function))
    try:
        if not await _first(future, stop, timeout_s) and grace_s:
            await asyncio.wait({future}, timeout=grace_s)
        if future.done():
            return future.result()
    finally:
        # Nobody waits for it any more: how it ends does not matter.
        future.cancel()
    raise RunStoppedError if stop is not None and stop.is_set() else TookTooLongError


async def _first(future: asyncio.Future[T], stop: Stop | None, timeout_s: float | None) -> bool:
    """Wait until the future is done, stop is set or the time is over; whether the future is done."""
    waited: set[asyncio.Future[T] | asyncio.Task[None]] = {future}
    stopper = asyncio.create_task(stop.wait()) if stop is not None else None
    if stopper is not None:
        waited.add(stopper)
    try:
        await asyncio.wait(waited, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if stopper is not None:
            stopper.cancel()
    return future.done()

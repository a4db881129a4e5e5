"""The two lanes of the tutorial: one call after another, and `asyncio.gather` over all.

The loops here are what is measured, so they do as little as they can beside the call: two clock
reads and one append each. Everything else (ids, percentiles, progress) reads the lists later.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.bench.stats import Sample

Clock = Callable[[], float]


class StopSignal(Protocol):
    """Set when the run is to end early. Only ever goes from False to True."""

    def is_set(self) -> bool: ...


@dataclass(slots=True)
class Recorder:
    """The hot lists of one trial. Appends are atomic, so another thread may read lengths meanwhile.

    samples: (start, end, ok) in the clock's own time, in order of completion.
    results: index of the operation to what it returned; failed ones are absent.
    errors: reason to how often.
    started, ended: the clock at the trial's start and end; None while not yet there.
    """

    samples: list[Sample] = field(default_factory=list)
    results: dict[int, Any] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    started: float | None = None
    ended: float | None = None

    @property
    def num_done(self) -> int:
        return len(self.samples)

    @property
    def num_failed(self) -> int:
        return sum(list(self.errors.values()))

    def freeze(self, now: float) -> Recorder:
        """A copy that an abandoned call, still running in its thread, can't change any more."""
        return Recorder(
            samples=list(self.samples),
            results=dict(self.results),
            errors=Counter(self.errors),
            started=self.started,
            ended=now if self.ended is None else self.ended,
        )


def reason(exc: BaseException) -> str:
    """A short text to group failures by: type and first line, without per-call addresses."""
    text = getattr(exc, "message", None) or str(exc)
    first = str(text).strip().splitlines()[:1]
    return f"{type(exc).__name__}: {first[0][:160]}" if first else type(exc).__name__


def run_sync(
    call: Callable[[int], Any],
    count: int,
    recorder: Recorder,
    *,
    time_limit_s: float,
    stop: StopSignal,
    clock: Clock = time.perf_counter,
) -> None:
    """Call `call(0)` to `call(count - 1)`, one after another.

    No new call is issued after `time_limit_s` seconds or once `stop` is set; a call that is under
    way is waited for.
    """
    samples, results = recorder.samples, recorder.results
    recorder.started = now = clock()
    limit = now + time_limit_s
    for i in range(count):
        if now >= limit or stop.is_set():
            break
        start = clock()
        try:
            results[i] = call(i)
        except Exception as exc:
            now = clock()
            recorder.errors[reason(exc)] += 1
            samples.append((start, now, False))
        else:
            now = clock()
            samples.append((start, now, True))
    recorder.ended = clock()


async def run_async(
    call: Callable[[int], Awaitable[Any]],
    count: int,
    recorder: Recorder,
    *,
    time_limit_s: float,
    stopped: Awaitable[Any],
    clock: Clock = time.perf_counter,
) -> None:
    """Gather `call(0)` to `call(count - 1)`, all at once and unbounded, as in the tutorial.

    After `time_limit_s` seconds, or when `stopped` completes, what is pending is cancelled.
    """
    samples, results = recorder.samples, recorder.results

    async def one(i: int) -> None:
        start = clock()
        try:
            results[i] = await call(i)
        except Exception as exc:
            recorder.errors[reason(exc)] += 1
            samples.append((start, clock(), False))
        else:
            samples.append((start, clock(), True))

    stopper = asyncio.ensure_future(stopped)
    recorder.started = clock()
    gathered = asyncio.gather(*[one(i) for i in range(count)])
    try:
        await asyncio.wait({gathered, stopper}, timeout=time_limit_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        recorder.ended = clock()
        stopper.cancel()
        if not gathered.done():
            gathered.cancel()
        with suppress(asyncio.CancelledError):
            await gathered

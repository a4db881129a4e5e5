"""The lanes: six ways to issue the same requests.

The loops here are what is measured, so they do as little as they can beside the call: two clock
reads and two appends each. Everything else (ids, percentiles, progress) reads the lists later.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

Clock = Callable[[], float]
# start and end in the clock's own time, whether it succeeded, index of the request.
RawSample = tuple[float, float, bool, int]

# The longest sleep of a waiting thread; then it looks for Stop.
NAP_S = 0.05


class StopSignal(Protocol):
    """Set when the run is to end early. Only ever goes from False to True."""

    def is_set(self) -> bool:
        """Whether the run is to end; asked before each request, so it must cost next to nothing."""
        ...


@dataclass(slots=True)
class Recorder:
    """The hot lists of one trial. Appends are atomic, so another thread may read lengths meanwhile.

    Attributes:
        begun: When each request was issued, in the clock's own time.
        samples: The requests that ended, in order of completion.
        results: Index of the request to what it returned; failed ones are absent.
        failures: Index of the request and the reason.
        started: The clock at the trial's start; None before it.
        ended: The clock at the trial's end; None before it.
        last_beat: When the loop's pulse woke last.
    """

    begun: list[float] = field(default_factory=list)
    samples: list[RawSample] = field(default_factory=list)
    results: dict[int, Any] = field(default_factory=dict)
    failures: list[tuple[int, str]] = field(default_factory=list)
    started: float | None = None
    ended: float | None = None
    last_beat: float | None = None

    @property
    def num_done(self) -> int:
        """Requests that ended, failed ones included."""
        return len(self.samples)

    @property
    def num_failed(self) -> int:
        """Requests that ended in an error; part of `num_done`."""
        return len(self.failures)

    @property
    def in_flight(self) -> int:
        """Requests under way now. The lists grow meanwhile, so what ended is read first."""
        done = len(self.samples)
        return len(self.begun) - done

    def freeze(self, now: float) -> Recorder:
        """A copy that an abandoned call, still running in its thread, can't change any more."""
        return Recorder(
            samples=list(self.samples),
            begun=list(self.begun),
            results=dict(self.results),
            failures=list(self.failures),
            started=self.started,
            ended=now if self.ended is None else self.ended,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What a lane is to issue, and until when.

    Attributes:
        count: Requests.
        rate_per_s: Arrivals of an open loop; None issues as fast as the lane can.
        most_at_once: Requests under way, of a bounded lane; None for no bound.
        time_limit_s: No request is issued later than that.
    """

    count: int
    time_limit_s: float
    rate_per_s: float | None = None
    most_at_once: int | None = None

    def due_s(self, index: int) -> float:
        """When the request is meant to be sent, in seconds from the start."""
        return 0.0 if self.rate_per_s is None else index / self.rate_per_s

    def num_due(self, elapsed_s: float) -> int:
        """Requests that should have been sent by then."""
        if self.rate_per_s is None:
            return self.count
        return min(self.count, math.floor(elapsed_s * self.rate_per_s) + 1)


def reason(exc: BaseException) -> str:
    """A short text to group failures by: type and first line, without per-call addresses."""
    text = getattr(exc, "message", None) or str(exc)
    first = str(text).strip().splitlines()[:1]
    return f"{type(exc).__name__}: {first[0][:160]}" if first else type(exc).__name__


def run_sync(
    call: Callable[[int], Any],
    load: Load,
    recorder: Recorder,
    *,
    stop: StopSignal,
    clock: Clock = time.perf_counter,
) -> None:
    """Issue the requests one after another.

    None is issued after the time limit or once `stop` is set; one that is under way is waited for.
    """
    recorder.started = clock()
    _work(iter(range(load.count)), call, load, recorder, stop, clock)
    recorder.ended = clock()


def run_threads(
    call: Callable[[int], Any],
    load: Load,
    recorder: Recorder,
    *,
    stop: StopSignal,
    clock: Clock = time.perf_counter,
) -> None:
    """Issue the requests from `load.most_at_once` threads, each taking the next one when it is free.

    The threads are there before the clock starts. Ends as `run_sync` does.
    """
    # next() of a range's iterator is atomic, so every index is taken once.
    indices = iter(range(load.count))
    go = threading.Event()

    def worker() -> None:
        go.wait()
        _work(indices, call, load, recorder, stop, clock)

    # Daemons: a Milvus call that hangs must not hold up the process's end.
    num_threads = min(load.most_at_once or 1, load.count)
    threads = [threading.Thread(target=worker, daemon=True, name="bench-lane") for _ in range(num_threads)]
    for thread in threads:
        thread.start()
    recorder.started = clock()
    go.set()
    for thread in threads:
        thread.join()
    recorder.ended = clock()


def _work(
    indices: Iterator[int],
    call: Callable[[int], Any],
    load: Load,
    recorder: Recorder,
    stop: StopSignal,
    clock: Clock,
) -> None:
    begun, samples, results = recorder.begun, recorder.samples, recorder.results
    assert recorder.started is not None
    is_paced = load.rate_per_s is not None
    now = clock()
    limit = recorder.started + load.time_limit_s
    for i in indices:
        if is_paced:
            now = _wait_until(min(limit, recorder.started + load.due_s(i)), stop, clock)
        if now >= limit or stop.is_set():
            break
        start = clock()
        begun.append(start)
        try:
            results[i] = call(i)
        except Exception as exc:
            now = clock()
            recorder.failures.append((i, reason(exc)))
            samples.append((start, now, False, i))
        else:
            now = clock()
            samples.append((start, now, True, i))


def _wait_until(due: float, stop: StopSignal, clock: Clock) -> float:
    while (left := due - clock()) > 0 and not stop.is_set():
        time.sleep(min(left, NAP_S))
    return clock()


async def run_async(
    call: Callable[[int], Awaitable[Any]],
    load: Load,
    recorder: Recorder,
    *,
    stopped: Awaitable[Any],
    clock: Clock = time.perf_counter,
) -> None:
    """Gather all requests at once, as in the tutorial; with `load.most_at_once` a semaphore bounds them.

    After the time limit, or when `stopped` completes, what is pending is cancelled.
    """
    begun, samples, results = recorder.begun, recorder.samples, recorder.results

    async def one(i: int) -> None:
        start = clock()
        begun.append(start)
        try:
            results[i] = await call(i)
        except Exception as exc:
            recorder.failures.append((i, reason(exc)))
            samples.append((start, clock(), False, i))
        else:
            samples.append((start, clock(), True, i))

    issue: Callable[[int], Any] = one
    if load.most_at_once is not None:
        semaphore = asyncio.Semaphore(load.most_at_once)

        async def bounded(i: int) -> None:
            async with semaphore:
                await one(i)

        issue = bounded
    if load.rate_per_s is not None:
        issue = _paced(issue, load, recorder, clock)
    stopper = asyncio.ensure_future(stopped)
    recorder.started = clock()
    gathered = asyncio.gather(*[issue(i) for i in range(load.count)])
    try:
        await asyncio.wait(
            {gathered, stopper}, timeout=load.time_limit_s, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        recorder.ended = clock()
        stopper.cancel()
        if not gathered.done():
            gathered.cancel()
        with suppress(asyncio.CancelledError):
            await gathered


def _paced(
    issue: Callable[[int], Awaitable[None]], load: Load, recorder: Recorder, clock: Clock
) -> Callable[[int], Any]:
    async def paced(i: int) -> None:
        assert recorder.started is not None
        await asyncio.sleep(recorder.started + load.due_s(i) - clock())
        await issue(i)

    return paced

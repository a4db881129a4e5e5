"""core.bench.lanes: what is recorded, what a failure, a limit and Stop leave behind."""

from __future__ import annotations

import asyncio
import threading

import pytest

from core.bench.lanes import Load, Recorder, reason, run_async, run_sync, run_threads

pytestmark = pytest.mark.portable


class ManualClock:
    """Time that only moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Calls:
    """An operation that takes one second of a manual clock; some indices fail."""

    def __init__(self, clock: ManualClock, failing: frozenset[int] = frozenset()) -> None:
        self.clock = clock
        self.failing = failing
        self.made: list[int] = []

    def call(self, i: int) -> str:
        self.made.append(i)
        self.clock.now += 1.0
        if i in self.failing:
            raise ConnectionError("the line is dead\nsecond line")
        return f"r{i}"

    async def acall(self, i: int) -> str:
        await asyncio.sleep(0)
        return self.call(i)


class Flag:
    """A stop signal that is set once enough calls were made."""

    def __init__(self, calls: Calls, after: int) -> None:
        self.calls = calls
        self.after = after

    def is_set(self) -> bool:
        return len(self.calls.made) >= self.after


def sync_lane(
    calls: Calls,
    count: int,
    *,
    limit_s: float = 60.0,
    stop_after: int = 10**9,
    rate_per_s: float | None = None,
) -> Recorder:
    recorder = Recorder()
    stop = Flag(calls, stop_after)
    load = Load(count=count, time_limit_s=limit_s, rate_per_s=rate_per_s)
    run_sync(calls.call, load, recorder, stop=stop, clock=calls.clock)
    return recorder


def thread_lane(calls: Calls, count: int, *, workers: int = 1) -> Recorder:
    recorder = Recorder()
    load = Load(count=count, time_limit_s=60.0, workers=workers)
    run_threads(calls.call, load, recorder, stop=Flag(calls, 10**9), clock=calls.clock)
    return recorder


async def async_lane(calls: Calls, count: int, *, workers: int | None = None) -> Recorder:
    recorder = Recorder()
    never = asyncio.Event()
    load = Load(count=count, time_limit_s=60.0, workers=workers)
    await run_async(calls.acall, load, recorder, stopped=never.wait(), clock=calls.clock)
    return recorder


async def any_lane(lane: str, calls: Calls, count: int) -> Recorder:
    if lane == "sync":
        return sync_lane(calls, count)
    if lane == "threads":
        return thread_lane(calls, count, workers=3)
    return await async_lane(calls, count, workers=2 if lane == "async-bounded" else None)


HOW = ["sync", "threads", "async", "async-bounded"]


def test_sync_calls_follow_one_another() -> None:
    recorder = sync_lane(Calls(ManualClock()), 3)
    assert recorder.samples == [(100.0, 101.0, True, 0), (101.0, 102.0, True, 1), (102.0, 103.0, True, 2)]
    assert (recorder.started, recorder.ended) == (100.0, 103.0)


@pytest.mark.parametrize("lane", HOW)
async def test_all_lanes_make_the_same_calls_and_keep_the_same_results(lane: str) -> None:
    calls = Calls(ManualClock())
    recorder = await any_lane(lane, calls, 4)
    assert sorted(calls.made) == [0, 1, 2, 3]
    assert recorder.results == {0: "r0", 1: "r1", 2: "r2", 3: "r3"}
    assert recorder.num_done == 4


@pytest.mark.parametrize("lane", HOW)
async def test_failures_are_grouped_and_the_others_go_on(lane: str) -> None:
    calls = Calls(ManualClock(), failing=frozenset({1, 2}))
    recorder = await any_lane(lane, calls, 4)
    assert sorted(recorder.failures) == [
        (1, "ConnectionError: the line is dead"),
        (2, "ConnectionError: the line is dead"),
    ]
    assert recorder.num_failed == 2
    assert set(recorder.results) == {0, 3}
    assert sorted(ok for _, _, ok, _ in recorder.samples) == [False, False, True, True]


def test_sync_issues_nothing_after_the_limit() -> None:
    calls = Calls(ManualClock())
    recorder = sync_lane(calls, 100, limit_s=2.5)
    assert recorder.num_done == 3
    assert recorder.ended == 103.0


def test_sync_issues_nothing_after_stop() -> None:
    assert sync_lane(Calls(ManualClock()), 100, stop_after=2).num_done == 2


class Gate:
    """Operation 0 succeeds at once, the others wait for ever."""

    def __init__(self) -> None:
        self.is_pending = asyncio.Event()
        self.num_cancelled = 0

    async def acall(self, i: int) -> int:
        if i == 0:
            return i
        self.is_pending.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.num_cancelled += 1
            raise
        return i


async def test_async_cancels_what_is_pending_at_stop_and_keeps_the_rest() -> None:
    gate, recorder = Gate(), Recorder()
    load = Load(count=5, time_limit_s=60.0)
    await run_async(gate.acall, load, recorder, stopped=gate.is_pending.wait())
    assert gate.num_cancelled == 4
    assert recorder.results == {0: 0}
    assert recorder.ended is not None


async def test_async_cancels_what_is_pending_at_the_limit() -> None:
    gate, recorder = Gate(), Recorder()
    never = asyncio.Event()
    await run_async(gate.acall, Load(count=5, time_limit_s=0.01), recorder, stopped=never.wait())
    assert (gate.num_cancelled, recorder.num_done) == (4, 1)


async def test_async_has_all_in_flight_at_once() -> None:
    most = now = 0
    everyone = asyncio.Event()

    async def acall(i: int) -> int:
        nonlocal most, now
        now += 1
        most = max(most, now)
        if now == 50:
            everyone.set()
        await everyone.wait()
        return i

    recorder = Recorder()
    never = asyncio.Event()
    await run_async(acall, Load(count=50, time_limit_s=60.0), recorder, stopped=never.wait())
    assert most == 50


def test_frozen_recorder_ignores_a_call_that_returns_late() -> None:
    recorder = sync_lane(Calls(ManualClock()), 2)
    recorder.ended = None
    frozen = recorder.freeze(now=110.0)
    recorder.samples.append((102.0, 120.0, True, 2))
    recorder.results[2] = "late"
    assert (frozen.num_done, frozen.ended, set(frozen.results)) == (2, 110.0, {0, 1})


def test_reason_is_one_short_line() -> None:
    assert reason(ValueError("x" * 1000)) == f"ValueError: {'x' * 160}"
    assert reason(ValueError()) == "ValueError"


class Crowd:
    """Async calls that notice how many of them are under way; each lets the others begin first."""

    def __init__(self) -> None:
        self.now = self.most = 0

    async def acall(self, i: int) -> int:
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(3):
            await asyncio.sleep(0)
        self.now -= 1
        return i


async def test_bounded_async_never_has_more_in_flight_than_its_bound() -> None:
    crowd, recorder = Crowd(), Recorder()
    load = Load(count=20, time_limit_s=60.0, workers=4)
    await run_async(crowd.acall, load, recorder, stopped=asyncio.Event().wait())
    assert crowd.most == 4
    assert recorder.num_done == 20
    assert recorder.in_flight == 0


def test_threads_are_under_way_together() -> None:
    everyone = threading.Barrier(4, timeout=60)
    recorder = Recorder()

    class Never:
        def is_set(self) -> bool:
            return False

    # The barrier opens only when all four calls are in it at the same time.
    load = Load(count=4, time_limit_s=60.0, workers=4)
    run_threads(lambda i: everyone.wait(), load, recorder, stop=Never())
    assert recorder.num_failed == 0
    assert recorder.num_done == 4


def test_load_knows_when_a_request_is_due() -> None:
    load = Load(count=10, time_limit_s=60.0, rate_per_s=4.0)
    assert [load.due_s(i) for i in (0, 1, 8)] == [0.0, 0.25, 2.0]
    assert [load.num_due(s) for s in (0.0, 0.3, 100.0)] == [1, 2, 10]
    assert Load(count=10, time_limit_s=1.0).num_due(0.0) == 10


def test_sync_lane_that_falls_behind_its_rate_sends_at_once_and_hides_nothing() -> None:
    # Each call takes 1 s but one is due every 0.5 s: the tenth starts 4.5 s late.
    recorder = sync_lane(Calls(ManualClock()), 10, rate_per_s=2.0)
    starts = [start - 100.0 for start, _, _, _ in recorder.samples]
    assert starts == [float(i) for i in range(10)]


async def test_paced_async_sends_when_due() -> None:
    recorder = Recorder()

    async def acall(i: int) -> int:
        return i

    load = Load(count=4, time_limit_s=60.0, rate_per_s=200.0)
    await run_async(acall, load, recorder, stopped=asyncio.Event().wait())
    assert recorder.started is not None
    for start, _, _, i in recorder.samples:
        assert start - recorder.started >= load.due_s(i) - 0.001


def test_threads_are_there_before_their_clock_starts() -> None:
    clock = ManualClock()
    calls = Calls(clock)
    seen: list[int] = []

    def counting_clock() -> float:
        seen.append(sum(thread.name == "bench-lane" for thread in threading.enumerate()))
        return clock()

    load = Load(count=9, time_limit_s=1e6, workers=5)
    run_threads(calls.call, load, Recorder(), stop=Flag(calls, after=100), clock=counting_clock)
    assert seen[0] == 5

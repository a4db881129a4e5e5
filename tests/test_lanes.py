"""core.bench.lanes: what is recorded, what a failure, a limit and Stop leave behind."""

from __future__ import annotations

import asyncio

import pytest

from core.bench.lanes import Recorder, reason, run_async, run_sync


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


def sync_lane(calls: Calls, count: int, *, limit_s: float = 60.0, stop_after: int = 10**9) -> Recorder:
    recorder = Recorder()
    stop = Flag(calls, stop_after)
    run_sync(calls.call, count, recorder, time_limit_s=limit_s, stop=stop, clock=calls.clock)
    return recorder


async def async_lane(calls: Calls, count: int) -> Recorder:
    recorder = Recorder()
    never = asyncio.Event()
    await run_async(calls.acall, count, recorder, time_limit_s=60.0, stopped=never.wait(), clock=calls.clock)
    return recorder


def test_sync_calls_follow_one_another() -> None:
    recorder = sync_lane(Calls(ManualClock()), 3)
    assert recorder.samples == [(100.0, 101.0, True), (101.0, 102.0, True), (102.0, 103.0, True)]
    assert (recorder.started, recorder.ended) == (100.0, 103.0)


@pytest.mark.parametrize("lane", ["sync", "async"])
async def test_both_lanes_make_the_same_calls_and_keep_the_same_results(lane: str) -> None:
    calls = Calls(ManualClock())
    recorder = sync_lane(calls, 4) if lane == "sync" else await async_lane(calls, 4)
    assert sorted(calls.made) == [0, 1, 2, 3]
    assert recorder.results == {0: "r0", 1: "r1", 2: "r2", 3: "r3"}
    assert recorder.num_done == 4


@pytest.mark.parametrize("lane", ["sync", "async"])
async def test_failures_are_grouped_and_the_others_go_on(lane: str) -> None:
    calls = Calls(ManualClock(), failing=frozenset({1, 2}))
    recorder = sync_lane(calls, 4) if lane == "sync" else await async_lane(calls, 4)
    assert dict(recorder.errors) == {"ConnectionError: the line is dead": 2}
    assert recorder.num_failed == 2
    assert set(recorder.results) == {0, 3}
    assert sorted(ok for _, _, ok in recorder.samples) == [False, False, True, True]


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
    await run_async(gate.acall, 5, recorder, time_limit_s=60.0, stopped=gate.is_pending.wait())
    assert gate.num_cancelled == 4
    assert recorder.results == {0: 0}
    assert recorder.ended is not None


async def test_async_cancels_what_is_pending_at_the_limit() -> None:
    gate, recorder = Gate(), Recorder()
    never = asyncio.Event()
    await run_async(gate.acall, 5, recorder, time_limit_s=0.01, stopped=never.wait())
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
    await run_async(acall, 50, recorder, time_limit_s=60.0, stopped=never.wait())
    assert most == 50


def test_frozen_recorder_ignores_a_call_that_returns_late() -> None:
    recorder = sync_lane(Calls(ManualClock()), 2)
    recorder.ended = None
    frozen = recorder.freeze(now=110.0)
    recorder.samples.append((102.0, 120.0, True))
    recorder.results[2] = "late"
    assert (frozen.num_done, frozen.ended, set(frozen.results)) == (2, 110.0, {0, 1})


def test_reason_is_one_short_line() -> None:
    assert reason(ValueError("x" * 1000)) == f"ValueError: {'x' * 160}"
    assert reason(ValueError()) == "ValueError"

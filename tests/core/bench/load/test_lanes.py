"""core.bench.load.lanes: what is recorded, what a failure, a limit and Stop leave behind."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from core.bench.load.lanes import Load, Recorder, reason, run_async, run_sync, run_threads

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


def thread_lane(calls: Calls, count: int, *, most_at_once: int = 1) -> Recorder:
    recorder = Recorder()
    load = Load(count=count, time_limit_s=60.0, most_at_once=most_at_once)
    run_threads(calls.call, load, recorder, stop=Flag(calls, 10**9), clock=calls.clock)
    return recorder


async def async_lane(calls: Calls, count: int, *, most_at_once: int | None = None) -> Recorder:
    recorder = Recorder()
    never = asyncio.Event()
    load = Load(count=count, time_limit_s=60.0, most_at_once=most_at_once)
    await run_async(calls.acall, load, recorder, stopped=never.wait(), clock=calls.clock)
    return recorder


async def any_lane(lane: str, calls: Calls, count: int) -> Recorder:
    if lane == "sync":
        return sync_lane(calls, count)
    if lane == "threads":
        return thread_lane(calls, count, most_at_once=3)
    return await async_lane(calls, count, most_at_once=2 if lane == "async-bounded" else None)


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
    load = Load(count=20, time_limit_s=60.0, most_at_once=4)
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
    load = Load(count=4, time_limit_s=60.0, most_at_once=4)
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

    load = Load(count=9, time_limit_s=1e6, most_at_once=5)
    run_threads(calls.call, load, Recorder(), stop=Flag(calls, after=100), clock=counting_clock)
    assert seen[0] == 5


class Ticking:
    """A clock that goes on by itself, a hundredth of a second each time that it is read."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.01
        return self.now


class Never:
    def is_set(self) -> bool:
        return False


@pytest.mark.parametrize("lane", HOW)
async def test_record_is_of_the_time_from_the_first_request_to_the_last_end(lane: str) -> None:
    calls = Calls(ManualClock(), failing=frozenset({2}))
    recorder = await any_lane(lane, calls, 4)
    assert (recorder.started, recorder.ended) == (100.0, 104.0)
    assert len(recorder.begun) == 4
    assert {i for _, _, ok, i in recorder.samples if not ok} == {2}
    assert all(100.0 <= start <= end <= 104.0 for start, end, _, _ in recorder.samples)


@pytest.mark.parametrize(("limit_s", "num_issued"), [(1.5, 2), (2.0, 2), (2.1, 3)])
def test_no_request_is_issued_at_the_limit_or_later(limit_s: float, num_issued: int) -> None:
    failing = Calls(ManualClock(), failing=frozenset(range(100)))
    assert sync_lane(failing, 100, limit_s=limit_s).num_done == num_issued
    assert sync_lane(Calls(ManualClock()), 100, limit_s=limit_s).num_done == num_issued


def test_lane_that_was_stopped_before_it_began_issues_nothing() -> None:
    calls = Calls(ManualClock())
    recorder = sync_lane(calls, 3, stop_after=0)
    assert (calls.made, recorder.num_done, recorder.ended) == ([], 0, 100.0)


@pytest.mark.parametrize(("most_at_once", "count", "num_threads"), [(None, 3, 1), (2, 3, 2), (8, 3, 3)])
def test_threads_are_as_many_as_asked_for_and_as_can_have_work(
    most_at_once: int | None, count: int, num_threads: int
) -> None:
    seen: list[int] = []

    def counting_clock() -> float:
        seen.append(sum(thread.name == "bench-lane" for thread in threading.enumerate()))
        return 100.0

    recorder, load = Recorder(), Load(count=count, time_limit_s=60.0, most_at_once=most_at_once)
    run_threads(lambda i: i, load, recorder, stop=Never(), clock=counting_clock)
    assert (seen[0], recorder.num_done) == (num_threads, count)


def test_thread_that_hangs_does_not_hold_up_the_end_of_the_process() -> None:
    daemons: list[bool] = []
    run_threads(
        lambda i: daemons.append(threading.current_thread().daemon),
        Load(count=1, time_limit_s=60.0),
        Recorder(),
        stop=Never(),
    )
    assert daemons == [True]


def test_paced_requests_are_sent_when_due_and_not_before() -> None:
    recorder, clock = Recorder(), Ticking()
    load = Load(count=4, time_limit_s=60.0, rate_per_s=20.0)
    run_sync(lambda i: i, load, recorder, stop=Never(), clock=clock)
    assert recorder.started is not None
    late = [start - recorder.started - load.due_s(i) for start, _, _, i in recorder.samples]
    assert len(late) == 4
    assert all(-1e-9 <= each < 0.05 for each in late)


def test_paced_lane_ends_at_the_limit_though_the_next_request_is_due_much_later() -> None:
    recorder, clock = Recorder(), Ticking()
    load = Load(count=4, time_limit_s=0.3, rate_per_s=0.001)
    run_sync(lambda i: i, load, recorder, stop=Never(), clock=clock)
    assert recorder.num_done == 1
    assert clock.now < 101.0


def test_paced_lane_hears_stop_while_it_waits() -> None:
    recorder, stop = Recorder(), threading.Event()

    def call(i: int) -> None:
        threading.Timer(0.01, stop.set).start()

    load = Load(count=2, time_limit_s=100.0, rate_per_s=0.001)
    lane = threading.Thread(target=run_sync, args=(call, load, recorder), kwargs={"stop": stop}, daemon=True)
    lane.start()
    lane.join(5)
    assert not lane.is_alive()
    assert recorder.num_done == 1


async def test_paced_async_counts_from_its_start() -> None:
    recorder, first = Recorder(), asyncio.Event()
    called: list[int] = []

    async def acall(i: int) -> int:
        called.append(i)
        first.set()
        return i

    # The others are due in 20 and in 40 minutes.
    load = Load(count=3, time_limit_s=60.0, rate_per_s=1 / 1200)
    await run_async(acall, load, recorder, stopped=first.wait(), clock=Ticking())
    assert called == [0]
    assert set(recorder.results) == {0}


async def test_bounded_async_of_one_is_one_after_another() -> None:
    crowd, recorder = Crowd(), Recorder()
    load = Load(count=5, time_limit_s=60.0, most_at_once=1)
    await run_async(crowd.acall, load, recorder, stopped=asyncio.Event().wait())
    assert (crowd.most, recorder.num_done) == (1, 5)


@pytest.mark.parametrize("count", [0, 3])
async def test_async_leaves_nothing_running(count: int) -> None:
    never = asyncio.Event()
    gate = Gate()
    waiting = asyncio.ensure_future(never.wait())
    load = Load(count=count, time_limit_s=0.01)
    await run_async(gate.acall, load, Recorder(), stopped=waiting)
    assert gate.num_cancelled == max(0, count - 1)
    await asyncio.wait({waiting}, timeout=5)
    assert waiting.cancelled()


async def test_async_lane_that_is_cancelled_cancels_its_requests_and_has_an_end() -> None:
    gate, recorder = Gate(), Recorder()
    load = Load(count=3, time_limit_s=60.0)
    lane = asyncio.ensure_future(run_async(gate.acall, load, recorder, stopped=asyncio.Event().wait()))
    await gate.is_pending.wait()
    lane.cancel()
    await asyncio.wait({lane}, timeout=20)
    assert gate.num_cancelled == 2
    assert recorder.ended is not None


def test_requests_under_way_are_those_that_began_and_have_not_ended() -> None:
    recorder = sync_lane(Calls(ManualClock()), 2)
    assert recorder.in_flight == 0
    recorder.begun += [102.0, 102.5, 103.0]
    assert recorder.in_flight == 3


def test_frozen_recorder_has_all_that_was_measured() -> None:
    recorder = sync_lane(Calls(ManualClock(), failing=frozenset({1})), 3)
    frozen = recorder.freeze(now=999.0)
    assert frozen == recorder, "the end that there is stays"
    recorder.begun.append(104.0)
    recorder.failures.append((7, "late"))
    assert (len(frozen.begun), frozen.failures) == (3, [(1, "ConnectionError: the line is dead")])


def test_reason_takes_the_message_of_a_library_without_its_addresses() -> None:
    class LibraryError(Exception):
        message = "\n  not ready  \nat 10.0.0.1"

    assert reason(LibraryError("RPC error at 10.0.0.1")) == "LibraryError: not ready  "
    assert reason(ValueError(" \n ")) == "ValueError"


def test_requests_that_are_due_are_counted_to_the_moment() -> None:
    load = Load(count=3, time_limit_s=60.0, rate_per_s=2.0)
    assert [load.num_due(s) for s in (0.0, 0.49, 0.5, 0.99, 1.0, 1.5, 9.0)] == [1, 1, 2, 2, 3, 3, 3]
    assert Load(count=3, time_limit_s=60.0).due_s(2) == 0.0


def test_lane_that_waits_sleeps_meanwhile() -> None:
    """What a waiting thread computes, the others can't."""
    readings = 0

    def clock() -> float:
        nonlocal readings
        readings += 1
        return time.perf_counter()

    load = Load(count=2, time_limit_s=60.0, rate_per_s=5.0)
    run_sync(lambda i: i, load, Recorder(), stop=Never(), clock=clock)
    assert readings < 30

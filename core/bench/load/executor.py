"""Issuing one lane's requests, here or in a client process, and what is watched meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from core.bench.load import lanes
from core.bench.load.cancellation import RunStoppedError, Stop, TookTooLongError, in_thread
from core.bench.load.lanes import Load, Recorder
from core.bench.load.operations import Requests
from core.bench.load.sampling import Cpu, Sampler
from core.bench.plan.conditions import Case
from core.bench.plan.plan import ASYNC_LANES, BOUNDED_LANES, Plan
from core.store import Hits

# How long a sync call may still take once the trial is over; then it is left behind.
GRACE_S = 0.4


@dataclass(kw_only=True, slots=True)
class Issued:
    """What one lane left behind, in one process or merged from several.

    No field has a default: what `core.bench.load.client_pool.merge` forgets, mypy finds.

    Attributes:
        recorder: Frozen: a call that was left behind can't change it.
        hits: What each query of a search found.
        cpu_s: Processor seconds of the issuing processes.
        machine_ratio: Share of all cores that the whole machine used, 0 to 1; None where it can't be told.
        lags_s: How late the loop woke, each time it was to.
        beats: When the loop's pulse woke.
        mean_in_flight: Requests under way on average; None where nobody looked in time.
    """

    recorder: Recorder
    hits: dict[int, Hits]
    cpu_s: float
    machine_ratio: float | None
    lags_s: list[float]
    beats: list[float]
    mean_in_flight: float | None


def load_of(plan: Plan, lane: str, case: Case, num_requests: int, *, processes: int = 1) -> Load:
    """What a lane is to issue.

    Args:
        plan: The run's settings.
        lane: Its name; only the bounded lanes get a bound.
        case: Says how many requests may be under way at once.
        num_requests: Requests of this process.
        processes: How many issue the load together, of which this is one; each gets its share of rate and
            bound.
    """
    bound = -(-case.concurrency // processes)
    return Load(
        count=num_requests,
        time_limit_s=plan.time_limit_s,
        rate_per_s=None if plan.rate_per_s is None else plan.rate_per_s / processes,
        most_at_once=bound if lane in BOUNDED_LANES else None,
    )


async def issue(
    lane: str, requests: Requests, load: Load, stop: Stop, *, watch: Callable[[Recorder], None]
) -> Issued:
    """Issue all requests the way the lane does.

    Args:
        lane: How requests are issued; see `core.bench.load.lanes`.
        requests: What is issued.
        load: How many, how fast, and for how long.
        stop: Ends it early; what was issued until then is returned.
        watch: Told the recorder before the clock starts.
    """
    recorder = Recorder()
    sampler = Sampler(recorder)
    cpu = Cpu()
    watch(recorder)
    sampling = asyncio.create_task(sampler.run())
    try:
        if lane in ASYNC_LANES:
            await lanes.run_async(requests.awaited, load, recorder, stopped=stop.wait())
        else:
            await _issue_in_thread(lane, requests, load, recorder, stop)
    finally:
        sampling.cancel()
    frozen = recorder.freeze(time.perf_counter())
    return Issued(
        recorder=frozen,
        hits=requests.hits(frozen.results),
        cpu_s=cpu.process_s(),
        machine_ratio=cpu.machine_ratio(),
        lags_s=sampler.lags_s,
        beats=sampler.beats,
        mean_in_flight=sampler.mean_in_flight,
    )


async def _issue_in_thread(lane: str, requests: Requests, load: Load, recorder: Recorder, stop: Stop) -> None:
    # In a thread, while the loop only samples: blocking calls on the loop would keep it from seeing
    # Stop. The async client stays bound to this one loop, so it can't be closed in between.
    run = lanes.run_threads if lane == "threads" else lanes.run_sync
    with suppress(RunStoppedError, TookTooLongError):
        await in_thread(
            lambda: run(requests.sync, load, recorder, stop=stop),
            stop=stop,
            grace_s=GRACE_S,
            timeout_s=load.time_limit_s,
        )

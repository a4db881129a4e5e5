"""core.bench.load.measure_trial: a trial is measured at its own distance."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.bench.delay_proxy.client import DelayProxy
from core.bench.load.cancellation import RunStoppedError, Stop
from core.bench.load.dataset import make_dataset
from core.bench.load.executor import Issued
from core.bench.load.lanes import Recorder
from core.bench.load.measure_trial import Bench, Spec
from core.bench.load.run_collections import Collections
from core.bench.plan.conditions import Case
from core.bench.plan.plan import Plan
from core.config.settings import Target
from core.errors import BenchError
from core.store import close_lite
from tests.bench_runs import RUN_ID

pytestmark = pytest.mark.slow


SMALL = Plan(counts=(12,), dim=16, batch_size=5, concurrency=4)


class NotedLink(DelayProxy):
    """Notes the distances that it is set to; nothing goes through it."""

    def __init__(self) -> None:
        self.set_to: list[float] = []

    def set_rtt(self, rtt_ms: float) -> None:
        self.set_to.append(rtt_ms)


@pytest.mark.parametrize(
    ("settings", "set_to"),
    [
        ({"rtt_ms": 60}, [60, 60]),
        ({"sweep": "distance", "sweep_values": (0, 60)}, [60, 0]),
    ],
)
def test_link_stays_as_far_as_all_trials_are(
    settings: dict[str, Any], set_to: list[float], tmp_path: Path
) -> None:
    plan, link = replace(SMALL, counts=(2,), **settings), NotedLink()
    target = Target(uri=str(tmp_path / "x.db"))
    spec = Spec(operation="add", lane="sync", count=2, repeat=0, number=1, case=Case(rtt_ms=60))

    async def measure() -> None:
        stop = Stop()
        bench = Bench(plan=plan, target=target, stop=stop, watch=lambda spec, recorder: None, link=link)
        collections = Collections(plan=plan, target=target, run_id=RUN_ID, stop=stop)
        vector_store = await collections.open("link", "Strong")
        await bench.measure(spec, vector_store, make_dataset("tutorial", 2, dim=plan.dim, seed=1))
        await collections.drop(vector_store)

    asyncio.run(measure())
    close_lite(target)
    assert link.set_to == set_to


class NeverBegun:
    """A client pool none of whose processes came to begin in time."""

    async def issue(self, *args: Any) -> Issued:
        return Issued(
            recorder=Recorder(ended=1.0),
            hits={},
            cpu_s=0.0,
            machine_ratio=None,
            lags_s=[],
            beats=[],
            mean_in_flight=None,
        )


@pytest.mark.parametrize("is_stopped", [False, True])
async def test_trial_that_did_not_begin_in_time_is_no_stopped_run(is_stopped: bool) -> None:
    stop = Stop()
    if is_stopped:
        stop.set("Ctrl-C was pressed.")
    bench: Any = Bench(
        plan=replace(SMALL, time_limit_s=0.5),
        target=Target(uri="x.db"),
        stop=stop,
        watch=lambda spec, recorder: None,
        clients=NeverBegun(),  # type: ignore[arg-type]
    )
    spec = Spec(operation="add", lane="sync", count=2, repeat=0, number=1)
    with pytest.raises(RunStoppedError if is_stopped else BenchError) as caught:
        await bench.measure(
            spec, SimpleNamespace(collection_name="x"), make_dataset("tutorial", 2, dim=8, seed=1)
        )
    if not is_stopped:
        assert str(caught.value).startswith("A trial did not begin within its time limit of 0.5 s.")


class FrozenLink(NotedLink):
    """Notes when it is told to freeze, and when to change its distance."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen_s: list[float] = []
        self.set_s: list[float] = []

    def freeze(self, seconds: float) -> None:
        self.frozen_s.append(time.perf_counter())

    def set_rtt(self, rtt_ms: float) -> None:
        self.set_s.append(time.perf_counter())


async def test_trial_that_ends_during_a_freeze_waits_for_its_end(tmp_path: Path) -> None:
    plan, link = replace(SMALL, counts=(300,), stall_s=1.0), FrozenLink()
    target = Target(uri=str(tmp_path / "x.db"))
    stop = Stop()
    bench = Bench(plan=plan, target=target, stop=stop, watch=lambda spec, recorder: None, link=link)
    collections = Collections(plan=plan, target=target, run_id=RUN_ID, stop=stop)
    vector_store = await collections.open("freeze", "Strong")
    spec = Spec(operation="add", lane="sync", count=300, repeat=0, number=1)
    # Nothing goes through this link, so that the trial ends while it is frozen.
    trial, _ = await bench.measure(spec, vector_store, make_dataset("tutorial", 300, dim=plan.dim, seed=1))
    await collections.drop(vector_store)
    close_lite(target)
    assert trial.stall_s is not None and len(link.frozen_s) == 1
    assert link.set_s[-1] - link.frozen_s[0] > 0.9

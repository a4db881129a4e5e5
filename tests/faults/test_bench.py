"""A benchmark whose Milvus or link fails: its record is whole up to the fault, and says what happened."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.bench.delay_proxy.client import DelayProxy
from core.bench.load import client_pool
from core.bench.load.cancellation import Stop
from core.bench.load.runner import CLOSE_TIMEOUT_S, run_plan
from core.bench.plan.plan import Plan
from core.bench.records.archive import load_run
from core.bench.records.run import Run
from core.config.settings import Target
from core.runtime.child_process import END_TIMEOUT_S
from tests.bench_runs import RUN_ID
from tests.lite_process import LiteProcess

PLAN = Plan(counts=(10,), dim=8, repeats=3, time_limit_s=2.0)


class AfterTrials:
    """Does something once, after so many trials."""

    def __init__(self, number: int, act: Callable[[], object]) -> None:
        self._left, self._act = number, act

    def __call__(self, event: dict[str, Any]) -> None:
        if event["event"] == "trial":
            self._left -= 1
            if self._left == 0:
                self._act()


@pytest.fixture
def milvus(tmp_path: Path) -> Iterator[LiteProcess]:
    with LiteProcess(tmp_path / "milvus") as running:
        yield running


@pytest.fixture
def link(milvus: LiteProcess) -> Iterator[DelayProxy]:
    with DelayProxy("127.0.0.1", milvus.port) as proxy:
        yield proxy
        proxy.cut()


def _run(plan: Plan, target: Target, folder: Path, emit: Callable[[dict[str, Any]], None]) -> Run:
    path = folder / f"{RUN_ID}.json"
    run = run_plan(plan, target, run_id=RUN_ID, path=path, emit=emit, call_timeout_s=6.0)
    assert load_run(path) == run
    return run


def _plan(target: Target, **changes: Any) -> Plan:
    return replace(PLAN, target=target.label, **changes)


@pytest.mark.parametrize("operation", ["add", "search"])
def test_killed_milvus_fails_the_run_with_all_that_was_measured(
    operation: str, milvus: LiteProcess, tmp_path: Path
) -> None:
    plan = _plan(milvus.target, operations=(operation,))
    run = _run(plan, milvus.target, tmp_path, AfterTrials(3, milvus.kill))
    assert run.status == "failed"
    assert "answer" in run.note
    assert len(run.trials) >= 3
    assert [(trial.num_ok, trial.num_failed) for trial in run.trials[:3]] == [(10, 0)] * 3
    assert all(trial.num_ok == 0 for trial in run.trials[4:])
    proofs = [check for check in run.checks if check.details.get("compared", 1)]
    assert proofs and all(check.passed for check in proofs)
    assert any("could not be dropped" in note for note in run.environment["notes"])


@pytest.mark.parametrize("operation", ["add", "search"])
def test_frozen_link_ends_the_run_with_a_sentence(operation: str, link: DelayProxy, tmp_path: Path) -> None:
    target = Target(uri=link.uri)
    plan = _plan(target, operations=(operation,))
    run = _run(plan, target, tmp_path, AfterTrials(2, lambda: link.freeze(600)))
    assert run.status == "failed"
    assert "answer" in run.note
    assert [(trial.num_ok, trial.cut) for trial in run.trials[:2]] == [(10, False)] * 2
    assert all(trial.cut for trial in run.trials[2:])


def test_link_that_is_cut_between_trials_costs_no_trial_its_proof(link: DelayProxy, tmp_path: Path) -> None:
    target = Target(uri=link.uri)
    run = _run(_plan(target), target, tmp_path, AfterTrials(2, link.cut))
    assert run.status == "complete"
    assert len(run.trials) == PLAN.num_trials
    assert all(check.passed for check in run.checks)


def test_slow_link_is_measured_as_it_is(link: DelayProxy, tmp_path: Path) -> None:
    link.set_rtt(50)
    target = Target(uri=link.uri)
    run = _run(_plan(target, repeats=1), target, tmp_path, lambda event: None)
    assert run.status == "complete"
    assert all((trial.latency_s["p50"] or 0) >= 0.05 for trial in run.trials)


def test_run_whose_helpers_do_not_end_in_time_is_as_complete_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / f"{RUN_ID}.json"
    plan = replace(PLAN, operations=("add",), counts=(4,), repeats=1, processes=2)
    target = Target(uri=str(tmp_path / "bench" / "x.db"))
    run = run_plan(plan, target, run_id=RUN_ID, path=path, emit=lambda event: None, close_timeout_s=0.0)
    assert run.status == "complete", run.note
    assert load_run(path) == run
    assert "What served the run did not end in time and was left to the system." in run.environment["notes"]


def test_end_of_a_run_has_the_time_that_its_parts_are_given() -> None:
    proxy_and_lite_s = 2 * END_TIMEOUT_S
    assert client_pool.END_GRACE_S + proxy_and_lite_s < CLOSE_TIMEOUT_S


def test_client_processes_that_hang_end_together(milvus: LiteProcess) -> None:
    async def stop_of_this_loop() -> Stop:
        return Stop()

    clients = client_pool.ClientPool(
        replace(PLAN, processes=3), milvus.target, asyncio.run(stop_of_this_loop())
    )
    for process in clients._processes:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
    started_s = time.monotonic()
    clients.close()
    assert time.monotonic() - started_s < 2 * client_pool.END_GRACE_S
    for process in clients._processes:
        process.join()
        assert process.exitcode == -signal.SIGKILL

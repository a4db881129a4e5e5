"""The benchmark on a real Milvus server: all lanes, the tutorial's factor, processes, nothing left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core import store
from core.bench.load.runner import run_plan
from core.bench.plan.plan import LANES, Plan
from core.bench.plan.presets import preset_plan
from core.bench.records.run import Run
from core.config.settings import Target
from core.store import BENCH_PREFIX
from tests.bench_runs import RUN_ID

SMALL = Plan(counts=(20,), dim=16, batch_size=5, concurrency=8)


def run(plan: Plan, server: Target, folder: Path) -> Run:
    done = run_plan(
        replace(plan, target=server.label),
        server,
        run_id=RUN_ID,
        path=folder / f"{RUN_ID}.json",
        emit=lambda event: None,
    )
    assert done.status == "complete", done.note
    assert [check for check in done.checks if not check.passed] == []
    return done


def test_all_lanes_do_the_same_work_and_leave_no_collection(server: Target, tmp_path: Path) -> None:
    done = run(replace(SMALL, lanes=LANES, data="random", consistency="Bounded"), server, tmp_path)
    assert {(trial.num_ok, trial.num_failed) for trial in done.trials} == {(20, 0)}
    left = [name for name in store.connect(server).list_collections() if name.startswith(BENCH_PREFIX)]
    assert left == []


def test_strong_searches_overlap_their_waits(server: Target, tmp_path: Path) -> None:
    done = run(replace(SMALL, operations=("search",), counts=(10,)), server, tmp_path)
    # Each waits for the server's next time tick, some 200 ms: ten of them one after another, or at once.
    in_flight = {trial.lane: trial.max_in_flight for trial in done.trials}
    assert in_flight == {"sync": 1, "async": 10}


def test_factor_has_a_figure_for_every_step(server: Target, tmp_path: Path) -> None:
    plan = replace(preset_plan("factor"), preset="custom", counts=(10,), dim=16, repeats=1, warmup=0)
    done = run(plan, server, tmp_path)
    assert len(done.summary) == 6
    assert all(row.speedup for row in done.summary)


@pytest.mark.parametrize("data", ["tutorial", "random"])
def test_processes_share_the_load(server: Target, tmp_path: Path, data: str) -> None:
    done = run(replace(SMALL, processes=2, data=data, consistency="Bounded"), server, tmp_path)
    assert {(trial.processes, trial.num_ok) for trial in done.trials} == {(2, 20)}

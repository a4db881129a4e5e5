"""core.bench.load: the settings of a plan on Milvus Lite: lanes, data, distance, processes, rates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.bench.analysis.bottleneck import is_consistent
from core.bench.load.dataset import OwnData
from core.bench.load.runner import run_plan
from core.bench.plan.plan import LANES, Plan
from core.bench.records.run import Run
from core.config.settings import Target
from tests.bench_runs import RUN_ID

pytestmark = pytest.mark.slow

SMALL = Plan(counts=(12,), dim=16, batch_size=5, concurrency=4)


def run(plan: Plan, tmp_path: Path, own: OwnData | None = None) -> Run:
    done = run_plan(
        plan,
        Target(uri=str(tmp_path / "bench" / "x.db")),
        run_id=RUN_ID,
        path=tmp_path / f"{RUN_ID}.json",
        emit=lambda event: None,
        own=own,
    )
    assert done.status == "complete", done.note
    assert list((tmp_path / "bench").iterdir()) == []
    return done


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Run:
    plan = replace(SMALL, lanes=LANES, repeats=3, warmup=1, data="random")
    return run(plan, tmp_path_factory.mktemp("ladder"))


def test_every_lane_does_every_operation(ladder: Run) -> None:
    assert len(ladder.trials) == ladder.plan.num_trials == 2 * 6 * 4
    assert {(t.num_ok, t.num_failed, t.cut) for t in ladder.trials} == {(12, 0, False)}


def test_batches_are_fewer_requests_for_the_same_operations(ladder: Run) -> None:
    for trial in ladder.trials:
        is_batch = trial.lane.endswith("-batch")
        assert (trial.ops_per_request, len(trial.samples)) == ((5, 3) if is_batch else (1, 12))


def test_bounded_lanes_keep_their_bound(ladder: Run) -> None:
    most = {lane: max(t.max_in_flight or 0 for t in ladder.trials if t.lane == lane) for lane in LANES}
    assert most["sync"] == most["sync-batch"] == 1
    assert most["async-bounded"] <= 4
    assert most["threads"] <= 4
    assert most["async"] == 12


def test_warm_up_is_recorded_and_in_no_figure(ladder: Run) -> None:
    assert sum(trial.is_warmup for trial in ladder.trials) == 12
    assert {trial.repeat for trial in ladder.measured} == {0, 1, 2}
    assert len(ladder.trials_of("add", "threads", 12)) == 3


def test_all_lanes_are_proven_to_do_the_same_work(ladder: Run) -> None:
    assert all(check.passed for check in ladder.checks)
    lanes = {check.details["lane"] for check in ladder.checks if check.name == "identical_ids"}
    assert len(lanes) >= 5
    recalls = [check.details["recall"] for check in ladder.checks if check.name == "recall_at_k"]
    assert recalls == [1.0] * 6
    rows = {check.details["lane"] for check in ladder.checks if check.name == "row_count_after_add"}
    assert rows == set(LANES)


def test_every_lane_is_compared_with_sync(ladder: Run) -> None:
    for operation in ("add", "search"):
        rows = [row for row in ladder.summary if row.operation == operation]
        assert [row.lane for row in rows] == list(LANES[1:])
        assert all(row.baseline == "sync" and row.speedup and row.ci95 for row in rows)


def test_trials_say_what_was_seen_beside_them(ladder: Run) -> None:
    for trial in ladder.measured:
        assert trial.bounded_by in {"server", "client CPU", "loop lag", "connection", "distance"}
        assert trial.client_cpu_ratio is not None


def test_distance_is_added_to_every_request_and_async_overlaps_it(tmp_path: Path) -> None:
    plan = replace(SMALL, operations=("search",), sweep="distance", sweep_values=(0, 40))
    done = run(plan, tmp_path)
    near, far = done.cases
    assert (near.rtt_ms, far.rtt_ms) == (0, 40)
    (sync_far,) = done.trials_of("search", "sync", 12, far)
    assert all(end - start >= 0.04 for start, end, _ in sync_far.samples)
    assert sync_far.bounded_by == "distance"
    (async_far,) = done.trials_of("search", "async", 12, far)
    assert all(end - start >= 0.04 for start, end, _ in async_far.samples)
    # Twelve round trips one after another against twelve at the same time.
    assert (sync_far.max_in_flight, async_far.max_in_flight) == (1, 12)


def test_rate_counts_from_the_intended_send_and_a_stall_shows_there(tmp_path: Path) -> None:
    plan = Plan(
        counts=(30,), dim=8, operations=("search",), lanes=("sync",), rate_per_s=60.0, stall_s=0.4,
        consistency="Bounded",
    )  # fmt: skip
    (trial,) = run(plan, tmp_path).measured
    assert len(trial.intended_s) == len(trial.samples) == 30
    assert all(
        start >= due - 0.001 for (start, _, _), due in zip(trial.samples, trial.intended_s, strict=True)
    )
    assert trial.stall_s is not None
    assert trial.stall_s[1] - trial.stall_s[0] == pytest.approx(0.4)
    # One request waited out the freeze; the ones that were due meanwhile waited to be sent, which
    # their service time does not tell.
    late_s = [start - due for (start, _, _), due in zip(trial.samples, trial.intended_s, strict=True)]
    assert sum(seconds > 0.15 for seconds in late_s) >= 10


def test_blocking_calls_hold_the_loop_up_and_threads_cure_it(tmp_path: Path) -> None:
    plan = Plan(counts=(12,), dim=8, operations=("search",), lanes=("async",), sweep="blocking")
    done = run(plan, tmp_path)
    most = {trial.case.blocking: trial.max_in_flight for trial in done.measured}
    assert most["blocking"] == 1
    assert (most[""] or 0) > 1
    assert (most["to-thread"] or 0) > 1
    assert all(check.passed for check in done.checks)


def test_processes_share_the_operations(tmp_path: Path) -> None:
    plan = replace(SMALL, lanes=("async-bounded", "sync-batch"), processes=2, data="random", fields="text")
    done = run(plan, tmp_path)
    assert {(t.processes, t.num_ok, t.num_failed) for t in done.trials} == {(2, 12, 0)}
    assert all(check.passed for check in done.checks)
    for trial in done.trials:
        assert all(0 <= start <= end <= trial.elapsed_s + 1e-5 for start, end, _ in trial.samples)
    by_lane = {trial.lane: len(trial.samples) for trial in done.trials}
    # 12 operations in batches of 5 are 3 requests: 2 of them for one process and 1 for the other.
    assert by_lane == {"async-bounded": 12, "sync-batch": 3}


def test_own_passages_are_added_again_and_searched_for(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    own = OwnData(
        vectors=rng.standard_normal((5, 16)).astype(np.float32), texts=[f"text {i}" for i in range(5)]
    )
    done = run(replace(SMALL, data="my papers"), tmp_path, own)
    assert all(check.passed for check in done.checks)
    assert {check.name for check in done.checks} >= {"row_count_after_add", "identical_ids"}


def test_littles_law_holds_on_a_real_run(tmp_path: Path) -> None:
    plan = Plan(counts=(40,), dim=8, operations=("search",), lanes=("sync",), rtt_ms=20)
    (trial,) = run(plan, tmp_path).measured
    assert is_consistent(trial) is True

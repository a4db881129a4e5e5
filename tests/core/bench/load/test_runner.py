"""core.bench.load.runner: real small runs on Milvus Lite, whole, cut, stopped and failed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import core
from core.bench.load.runner import run_plan
from core.bench.plan.plan import Plan
from core.bench.records.archive import load_run
from core.bench.records.run import Run
from core.config.settings import Secret, Target
from tests.bench_events import ClosedPipe, Events
from tests.bench_runs import RUN_ID

pytestmark = pytest.mark.slow

SMALL = Plan(counts=(5,), dim=8, repeats=3, batch_size=2)


def run_small(plan: Plan, tmp_path: Path, emit: Any = None) -> Run:
    return run_plan(
        plan,
        Target(uri=str(tmp_path / "bench" / "x.db")),
        run_id=RUN_ID,
        path=tmp_path / f"{RUN_ID}.json",
        emit=emit or Events(),
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path, list[dict[str, Any]]]:
    """One whole run, shared by the tests that only look at it."""
    folder = tmp_path_factory.mktemp("run")
    events = Events()
    return run_small(SMALL, folder, events), folder, events.seen


def test_run_has_every_trial_and_no_failure(measured: tuple[Run, Path, Any]) -> None:
    run = measured[0]
    assert run.status == "complete"
    assert len(run.trials) == SMALL.num_trials == 12
    for trial in run.trials:
        assert (trial.num_ok, trial.num_failed, trial.cut) == (5, 0, False)
        assert len(trial.samples) == 5
        assert trial.elapsed_s > 0
        assert trial.latency_s["p50"] is not None
        assert all(0 <= start <= end <= trial.elapsed_s + 1e-5 for start, end, _ in trial.samples)


def test_sync_has_one_in_flight_and_async_all(measured: tuple[Run, Path, Any]) -> None:
    for trial in measured[0].trials:
        assert trial.max_in_flight == (1 if trial.lane == "sync" else 5)
        assert trial.client_cpu_ratio is not None


def test_every_trial_is_proven(measured: tuple[Run, Path, Any]) -> None:
    checks = measured[0].checks
    rows = [check for check in checks if check.name == "row_count_after_add"]
    ids = [check for check in checks if check.name == "identical_ids"]
    assert [(check.details["expected"], check.details["found"]) for check in rows] == [(5, 5)] * 6
    assert [(check.details["compared"], check.details["equal"]) for check in ids] == [(5, 5)] * 3
    assert all(check.passed for check in checks)


def test_record_on_disk_is_what_was_returned(measured: tuple[Run, Path, Any]) -> None:
    run, folder, _ = measured
    assert load_run(folder / f"{RUN_ID}.json") == run
    assert run.owner is None


def test_environment_says_what_a_reader_needs(measured: tuple[Run, Path, Any]) -> None:
    environment = measured[0].environment
    assert environment["server_version"].startswith("milvus_lite")
    assert environment["overlap"] == core.__version__
    assert environment["packages"]["pymilvus"]
    assert any("flushed" in note for note in environment["notes"])


def test_lite_file_of_the_run_is_removed(measured: tuple[Run, Path, Any]) -> None:
    assert list((measured[1] / "bench").iterdir()) == []


def test_summary_has_intervals_with_repeats(measured: tuple[Run, Path, Any]) -> None:
    summary = measured[0].summary
    assert [(row.operation, row.count, row.lane) for row in summary] == [
        ("add", 5, "async"),
        ("search", 5, "async"),
    ]
    assert all(row.ci95 is not None and row.speedup is not None for row in summary)


def test_a_trial_event_ends_every_trial(measured: tuple[Run, Path, list[dict[str, Any]]]) -> None:
    ended = [event for event in measured[2] if event["event"] == "trial"]
    assert [event["trial"] for event in ended] == list(range(1, 13))
    json.dumps(measured[2], allow_nan=False)


def test_time_limit_cuts_both_lanes_and_the_run_goes_on(tmp_path: Path) -> None:
    plan = Plan(counts=(400,), dim=8, operations=("add",), time_limit_s=0.05)
    run = run_small(plan, tmp_path)
    assert run.status == "complete"
    assert len(run.trials) == 2
    for trial in run.trials:
        assert trial.cut
        assert trial.num_ok < 400
        assert (trial.projected_s is not None) == trial.has_speed
    assert all(check.passed for check in run.checks)


def test_run_stops_when_nobody_listens_any_more(tmp_path: Path) -> None:
    run = run_small(SMALL, tmp_path, ClosedPipe())
    gone = "The program that read its progress, such as the app, was gone."
    assert (run.status, run.note) == ("stopped", gone)
    assert len(run.trials) == 1
    assert load_run(tmp_path / f"{RUN_ID}.json").status == "stopped"
    assert list((tmp_path / "bench").iterdir()) == []


def test_server_that_does_not_answer_fails_the_run_with_a_sentence(tmp_path: Path) -> None:
    target = Target(uri="http://127.0.0.1:1", token=Secret(value="hunter2"))
    path = tmp_path / f"{RUN_ID}.json"
    plan = replace(SMALL, target=target.label)
    run = run_plan(plan, target, run_id=RUN_ID, path=path, emit=Events())
    assert run.status == "failed"
    assert "127.0.0.1:1" in run.note
    assert "hunter2" not in path.read_text()

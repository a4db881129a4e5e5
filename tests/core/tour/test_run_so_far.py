"""A run that goes on is drawn with the trial that is under way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.bench.plan.conditions import Case
from core.bench.plan.presets import preset_plan
from core.bench.records.codec import write_run
from core.bench.run_progress import LaneProgress, Round, Snapshot
from core.tour.run_so_far import run_so_far
from tests.bench_runs import make_run, make_trial

pytestmark = pytest.mark.portable


def snapshot(lane: str, repeat: int, done: int, elapsed_s: float) -> Snapshot:
    current = Round(operation="search", count=10, repeat=repeat, is_warmup=False, case=Case())
    progress = LaneProgress(
        lane=lane, count=10, done=done, failed=0, elapsed_s=elapsed_s, ops_per_s=done / elapsed_s
    )
    return Snapshot(state="running", round=current, lanes={lane: progress}, measured=lane)


def test_run_that_goes_on_grows_with_the_trial_that_is_under_way(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    plan = preset_plan("tutorial")
    run = run_so_far(path, plan, snapshot("sync", 0, 4, 0.8))
    assert [(trial.lane, trial.elapsed_s, trial.num_ok) for trial in run.measured] == [("sync", 0.8, 4)]
    saved = make_run(make_trial("sync", 2.0), summary=())
    write_run(saved, path)
    later = run_so_far(path, plan, snapshot("async", 0, 3, 0.1))
    assert [(trial.lane, trial.elapsed_s) for trial in later.measured] == [("sync", 2.0), ("async", 0.1)]


def test_later_repeat_that_is_not_finished_pulls_no_mean_down(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_run(replace(make_run(make_trial("sync", 2.0), summary=()), status="complete"), path)
    run = run_so_far(path, preset_plan("tutorial"), snapshot("sync", 1, 1, 0.1))
    assert [trial.elapsed_s for trial in run.measured] == [2.0]

"""Connecting and first calls: timed apart and said, or inside the clock as in the tutorial's script."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.bench.analysis.first_calls import INCLUDED, first_calls_words
from core.bench.load.runner import run_plan
from core.bench.load.schedule import points
from core.bench.plan.plan import Plan
from core.bench.records.archive import import_run, load_run, to_json
from core.bench.records.run import Run
from core.bench.records.trial import FirstCall
from core.charts.disclaimers import marks_of
from core.cli.bench_terminal import table
from core.config.settings import Target
from core.errors import RecordError
from core.export.html_report import html_report
from tests.bench_runs import RUN_ID, make_run

pytestmark = pytest.mark.slow

CALLS = (
    FirstCall(operation="search", lane="sync", connect_s=0.31, first_call_s=0.42),
    FirstCall(operation="search", lane="async", connect_s=0.024, first_call_s=0.0071),
)
PLAN = Plan(counts=(5,), dim=8, lanes=("sync", "async", "threads"))


def run_small(plan: Plan, folder: Path) -> Run:
    path = folder / f"{RUN_ID}.json"
    target = Target(uri=str(folder / "bench" / "x.db"))
    return run_plan(plan, target, run_id=RUN_ID, path=path, emit=lambda event: None)


def test_first_calls_of_every_lane_are_timed_before_the_trials(tmp_path: Path) -> None:
    run = run_small(PLAN, tmp_path)
    assert run.status == "complete", run.note
    found = [(call.operation, call.lane) for call in run.first_calls]
    assert found == [
        (operation, lane) for operation in ("add", "search") for lane in ("sync", "threads", "async")
    ]
    assert all(call.connect_s > 0 and call.first_call_s > 0 for call in run.first_calls)
    # One client of each kind was measured.
    assert len({call.connect_s for call in run.first_calls}) == 2
    assert load_run(tmp_path / f"{RUN_ID}.json").first_calls == run.first_calls


def test_included_first_calls_are_inside_the_trials(tmp_path: Path) -> None:
    run = run_small(replace(PLAN, first_calls="included", repeats=2), tmp_path)
    assert run.status == "complete", run.note
    assert run.first_calls == ()
    assert {(trial.num_ok, trial.num_failed) for trial in run.trials} == {(5, 0)}
    assert run.checks and all(check.passed for check in run.checks)
    assert not list((tmp_path / "bench").iterdir())


def test_async_lanes_come_first_when_first_calls_are_included() -> None:
    for seed in range(10):
        plan = replace(PLAN, first_calls="included", repeats=3, seed=seed)
        for _, _, blocks in points(plan):
            assert [block[0].lane for block in blocks] == ["async"] * 3
            assert {spec.lane for spec in blocks[0][1:]} == {"sync", "threads"}


def test_first_calls_are_said_wherever_the_run_is_shown() -> None:
    run = make_run(first_calls=CALLS)
    said = (
        "Before the clock, in none of these times: connecting 0.31 s (an async client 0.02 s), "
        "first call of sync search 0.42 s, first call of async search 0.007 s."
    )
    assert first_calls_words(run) == said
    assert said in table(run)
    assert said in html_report(run)
    assert first_calls_words(make_run()) == ""


def test_many_first_calls_are_said_as_a_range() -> None:
    said = first_calls_words(make_run(first_calls=CALLS * 3))
    assert "first calls 0.007 s to 0.42 s (the longest: sync search)" in said


def test_run_with_first_calls_included_is_marked() -> None:
    run = make_run(settings={"first_calls": "included"})
    assert marks_of(run) == [INCLUDED]
    assert INCLUDED in table(run)


@pytest.mark.parametrize(
    "change", [{"lane": "fibers"}, {"connect_s": -1}, {"first_call_s": "soon"}, {"operation": "drop"}]
)
def test_first_call_that_no_engine_writes_is_refused(change: dict[str, object], tmp_path: Path) -> None:
    values = json.loads(to_json(make_run(first_calls=CALLS)))
    assert import_run(tmp_path, json.dumps(values).encode()).first_calls == CALLS
    values["first_calls"][0] |= change
    with pytest.raises(RecordError, match="first_calls"):
        import_run(tmp_path, json.dumps(values).encode())

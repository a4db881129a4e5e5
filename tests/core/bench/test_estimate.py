"""core.bench.estimate: how long a run takes, said before it and while it goes on."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.bench.estimate import estimate, left_s
from core.bench.plan.conditions import Case
from core.bench.plan.plan import Plan
from core.bench.plan.presets import preset_plan
from core.bench.records.archive import load_run
from core.bench.records.run import Run
from core.bench.run_progress import Snapshot, advance
from core.cli.main import main
from tests.bench_runs import SERVER, make_run, make_trial

pytestmark = pytest.mark.slow

# An estimate is right within this factor, also on a machine that has other things to do.
FACTOR = 3.0


def test_estimate_from_a_record_is_about_what_that_run_took(tmp_path: Path) -> None:
    plan = preset_plan("quick", sweep="distance", sweep_values=(0, 40), warmup=0, repeats=2)
    argv = ["--preset", "quick", "--target", "lite", "--sweep", "distance", "--sweep-values", "0,40"]
    argv += ["--warmup", "0", "--repeats", "2", "--out", str(tmp_path / "run.json")]
    begun_s = time.monotonic()
    assert main(["bench", *argv]) == 0
    took_s = time.monotonic() - begun_s
    # The libraries of this process are there already, so that its start is not in it.
    run = load_run(tmp_path / "run.json")
    again = estimate(plan, [run])
    assert again is not None
    assert again.num_runs == 1
    assert took_s / FACTOR < again.seconds < took_s * FACTOR


def test_first_look_on_lite_is_expected_within_20_s() -> None:
    expected = estimate(preset_plan("first-look"), [])
    assert expected is not None
    assert expected.seconds < 20


def _slow_run(plan: Plan, each_s: float) -> Run:
    trials = [
        make_trial(lane, each_s, operation=operation, count=count)
        for operation in plan.operations
        for count in plan.counts
        for lane in plan.lanes
    ]
    return make_run(*trials, settings=plan.to_dict())


def test_what_was_measured_here_before_puts_the_estimate_right() -> None:
    plan = preset_plan("tutorial")
    guessed, measured = estimate(plan, []), estimate(plan, [_slow_run(plan, 30.0)])
    assert guessed is not None and measured is not None
    assert measured.seconds > 2 * guessed.seconds
    assert measured.seconds == pytest.approx(12 * 30.0, rel=0.2)


def test_trials_of_a_run_that_were_not_cut_say_how_fast_it_went() -> None:
    run = make_run(
        make_trial("async", 2.0, count=20),
        make_trial("sync", 60.0, num_ok=3, count=20, cut=True),
        make_trial("sync", 2.0, count=20),
    )
    whole = make_run(make_trial("async", 2.0, count=20), make_trial("sync", 2.0, count=20))
    assert estimate(run.plan, [run]) == estimate(run.plan, [whole])
    assert estimate(run.plan, [run]) != estimate(run.plan, [])
    cut = make_run(make_trial("sync", 60.0, num_ok=3, count=20, cut=True))
    assert estimate(cut.plan, [cut]) == estimate(cut.plan, [])


def test_runs_at_another_target_or_from_another_machine_say_nothing() -> None:
    plan = preset_plan("tutorial")
    slow = _slow_run(plan, 30.0)
    elsewhere = replace(slow, plan=replace(slow.plan, target=SERVER))
    assert estimate(plan, [replace(slow, imported=True), elsewhere]) == estimate(plan, [])


def test_record_of_nothing_is_no_error() -> None:
    empty = make_trial("threads", 1.0, samples=(), case=Case(concurrency=0))
    odd = make_run(empty, settings={"batch_size": 1})
    odd = replace(odd, trials=(replace(odd.trials[0], count=0, num_ok=0),))
    assert estimate(preset_plan("tutorial"), [odd]) is not None


def test_distance_and_ticks_are_waited_for_in_turn_by_sync_alone() -> None:
    def seconds(**changes: object) -> float:
        found = estimate(preset_plan("quick", counts=(100,), operations=("search",), **changes), [])
        assert found is not None
        return found.seconds

    # 100 searches of 0.1 s in each of 6 trials.
    assert seconds(lanes=("sync",), rtt_ms=100) - seconds(lanes=("sync",)) == pytest.approx(60, abs=3)
    assert seconds(lanes=("async",), rtt_ms=100) - seconds(lanes=("async",)) == pytest.approx(0.6, abs=3)
    strong = seconds(lanes=("sync",), target=SERVER)
    bounded = seconds(lanes=("sync",), target=SERVER, consistency="Bounded")
    assert strong - bounded == pytest.approx(120, rel=0.1)


def test_server_further_away_is_not_guessed_at() -> None:
    plan = preset_plan("tutorial", target="https://in03.zillizcloud.com")
    assert estimate(plan, []) is None
    assert left_s(plan, Snapshot(), 1.0) is None
    assert estimate(plan, [_slow_run(plan, 1.0)]) is not None


def _trial(plan: Plan, number: int, lane: str, elapsed_s: float, **more: object) -> dict[str, object]:
    return {
        "event": "trial", "operation": "search", "lane": lane, "count": 10, "repeat": 0, "done": 10,
        "failed": 0, "elapsed_s": elapsed_s, "ops_per_s": 1.0, "trial": number, "num_trials": plan.num_trials,
        "consistency": "Strong",
    } | more  # fmt: skip


def test_time_left_goes_by_what_this_run_has_taken() -> None:
    plan = Plan(counts=(10,), operations=("search",), repeats=3)
    snapshot = advance(Snapshot(), _trial(plan, 1, "sync", 30.0))
    snapshot = advance(snapshot, _trial(plan, 2, "async", 2.0))
    left = left_s(plan, snapshot, 40.0)
    assert left == pytest.approx(2 * 32.0, abs=2)
    snapshot = advance(snapshot, _trial(plan, 3, "sync", 20.0, event="progress", repeat=1, done=6))
    assert left_s(plan, snapshot, 60.0) == pytest.approx(2 * 32.0 - 20.0, abs=2)


def test_time_left_while_a_run_gets_ready_is_never_less_than_what_measuring_takes() -> None:
    plan = preset_plan("tutorial")
    expected = estimate(plan, [])
    assert expected is not None
    early, late = left_s(plan, Snapshot(), 1.0), left_s(plan, Snapshot(), 600.0)
    assert early == pytest.approx(expected.seconds - 1.0)
    assert late is not None and expected.seconds - 10 < late < expected.seconds


def test_time_left_of_a_lane_goes_by_that_lane() -> None:
    plan = Plan(counts=(10,), operations=("search",), repeats=3)
    snapshot = Snapshot()
    for number, lane in enumerate(("sync", "async", "sync", "sync"), 1):
        elapsed_s = 30.0 if lane == "sync" else 2.0
        snapshot = advance(snapshot, _trial(plan, number, lane, elapsed_s))
    assert left_s(plan, snapshot, 100.0) == pytest.approx(2 * 2.0, abs=2)


def test_time_left_is_nothing_at_the_end() -> None:
    plan = Plan(counts=(10,), operations=("search",))
    snapshot = advance(Snapshot(), _trial(plan, 1, "sync", 3.0))
    snapshot = advance(snapshot, _trial(plan, 2, "async", 3.0))
    assert left_s(plan, snapshot, 7.0) == pytest.approx(0, abs=0.1)

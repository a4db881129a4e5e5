"""core.bench.analysis.speedups: which trials are compared, and what a comparison may be called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.bench.analysis.speedups import summarize, verdict
from core.bench.plan.conditions import Case, factor_steps
from core.bench.records.archive import load_run
from core.bench.records.codec import write_run
from core.bench.records.trial import Proof, Trial
from tests.bench_runs import FACTORS, factor_run, make_row, make_run, make_trial

pytestmark = pytest.mark.portable


def trials_of(*pairs: tuple[float, float]) -> list[Trial]:
    """Sync and async of each repeat, in seconds."""
    return [
        make_trial(lane, elapsed_s, repeat=repeat)
        for repeat, pair in enumerate(pairs)
        for lane, elapsed_s in zip(("sync", "async"), pair, strict=True)
    ]


@pytest.mark.parametrize(
    ("ratio", "ci95", "expected"),
    [
        (1.5, (1.2, 1.9), "faster"),
        (1 / 1.5, (1 / 1.9, 1 / 1.2), "slower"),
        (1.5, (0.9, 2.5), "no detectable difference"),
        (1 / 1.5, (1 / 2.5, 1 / 0.9), "no detectable difference"),
        (None, None, "unknown"),
        (1.5, None, "unknown"),
    ],
)
def test_difference_is_one_when_the_interval_leaves_out_one(
    ratio: float | None, ci95: tuple[float, float] | None, expected: str
) -> None:
    assert verdict(ratio, ci95, 1.05, 3) == expected


@pytest.mark.parametrize(("ratio", "outside"), [(1.1, "faster"), (1 / 1.1, "slower")])
def test_difference_within_the_noise_of_one_lane_is_none(ratio: float, outside: str) -> None:
    ci95 = (ratio * 0.99, ratio * 1.01)
    assert verdict(ratio, ci95, 1.05, 1) == outside
    assert verdict(ratio, ci95, 1.2, 1) == "no detectable difference"


def test_means_of_more_trials_have_less_noise() -> None:
    assert verdict(1.1, (1.05, 1.15), 1.2, 3) == "no detectable difference"
    assert verdict(1.1, (1.05, 1.15), 1.2, 4) == "faster"


def test_two_repeats_have_neither_interval_nor_verdict() -> None:
    two, three = ((4.0, 1.0), (4.1, 1.0)), ((4.0, 1.0), (4.1, 1.0), (3.9, 1.0))
    (few,), (enough,) = (make_run(*trials_of(*pairs)).summary for pairs in (two, three))
    assert (few.num_repeats, few.ci95, few.verdict) == (2, None, "unknown")
    assert few.speedup == pytest.approx(4.05, abs=0.01)
    assert (enough.num_repeats, enough.verdict) == (3, "faster")
    assert enough.ci95 is not None


def test_only_repeats_that_both_lanes_have_done_are_compared() -> None:
    """As a run leaves them that is stopped in the middle of a repeat."""
    whole = trials_of((4.0, 1.0), (8.0, 2.0), (2.0, 0.5))
    (row,) = make_run(*whole, make_trial("sync", 40.0, repeat=3)).summary
    assert row.num_repeats == 3
    assert row.speedup == pytest.approx(4.0)
    assert row.ci95 == pytest.approx((4.0, 4.0))
    (apart,) = make_run(make_trial("sync", 4.0), make_trial("async", 1.0, repeat=1)).summary
    assert (apart.speedup, apart.reason) == (None, "no repeat was measured in both lanes")


def test_time_that_no_operation_takes_is_no_comparison() -> None:
    (row,) = make_run(*trials_of((4.0, 0.0), (4.0, 0.0), (4.0, 0.0))).summary
    assert (row.speedup, row.noise, row.verdict) == (None, None, "unknown")
    assert "no operation takes" in row.reason


def checks_of(outcomes: tuple[bool, ...]) -> tuple[Proof, ...]:
    """Identical ids of the async lane, one check after another."""
    about = {"lane": "async", "count": 10, "consistency": "Strong", "rtt_ms": 0, "concurrency": 64}
    return tuple(
        Proof(name="identical_ids", passed=passed, details={**about, "repeat": i, "blocking": ""})
        for i, passed in enumerate(outcomes)
    )


@pytest.mark.parametrize("outcomes", [(False, True, True), (True, False, True), (True, True, False)])
def test_lane_whose_proof_failed_once_has_no_speed_however_often_it_passed(
    outcomes: tuple[bool, ...],
) -> None:
    run = make_run(*trials_of((4.0, 1.0), (4.0, 1.0), (4.0, 1.0)))
    (row,) = summarize(replace(run, checks=checks_of(outcomes)))
    assert row.speedup is None
    assert row.reason == "the async lane did not prove that it did the same work"


def test_rows_are_in_the_plans_order() -> None:
    cases = [Case(rtt_ms=rtt_ms) for rtt_ms in (0, 60)]
    trials = [
        make_trial(lane, 1.0, count=count, case=case)
        for lane in ("sync", "async", "threads")
        for case in reversed(cases)
        for count in (20, 10)
    ]
    settings = {"sweep": "distance", "sweep_values": (0, 60), "counts": (10, 20)}
    rows = make_run(*trials, settings=settings, target="http://m:1").summary
    assert [(row.count, row.case.rtt_ms, row.lane) for row in rows] == [
        (count, rtt_ms, lane) for count in (10, 20) for rtt_ms in (0, 60) for lane in ("threads", "async")
    ]


def test_record_with_intervals_of_an_older_version_gets_todays(tmp_path: Path) -> None:
    run = make_run(*trials_of((4.0, 1.0), (5.0, 1.0), (3.0, 1.0)))
    narrow = replace(run, summary=(make_row("async", 4.0, count=10, ci95=(3.99, 4.01)),))
    write_run(narrow, tmp_path / "run.json")
    assert load_run(tmp_path / "run.json").summary == run.summary


def test_sweep_of_factors_compares_each_step_with_its_own_baseline() -> None:
    rows = summarize(factor_run())
    steps = [(step.case, step.baseline, step.lane) for step in factor_steps(Case())]
    assert [(row.case, row.baseline, row.lane) for row in rows] == steps
    assert summarize(factor_run((FACTORS[0], *[None] * 5)))[0].case == steps[0][0]


def test_sweep_of_factors_is_compared_at_the_distance_of_its_plan() -> None:
    far = factor_steps(Case(rtt_ms=100))[0].case
    trials = [make_trial(lane, elapsed_s, case=far) for lane, elapsed_s in (("sync", 4.0), ("async", 1.0))]
    settings = {"sweep": "factor", "lanes": ("sync", "async"), "rtt_ms": 100}
    (row,) = make_run(*trials, settings=settings, target="http://m:1").summary
    assert (row.case.rtt_ms, row.speedup) == (100, 4.0)


def test_baseline_is_sync_or_else_the_first_lane() -> None:
    trials = [make_trial(lane, 1.0) for lane in ("sync-batch", "threads", "async")]
    rows = make_run(*trials, settings={"lanes": ("threads", "sync-batch", "async")}).summary
    assert [(row.baseline, row.lane) for row in rows] == [("threads", "sync-batch"), ("threads", "async")]
    rows = make_run(*trials, make_trial("sync", 1.0)).summary
    assert {row.baseline for row in rows} == {"sync"}


@pytest.mark.parametrize("lane", ["sync", "async"])
def test_lane_without_a_trial_is_not_compared(lane: str) -> None:
    assert make_run(make_trial(lane, 1.0)).summary == ()


def test_row_says_how_far_trials_of_one_lane_agree_and_on_how_many_repeats_it_rests() -> None:
    (row,) = make_run(*trials_of((4.0, 1.0), (4.4, 1.0), (4.2, 1.0))).summary
    assert row.noise == pytest.approx(1.1)
    assert (row.operation, row.count, row.num_repeats, row.reason) == ("search", 10, 3, "")
    assert not row.is_projected


def test_difference_that_just_touches_one_or_the_noise_is_none() -> None:
    for ci95 in ((1.0, 1.9), (0.5, 1.0)):
        assert verdict(ci95[0] + 0.2, ci95, None, 3) == "no detectable difference"
    assert verdict(1.2, (1.1, 1.3), 1.2, 1) == "no detectable difference"
    assert verdict(1.2, (1.1, 1.3), None, 1) == "faster"


def test_lane_that_was_cut_before_its_first_operation_in_one_repeat_is_named() -> None:
    trials = trials_of((4.0, 1.0), (4.0, 1.0), (4.0, 1.0))
    trials[3] = replace(trials[3], num_ok=0, cut=True)
    (row,) = make_run(*trials).summary
    assert (row.speedup, row.reason) == (None, "the async lane was cut before one operation was done")


def test_trial_that_was_cut_after_most_was_done_gives_a_projected_speedup() -> None:
    trials = trials_of((4.0, 1.0), (4.0, 1.0))
    trials[0] = replace(trials[0], num_ok=5, elapsed_s=2.0, cut=True)
    (row,) = make_run(*trials).summary
    assert row.speedup == pytest.approx(4.0)
    assert row.is_projected


def test_failed_operations_of_both_lanes_leave_no_speedup() -> None:
    trials = trials_of((4.0, 1.0), (4.0, 1.0))
    trials[0] = replace(trials[0], num_ok=8, num_failed=2)
    trials[3] = replace(trials[3], num_ok=9, num_failed=1)
    (row,) = make_run(*trials).summary
    assert (row.speedup, row.reason) == (None, "3 of 40 operations failed")


@pytest.mark.parametrize(
    "arrived",
    [
        {"intended_s": (0.0,) * 10},
        {"response_s": {"p50": 1.0}},
        {"intended_s": (0.0,) * 10, "response_s": {"p50": 1.0}},
    ],
)
def test_operations_that_arrived_at_a_rate_have_no_speedup(arrived: dict[str, Any]) -> None:
    trials = trials_of((4.0, 1.0), (4.0, 1.0))
    trials[2] = replace(trials[2], **arrived)
    (row,) = make_run(*trials).summary
    assert row.speedup is None
    assert row.reason == "operations arrived at a rate, so their total time says nothing"
    (shared,) = make_run(*[replace(trial, processes=2) for trial in trials]).summary
    assert shared.speedup == pytest.approx(4.0)


def test_speedup_is_unknown_when_operations_failed() -> None:
    failing = make_trial("async", 0.01, num_ok=1, num_failed=9)
    row = make_run(make_trial("sync", 4.0), failing).summary[0]
    assert row.speedup is None
    assert "9 of 20 operations failed" in row.reason


def test_speedup_of_a_cut_trial_is_a_projection_from_what_was_done() -> None:
    cut = make_trial("sync", 2.0, num_ok=5, cut=True)
    row = make_run(cut, make_trial("async", 1.0)).summary[0]
    assert row.speedup == pytest.approx(4.0)
    assert row.is_projected


def test_speedup_is_unknown_when_a_lane_was_cut_with_most_of_it_under_way() -> None:
    sync = make_trial("sync", 2.0, count=1000)
    row = make_run(
        sync, make_trial("async", 2.0, count=1000, num_ok=100, num_cancelled=900, cut=True)
    ).summary[0]
    assert (row.speedup, row.is_projected) == (None, False)
    assert row.reason == "the async lane was cut while 900 operations were under way"


def test_speedup_is_unknown_when_nothing_was_done() -> None:
    cut = make_trial("sync", 2.0, num_ok=0, cut=True, samples=())
    row = make_run(cut, make_trial("async", 1.0)).summary[0]
    assert (row.speedup, row.ci95, row.is_projected) == (None, None, False)
    assert "cut" in row.reason

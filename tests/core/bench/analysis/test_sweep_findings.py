"""The sentence of every kind of sweep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.analysis import sweep_findings, sweeps
from core.bench.analysis.findings import finding, headline
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.charts.catalog import charts_of
from tests.bench_runs import (
    concurrency_run,
    distance_run,
    factor_run,
    heartbeat_run,
    ladder_run,
    make_run,
    make_trial,
    proof_of,
    stall_run,
)
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_factor_is_told_step_by_step() -> None:
    sentence = headline(factor_run((39.9, 15.0, 2.5, 1.3, 1.2, 1.1)))
    assert "39.9x as fast with the tutorial's setting, 60 ms away" in sentence
    assert "15.0x with consistency Bounded" in sentence
    assert sentence.endswith(".")


def test_distance_says_where_async_starts_to_pay_and_that_it_is_simulated() -> None:
    run = distance_run((1.02, 1.5, 2.4, 4.3, 11.0, 16.0, 24.0))
    sentence = headline(run)
    assert sentence.startswith(
        "Async search was 24.0 times as fast as sync at 200 ms of distance (simulated; 95 % interval "
    )
    assert "beyond noise from 5 ms on" in sentence


@pytest.mark.parametrize(
    ("verdict", "far", "near"),
    [
        ("faster", "Async search was 24.0 times as fast as sync at 200 ms", "without distance 1.02x."),
        (
            "no detectable difference",
            "No detectable difference between async search and sync at 200 ms of distance (simulated; ",
            "without distance no detectable difference.",
        ),
    ],
)
def test_factor_that_may_be_noise_is_not_told_as_a_factor(verdict: str, far: str, near: str) -> None:
    run = distance_run()
    sentence = headline(replace(run, summary=tuple(replace(row, verdict=verdict) for row in run.summary)))
    assert sentence.startswith(far)
    assert sentence.endswith(near)


def test_concurrency_names_peak_and_knee() -> None:
    assert "peaked at 205/s" in headline(concurrency_run((5, 10, 20, 40, 78, 150, 190, 205, 200)))


def test_open_loop_is_told_once_for_each_lane_however_many_repeats() -> None:
    run = stall_run()
    again = tuple(replace(trial, repeat=number) for number in range(3) for trial in run.trials)
    sentence = headline(replace(run, trials=again))
    assert sentence.count("by its service time") == 2
    assert "(medians of 3 repeats)" in sentence


def test_open_loop_tells_of_searches_at_the_largest_count_and_of_nothing_else() -> None:
    run = stall_run()
    others = [
        replace(trial, operation=operation, count=count, response_s={"p99": 99.0}, num_unsent=7)
        for trial in run.trials
        for operation, count in (("add", trial.count), ("search", 1))
    ]
    mixed = replace(run, trials=(*others, *run.trials), plan=replace(run.plan, operations=("add", "search")))
    assert headline(mixed) == headline(run)


def test_stall_sets_response_beside_service_time() -> None:
    sentence = headline(stall_run())
    assert sentence.startswith("With a freeze of 1.5 s in the middle, 99 % of search requests")
    assert "by its service time" in sentence


def test_blocking_says_how_long_the_loop_was_held_up() -> None:
    assert headline(heartbeat_run()).startswith("Blocking calls held the loop up for ")


def test_runs_without_a_sweep_have_no_sentence_of_their_own() -> None:
    assert sweep_findings.headline(make_run()) is None
    assert sweep_findings.headline(ladder_run()) is None


def of_two_factors() -> Run:
    """Async is 20 times as fast with many searches, and twice as fast with few, or in adds."""
    factors = {("search", 100): 20, ("search", 10): 2, ("add", 100): 2, ("add", 10): 2}
    trials = [
        make_trial(
            lane,
            time_s / (1 if lane == "sync" else factor),
            operation=operation,
            count=count,
            case=Case(rtt_ms=rtt_ms, consistency="Bounded"),
            repeat=repeat,
        )
        for (operation, count), factor in factors.items()
        for rtt_ms, time_s in ((60, 6.0), (0, 1.0))
        for lane in ("sync", "async")
        for repeat in range(3)
    ]
    settings = {"sweep": "distance", "sweep_values": (60, 0), "consistency": "Bounded"}
    return make_run(*trials, settings=settings)


def test_sweep_is_told_by_most_searches_furthest_away_however_it_was_typed() -> None:
    run = of_two_factors()
    assert (run.plan.operations, run.plan.counts, run.plan.sweep_values) == (
        ("search", "add"), (100, 10), (60, 0),
    )  # fmt: skip
    assert sweeps.told_point(run) == ("search", 100)
    assert [case.rtt_ms for case in run.cases] == [0, 60]
    assert headline(run).startswith("Async search of 100 operations was 20.0 times as fast as sync at 60 ms")
    told = finding(run)
    assert (told.figure, told.sentence) == (
        "20.0x", "faster: async search, 100 operations, 60 ms away (simulated)",
    )  # fmt: skip
    (first, *_) = charts_of(run, "search")
    assert title(first.figure) == "Async search is faster at every simulated distance: 20.0 times at 60 ms"


def test_distance_is_told_of_async_where_other_lanes_come_first() -> None:
    trials = [
        make_trial(lane, time_s, case=Case(rtt_ms=rtt_ms))
        for rtt_ms in (0, 60)
        for lane, time_s in (("sync", 4.0), ("threads", 2.0), ("async", 1.0))
    ]
    settings = {"sweep": "distance", "sweep_values": (0, 60)}
    assert headline(make_run(*trials, settings=settings)).startswith("Async search was 4.0 times as fast")


def test_sweep_that_stopped_within_a_count_is_told_by_what_was_measured() -> None:
    run = concurrency_run()
    stopped = replace(run, plan=replace(run.plan, counts=(200, 500)), status="stopped")
    assert headline(stopped).startswith("Async-bounded search of 200 operations peaked at 205/s")
    part = replace(run, trials=run.trials[:5], status="stopped")
    assert "; only 5 of 18 points were measured" in headline(part)
    assert "points were measured" not in headline(run)


def test_concurrency_says_how_far_away_it_was_measured() -> None:
    run = concurrency_run()
    far = [replace(trial, case=replace(trial.case, rtt_ms=60)) for trial in run.trials]
    far_run = replace(run, plan=replace(run.plan, rtt_ms=60), trials=tuple(far))
    assert "; with a simulated distance of 60 ms" in headline(far_run)
    assert finding(far_run).sentence.endswith(", 60 ms away (simulated)")
    assert "60 ms, simulated" not in headline(run)
    figure = charts_of(far_run, "search")[0].figure
    assert figure.layout.meta["subtitle"] == "Milvus server · Bounded · 60 ms of distance, simulated"


def test_peak_of_a_lane_that_failed_its_check_is_not_told() -> None:
    run = concurrency_run()
    wrong = [
        proof_of(trial, passed=trial.lane != "async-bounded", baseline="threads") for trial in run.trials
    ]
    told = replace(run, checks=tuple(wrong))
    assert headline(told) == (
        "Threads search peaked at 144/s, 90 % of it at 64 at once; "
        "one run of each, no repeats: no uncertainty known; 9 of 18 points have no speed: a check failed."
    )
    assert finding(told).figure == "144/s"
    none = replace(run, checks=tuple(proof_of(trial, passed=False) for trial in run.trials))
    assert sweeps.throughputs(none, "search", "threads", 200) == []


def test_peak_tells_of_failures_and_cuts() -> None:
    run = concurrency_run()
    first, second, *rest = run.trials
    failing = replace(first, num_ok=199, num_failed=1)
    cut = replace(second, num_ok=100, cut=True)
    told = headline(replace(run, trials=(failing, cut, *rest)))
    assert "; 1 operation failed; a trial was cut, so this is a projection" in told


def test_factor_says_simulated_projected_and_how_sure_it_is() -> None:
    run = factor_run()
    rows = [replace(row, is_projected=row.case.rtt_ms > 0) for row in run.summary]
    told = replace(run, summary=tuple(rows))
    assert headline(told).startswith(
        "Async search was 39.9x as fast with the tutorial's setting, 60 ms away "
        "(simulated; 95 % interval 37.90 to 41.90, 3 repeats); of that is left 18.4x (projected) with "
    )
    assert headline(told).endswith("so this is a projection from the operations that were done.")
    assert "60 ms away (simulated, projected); " in finding(told).sentence
    assert "95 % interval 37.90 to 41.90, 3 repeats; a trial was cut" in finding(told).details


def test_factor_that_may_be_noise_begins_no_sentence_on_steps() -> None:
    run = factor_run()
    rows = [replace(row, verdict="no detectable difference") for row in run.summary]
    told = replace(run, summary=tuple(rows))
    assert headline(told).startswith(
        "No detectable difference between async search and sync with the tutorial's"
    )
    assert finding(told).figure == ""


def test_distance_tells_of_projections_and_failed_checks() -> None:
    run = distance_run()
    rows = [replace(row, is_projected=row.case.rtt_ms == 200) for row in run.summary]
    assert "a trial was cut, so this is a projection" in headline(replace(run, summary=tuple(rows)))
    wrong = [replace(check, passed=False) for check in run.checks]
    assert "the lanes did not do the same work" in headline(replace(run, checks=tuple(wrong)))


def test_open_loop_is_told_of_one_case_that_it_names() -> None:
    run = stall_run()
    both = [
        replace(trial, case=Case(rtt_ms=rtt_ms), response_s={"p99": p99_s}, latency_s={"p99": p99_s / 2})
        for trial in run.trials
        for rtt_ms, p99_s in ((60, 2.0), (0, 0.002))
    ]
    settings = {"lanes": run.plan.lanes, "rate_per_s": 100.0, "sweep": "distance", "sweep_values": (60, 0)}
    told = headline(make_run(*both, settings=settings, summary=()))
    assert told.startswith(
        "99 % of search requests 60 ms away (simulated) were answered, from when they were due"
    )
    assert "sync 2,000 ms, by its service time 1,000 ms" in told
    assert "medians" not in told


def test_open_loop_counts_what_failed() -> None:
    run = stall_run()
    first, *others = run.trials
    assert "3 failed and are not among them" in headline(
        replace(run, trials=(replace(first, num_ok=597, num_failed=3), *others))
    )


def test_blocking_says_how_far_away_it_was_measured() -> None:
    run = heartbeat_run()
    far = [replace(trial, case=replace(trial.case, rtt_ms=60)) for trial in run.trials]
    told = replace(run, plan=replace(run.plan, rtt_ms=60), trials=tuple(far))
    assert " ms with a simulated distance of 60 ms; " in headline(told)
    assert finding(told).sentence.endswith("held the loop up, 60 ms away (simulated)")


def test_peak_of_one_run_says_that_uncertainty_is_unknown() -> None:
    run = concurrency_run()
    twice = replace(run, trials=(*run.trials, *[replace(trial, repeat=1) for trial in run.trials]))
    assert headline(run).endswith("; one run of each, no repeats: no uncertainty known.")
    assert "uncertainty" not in headline(twice)
    assert finding(run).details == (
        "Threads 144/s, 64 at once; one run of each, no repeats: no uncertainty known."
    )

"""core.bench.analysis.findings: the sentence claims what the record supports, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.analysis.findings import brief, explain, finding, headline, tutorial_speedup
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from tests.bench_runs import (
    concurrency_run,
    distance_run,
    factor_run,
    first_look_run,
    heartbeat_run,
    make_run,
    make_trial,
    proof_of,
    stall_run,
    two_counts_run,
)

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("operation", "count", "expected"),
    [
        ("add", 10, 2.9),
        ("add", 100, 12.2),
        ("add", 1000, 19.5),
        ("search", 10, 6.0),
        ("search", 100, 22.2),
        ("search", 1000, 35.1),
        ("search", 50, None),
    ],
)
def test_tutorial_speedups_follow_from_its_published_times(
    operation: str, count: int, expected: float | None
) -> None:
    assert tutorial_speedup(operation, count) == expected


def test_headline_of_one_run_says_that_uncertainty_is_unknown() -> None:
    assert headline(make_run()) == (
        "Async search was 4.0 times as fast as sync at 10 operations "
        "(one run, no repeats: no uncertainty known)."
    )


def test_headline_of_repeats_has_the_interval() -> None:
    trials = [
        make_trial(lane, elapsed_s * (1 + repeat / 10), repeat=repeat)
        for repeat in range(3)
        for lane, elapsed_s in (("sync", 4.0), ("async", 1.0))
    ]
    assert "95 % interval 4.00 to 4.00, 3 repeats" in headline(make_run(*trials))


def test_headline_names_no_winner_when_the_interval_holds_one() -> None:
    times = [("sync", 1.0), ("async", 1.3), ("sync", 1.3), ("async", 1.0), ("sync", 1.1), ("async", 1.1)]
    trials = [make_trial(lane, elapsed_s, repeat=i // 2) for i, (lane, elapsed_s) in enumerate(times)]
    assert "No detectable difference" in headline(make_run(*trials))
    assert "2 repeats, too few for an interval" in headline(make_run(*trials[:4]))


def test_headline_says_slower() -> None:
    assert "took 2.0 times as long" in headline(make_run(make_trial("sync", 1.0), make_trial("async", 2.0)))


def test_headline_takes_the_largest_count() -> None:
    assert headline(two_counts_run()).startswith("Async search was 3.0 times as fast as sync at 100")


def test_headline_labels_a_projection() -> None:
    cut = make_trial("sync", 2.0, num_ok=5, cut=True, projected_s=4.0)
    assert "projection" in headline(make_run(cut, make_trial("async", 1.0)))


def test_headline_after_stop_is_about_what_was_measured_before() -> None:
    stopped = make_trial("async", 2.0, count=1000, num_ok=100, num_cancelled=900, cut=True)
    small = [make_trial("sync", 3.0, count=100), make_trial("async", 1.0, count=100)]
    found = headline(make_run(*small, make_trial("sync", 2.9, count=1000), stopped))
    assert found.startswith("Async search was 3.0 times as fast as sync at 100 operations")
    assert headline(make_run(make_trial("sync", 2.9, count=1000), stopped)) == (
        "The lanes can't be compared: the async lane was cut while 900 operations were under way."
    )


def test_headline_tells_of_a_failed_check() -> None:
    assert "did not do the same work" in headline(make_run(is_proven=False))


def test_headline_tells_of_a_missing_check() -> None:
    assert "no check proves" in headline(make_run(checks=()))


def test_headline_gives_no_speedup_when_operations_failed() -> None:
    failing = make_trial("async", 0.01, num_ok=1, num_failed=9)
    found = headline(make_run(make_trial("sync", 4.0), failing))
    assert "can't be compared: 9 of 20 operations failed" in found
    assert "faster" not in found


def test_headline_of_one_lane_claims_nothing() -> None:
    assert "Only the sync lane" in headline(make_run(make_trial("sync", 4.0)))


def test_lite_is_explained_by_its_engine_and_a_server_by_its_waits() -> None:
    assert "pure Python" in (explain(make_run()) or "")
    assert "Strong consistency" in (explain(make_run(target="http://milvus:19530")) or "")
    assert "in the same process as the client" in (explain(make_run()) or "")
    assert "in the same process" not in (
        explain(make_run(settings={"processes": 2})) or "in the same process"
    )


def repeated(
    async_s: tuple[float, ...], *, count: int = 10, case: Case | None = None, **changes: object
) -> Run:
    """Sync takes 1 s in each repeat."""
    trials = [
        make_trial(lane, elapsed_s, count=count, repeat=repeat, case=case or Case())
        for repeat, other_s in enumerate(async_s)
        for lane, elapsed_s in (("sync", 1.0), ("async", other_s))
    ]
    return make_run(*trials, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["lite", "http://milvus:19530"])
@pytest.mark.parametrize("rtt_ms", [0, 60])
@pytest.mark.parametrize(
    ("async_s", "told"),
    [
        ((0.5, 0.5, 0.5), ""),
        ((0.9, 1.1, 1.0), "In this run the gain can't be told from noise."),
        ((2.0, 2.0, 2.0), "In this run async cost more time than it saved."),
        ((2.0,), ""),
    ],
    ids=["faster", "noise", "slower", "one repeat"],
)
def test_reason_does_not_explain_a_gain_that_a_run_does_not_show(
    async_s: tuple[float, ...], told: str, rtt_ms: int, target: str
) -> None:
    case = Case(rtt_ms=rtt_ms)
    reason = explain(repeated(async_s, case=case, target=target, settings={"rtt_ms": rtt_ms})) or ""
    assert "gains little" not in reason
    assert ("In this run" in reason) == bool(told) and reason.endswith(told)


@pytest.mark.parametrize("rtt_ms", [0, 60])
def test_single_operation_is_said_to_have_nothing_to_overlap(rtt_ms: int) -> None:
    run = repeated((1.0,), count=1, case=Case(rtt_ms=rtt_ms), settings={"rtt_ms": rtt_ms})
    assert (explain(run) or "").startswith("A single operation has nothing to overlap")


def test_freeze_of_the_link_is_what_explains_a_run_that_had_one() -> None:
    told = explain(make_run(settings={"stall_s": 0.2})) or ""
    assert told.startswith("The link froze for 0.2 s") and "Strong" not in told


def test_one_operation_is_counted_as_one() -> None:
    run = make_run(make_trial("sync", 4.0, count=1), make_trial("async", 1.0, count=1))
    assert "as fast as sync at 1 operation (" in headline(run)


LANES = ("sync", "async")


def test_finding_is_a_figure_a_short_sentence_and_small_type() -> None:
    found = finding(first_look_run())
    assert (found.figure, found.sentence) == ("7.0x", "faster: async search, 60 ms away (simulated)")
    assert "95 % interval 7.00 to 7.00, 5 repeats" in found.details
    assert "without distance no detectable difference" in found.details


def test_finding_of_slower_and_of_no_difference_does_not_boast() -> None:
    slower = finding(make_run(make_trial("sync", 1.0), make_trial("async", 2.0)))
    assert (slower.figure, slower.sentence) == ("2.0x", "slower: async search")
    same = finding(make_run(make_trial("sync", 1.0), make_trial("async", 1.0)))
    assert same.figure == ""
    assert "about as long as" in same.sentence


def test_interval_of_a_slower_lane_holds_the_figure_beside_it() -> None:
    async_s = (1.2, 1.25, 1.3)
    trials = [
        make_trial(lane, elapsed_s, repeat=repeat)
        for repeat in range(3)
        for lane, elapsed_s in (("sync", 1.0), ("async", async_s[repeat]))
    ]
    run = make_run(*trials)
    (row,) = run.summary
    assert row.ci95 is not None
    low, high = row.ci95
    assert finding(run).figure == "1.25x"
    assert f"95 % interval {1 / high:.2f} to {1 / low:.2f}, 3 repeats" in finding(run).details
    assert brief(run) == f"1.25x slower: async search; {1 / high:.2f} to {1 / low:.2f}"
    # Where the factor is written as how many times as fast the lane was, so is the interval.
    assert f"0.80x, 95 % interval {low:.2f} to {high:.2f}" in headline(run)


def test_finding_of_several_counts_names_its_own() -> None:
    trials = [make_trial(lane, 1.0 + i, count=count) for count in (10, 1000) for i, lane in enumerate(LANES)]
    assert finding(make_run(*trials)).sentence == "slower: async search, 1,000 operations"


def test_finding_without_a_comparison_is_the_reason() -> None:
    found = finding(make_run(make_trial("sync", 4.0)))
    assert found.figure == ""
    assert "Only the sync lane" in found.sentence


@pytest.mark.parametrize(
    ("run", "figure", "words"),
    [
        (
            factor_run(),
            "39.9x",
            "with the tutorial's setting, 60 ms away (simulated); 1.20x with batches on both sides",
        ),
        (distance_run(), "24.0x", "faster: async search, 200 ms away (simulated)"),
        (concurrency_run(), "205/s", "async-bounded search at its peak, 90 % of it with 64 at once"),
        (heartbeat_run(), "212 ms", "is how long blocking calls held the loop up"),
        (stall_run(), "", "With a freeze of 1.5 s"),
    ],
    ids=["factor", "distance", "concurrency", "heartbeat", "stall"],
)
def test_finding_of_a_sweep_has_its_figure(run: Run, figure: str, words: str) -> None:
    found = finding(run)
    assert found.figure == figure
    assert words in found.sentence


@pytest.mark.parametrize(
    ("run", "line"),
    [
        (first_look_run(), "7.0x faster: async search, 60 ms away (simulated); 7.00 to 7.00"),
        (make_run(), "4.0x faster: async search; uncertainty not known"),
        (heartbeat_run(), "212 ms is how long blocking calls held the loop up"),
        (make_run(make_trial("sync", 1.0)), headline(make_run(make_trial("sync", 1.0)))),
    ],
)
def test_line_of_a_list_has_figure_and_uncertainty(run: Run, line: str) -> None:
    assert brief(run) == line


def test_run_that_was_stopped_before_it_found_anything_says_why_in_a_list() -> None:
    run = replace(make_run(status="stopped", note="Ctrl-C was pressed."), trials=(), summary=())
    assert brief(run) == "Nothing was measured that could be compared. Ctrl-C was pressed."


def test_run_that_failed_before_it_found_anything_begins_with_why_in_a_list() -> None:
    run = replace(make_run(status="failed", note="Milvus does not answer."), trials=(), summary=())
    assert brief(run) == "Milvus does not answer."


def test_waiting_is_told_of_lanes_that_were_measured() -> None:
    far = [make_trial(lane, 1.0, case=Case(rtt_ms=60)) for lane in ("threads", "async-bounded")]
    told = explain(make_run(*far, settings={"lanes": ("threads", "async-bounded"), "rtt_ms": 60})) or ""
    assert "60 ms (simulated)" in told
    assert "sync lane" not in told and "async lane" not in told
    both = [make_trial(lane, 1.0, case=Case(rtt_ms=60)) for lane in ("sync", "async")]
    assert "The sync lane waits for that once per operation" in (
        explain(make_run(*both, settings={"rtt_ms": 60})) or ""
    )


def test_comparison_of_a_concurrency_sweep_names_the_concurrency() -> None:
    lanes, cases = (("threads", 2.0), ("async-bounded", 1.0)), (Case(concurrency=4), Case(concurrency=8))
    few = [make_trial(lane, time_s, case=case) for case in cases for lane, time_s in lanes]
    many = [make_trial(lane, 1.0, count=100, num_ok=0, num_cancelled=100, cut=True) for lane, _ in lanes]
    settings = {"lanes": ("threads", "async-bounded"), "sweep": "concurrency", "sweep_values": (4, 8)}
    run = make_run(*few, *[replace(trial, case=cases[0]) for trial in many], settings=settings)
    told = headline(run)
    assert told.startswith("Async-bounded search was 2.0 times as fast as threads at 10 operations")
    assert "; with 4 at once at most" in told


def test_factor_of_a_run_that_was_stopped_early_is_no_figure() -> None:
    run = repeated((0.25,), status="stopped", settings={"repeats": 5})
    found = finding(run)
    assert found.figure == ""
    assert found.sentence == (
        "Async search was 4.0 times as fast as sync at 10 operations, in 1 repeat of 5 that were planned."
    )
    assert "one run, no repeats: no uncertainty known" in found.details
    assert brief(run) == found.sentence
    enough = repeated((0.25, 0.25, 0.25), status="stopped", settings={"repeats": 5})
    assert finding(enough).figure == "4.0x"
    # Where one run is all that was asked for, its factor is what there is.
    assert finding(repeated((0.25,))).figure == "4.0x"


def test_sweep_that_was_stopped_early_has_no_figure() -> None:
    factor = factor_run()
    rows = tuple(replace(row, ci95=None, num_repeats=1, verdict="unknown") for row in factor.summary)
    plan = replace(factor.plan, repeats=5)
    stopped = replace(factor, plan=plan, summary=rows, status="stopped")
    assert finding(stopped).figure == ""
    assert "one run, no repeats" in finding(stopped).sentence
    assert finding(replace(stopped, status="complete")).figure == "39.9x"
    concurrency = concurrency_run()
    planned = replace(concurrency, plan=replace(concurrency.plan, repeats=5), status="stopped")
    assert finding(concurrency).figure == "205/s"
    assert finding(planned).figure == ""
    assert "one run of each, no repeats" in finding(planned).sentence
    assert finding(replace(planned, status="complete")).figure == "205/s"


@pytest.mark.parametrize("async_s", [1.0, 3.0], ids=["faster", "no figure"])
def test_larger_count_at_which_a_lane_has_no_factor_is_told(async_s: float) -> None:
    """Sync took 30 s for a thousand; async had not done them when its 60 s were over."""
    small = [make_trial("sync", 3.0, count=100), make_trial("async", async_s, count=100)]
    cut = make_trial("async", 60.0, count=1000, num_ok=510, num_cancelled=490, cut=True)
    run = make_run(*small, make_trial("sync", 30.0, count=1000), cut)
    beyond = "; not known at 1,000 operations"
    why = f"{beyond}: the async lane was cut while 490 operations were under way"
    assert why in headline(run)
    assert why in finding(run).details
    assert brief(run).removesuffix(".").endswith(beyond)
    assert "not known at" not in headline(make_run(*small))


def test_smaller_count_at_which_a_lane_has_no_factor_is_not_told() -> None:
    cut = make_trial("async", 60.0, count=100, num_ok=51, num_cancelled=49, cut=True)
    larger = [make_trial("sync", 30.0, count=1000), make_trial("async", 3.0, count=1000)]
    run = make_run(make_trial("sync", 3.0, count=100), cut, *larger)
    assert [row.speedup for row in run.summary if row.count == 100] == [None]
    assert "10.0 times as fast" in headline(run) and "not known at" not in headline(run)


def test_searches_that_prove_nothing_are_told_beside_the_adds_that_do() -> None:
    trials = [
        make_trial(lane, elapsed_s, operation=operation)
        for operation in ("add", "search")
        for lane, elapsed_s in (("sync", 3.0), ("async", 1.0))
    ]
    checks = tuple(
        proof_of(trial, passed=(trial.operation, trial.lane) != ("search", "async")) for trial in trials
    )
    run = make_run(*trials, checks=checks, target="http://milvus:19530")
    unproven = "; not known of search at 10 operations"
    why = f"{unproven}: the async lane did not prove that it did the same work"
    assert headline(run).startswith("Async add was 3.0 times as fast as sync") and why in headline(run)
    assert why in finding(run).details
    assert brief(run).endswith(unproven)
    # Nor is the wait of searches the reason of what adds gained.
    assert "Strong" not in (explain(run) or "")

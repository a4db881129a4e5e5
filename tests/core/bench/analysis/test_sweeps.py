"""core.bench.analysis.sweeps: the figures and the sentence of every kind of sweep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.analysis import sweeps
from core.bench.analysis.findings import headline
from tests.bench_runs import (
    concurrency_run,
    distance_run,
    factor_run,
    heartbeat_run,
    ladder_run,
    make_run,
    make_trial,
    stall_run,
)

pytestmark = pytest.mark.portable


def test_factor_is_told_step_by_step() -> None:
    sentence = headline(factor_run((39.9, 15.0, 2.5, 1.3, 1.2, 1.1)))
    assert "39.9x as fast with the tutorial's setting, 60 ms away" in sentence
    assert "15.0x with consistency Bounded" in sentence
    assert sentence.endswith(".")


def test_factor_has_a_row_for_every_step_that_was_measured() -> None:
    rows = sweeps.factor_rows(factor_run((39.9, None, 2.5, 1.3, 1.2, 1.1)), "search", 100)
    assert len(rows) == 6
    assert rows[0][1] is not None


def test_step_of_a_sweep_whose_speed_is_not_known_is_left_out() -> None:
    run = concurrency_run()
    steps = sweeps.throughputs(run, "search", "threads", 200)
    first = run.trials_of("search", "threads", 200)[0]
    open_ended = replace(first, repeat=1, num_ok=10, num_cancelled=190, cut=True)
    cut = replace(run, trials=(*run.trials, open_ended))
    assert sweeps.throughputs(cut, "search", "threads", 200) == steps[1:]


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


def test_it_pays_from_the_first_distance_after_which_all_are_faster() -> None:
    rows = list(distance_run().summary)

    def told(*verdicts: str) -> int | None:
        return sweeps.pays_from_ms(
            [replace(row, verdict=verdict) for row, verdict in zip(rows, verdicts, strict=False)]
        )

    no, yes = "no detectable difference", "faster"
    assert told(no, yes, yes) == rows[1].case.rtt_ms
    assert told(yes, no, yes) == rows[2].case.rtt_ms
    assert told(no, no, no) is None


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(1, 10.0), (2, 19.0), (4, 36.0), (8, 39.0), (16, 40.0)], 4),
        ([(1, 10.0)], 1),
        ([(4, 5.0), (1, 10.0)], 1),
        ([], None),
    ],
)
def test_knee_is_the_smallest_concurrency_with_90_percent_of_the_best(
    points: list[tuple[int, float]], expected: int | None
) -> None:
    assert sweeps.knee(points) == expected


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


def test_longest_gap_counts_the_edges_of_the_trial() -> None:
    trial = make_trial("async", 1.0, heartbeats_s=(0.4, 0.5))
    assert sweeps.longest_gap_s(trial) == pytest.approx(0.5)
    assert sweeps.longest_gap_s(make_trial("async", 1.0)) == 1.0


def test_runs_without_a_sweep_have_no_sentence_of_their_own() -> None:
    assert sweeps.headline(make_run()) is None
    assert sweeps.headline(ladder_run()) is None

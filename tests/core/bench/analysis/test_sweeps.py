"""The figures of every kind of sweep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.analysis import sweeps
from tests.bench_runs import (
    concurrency_run,
    distance_run,
    factor_run,
    make_trial,
)

pytestmark = pytest.mark.portable


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


def test_longest_gap_counts_the_edges_of_the_trial() -> None:
    trial = make_trial("async", 1.0, heartbeats_s=(0.4, 0.5))
    assert sweeps.longest_gap_s(trial) == pytest.approx(0.5)
    assert sweeps.longest_gap_s(make_trial("async", 1.0)) == 1.0

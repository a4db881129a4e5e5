"""core.charts.run.lane_table: a row for each lane and case, and failures by reason."""

from __future__ import annotations

import pytest

from core.bench.analysis.metrics import LAW_BROKEN, LAW_HOLDS, METRICS, Place
from core.bench.analysis.stats import latencies, percentile
from core.charts.run.lane_table import failures, lane_rows
from tests.bench_runs import distance_run, make_run, make_trial

pytestmark = pytest.mark.portable


def test_lane_rows_pool_samples_and_never_percentiles() -> None:
    first = make_trial("async", 1.0, max_in_flight=3, client_cpu_ratio=0.2, loop_lag_p99_s=0.1)
    second = make_trial("async", 9.0, repeat=1, max_in_flight=7, client_cpu_ratio=0.4, num_ok=9, num_failed=1)
    (row,) = lane_rows(make_run(first, second), "search")
    pooled = latencies(first.samples) + latencies(second.samples)
    figures = {metric.name: metric.figure(row.measured) for metric in METRICS}
    assert figures["p95_s"] == pytest.approx(percentile(pooled, 0.95))
    assert figures["ops_per_s"] == pytest.approx(10**0.5)  # of 10 and of 1 a second
    assert (figures["max_in_flight"], figures["loop_lag_p99_s"], figures["num_failed"]) == (7, 0.1, 1)
    assert row.num_repeats == 2
    assert figures["client_cpu_ratio"] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [((None, None), None), ((1.1, None), LAW_HOLDS), ((1.0, 1.3), LAW_BROKEN), ((0.7, 1), LAW_BROKEN)],
)
def test_littles_law_is_flagged_when_one_repeat_is_off(
    ratios: tuple[float | None, float | None], expected: str | None
) -> None:
    trials = [make_trial("async", 1.0, repeat=i, littles_law_ratio=ratio) for i, ratio in enumerate(ratios)]
    (row,) = lane_rows(make_run(*trials), "search")
    assert row.cells(Place.PAGE)["Little's law"] == expected


def test_cases_of_a_sweep_are_told_apart_in_words() -> None:
    rows = lane_rows(distance_run(), "search")
    assert {row.case for row in rows} >= {"5 ms simulated", "200 ms simulated"}
    assert {row.case for row in lane_rows(make_run(), "search")} == {""}
    assert lane_rows(make_run(), "add") == []


def test_failures_are_grouped_by_reason_over_all_repeats() -> None:
    trials = [
        make_trial("async", 1.0, repeat=i, num_ok=8, num_failed=2, errors={"late": 1, "lost": i + 1})
        for i in range(2)
    ]
    assert failures(make_run(*trials)) == [
        ("search", "async", "lost", 3),
        ("search", "async", "late", 2),
    ]

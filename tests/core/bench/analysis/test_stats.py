"""core.bench.analysis.stats: each figure against numbers worked out by hand."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bench.analysis import stats
from core.bench.records.trial import Sample

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("fraction", "expected"), [(0.5, 3.0), (0.2, 1.0), (0.21, 2.0), (0.95, 5.0), (1.0, 5.0), (0.0, 1.0)]
)
def test_percentile_is_nearest_rank(fraction: float, expected: float) -> None:
    assert stats.percentile([5.0, 1.0, 4.0, 2.0, 3.0], fraction) == expected


def test_percentile_of_nothing_is_unknown() -> None:
    assert stats.percentile([], 0.5) is None


@pytest.mark.parametrize(("num", "expected"), [(20, True), (99, True), (100, False), (1000, False)])
def test_p99_of_few_values_is_their_maximum(num: int, expected: bool) -> None:
    assert stats.is_maximum(0.99, num) is expected
    values = [float(i) for i in range(num)]
    assert (stats.percentile(values, 0.99) == max(values)) is expected


def test_latencies_leave_failures_out() -> None:
    samples = [(0.0, 1.0, True), (0.0, 0.001, False), (1.0, 3.0, True)]
    assert stats.latency_figures(samples) == {"p50": 1.0, "p95": 2.0, "p99": 2.0, "max": 2.0}


def test_latency_figures_without_success_are_unknown() -> None:
    assert set(stats.latency_figures([(0.0, 1.0, False)]).values()) == {None}


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([(0.0, 1.0, True), (1.0, 2.0, True), (2.0, 3.0, True)], 1),
        ([(0.0, 3.0, True), (1.0, 2.0, True), (1.5, 4.0, False)], 3),
        ([], None),
    ],
)
def test_max_in_flight_counts_overlap(samples: list[Sample], expected: int | None) -> None:
    assert stats.max_in_flight(samples) == expected


def test_speedup_is_the_mean_of_the_repeats_own_ratios() -> None:
    assert stats.speedup([2.0, 4.0], [0.5, 1.0]) == 4.0
    # 2x in one repeat and 8x in the other.
    assert stats.speedup([2.0, 8.0], [1.0, 1.0]) == pytest.approx(4.0)
    assert stats.speedup([1.0, 1.0], [2.0, 8.0]) == pytest.approx(1 / 4)


@pytest.mark.parametrize(
    ("baseline_s", "other_s"),
    [([], []), ([], [1.0]), ([1.0, 2.0], [1.0]), ([1.0], [0.0]), ([0.0], [1.0]), ([1e300], [1e-300])],
)
def test_speedup_of_what_does_not_belong_together_is_unknown(
    baseline_s: list[float], other_s: list[float]
) -> None:
    assert stats.speedup(baseline_s, other_s) is None
    assert stats.speedup_interval(baseline_s * 3, other_s * 3) is None


# Of any table of Student's t, two-sided 95 %.
@pytest.mark.parametrize(
    ("degrees", "expected"),
    [
        (1, 12.7062),
        (2, 4.3027),
        (3, 3.1824),
        (4, 2.7764),
        (9, 2.2622),
        (10, 2.2281),
        (30, 2.0423),
        (120, 1.9799),
    ],
)
def test_t_quantile_is_that_of_the_tables(degrees: int, expected: float) -> None:
    assert stats.t_quantile(degrees) == pytest.approx(expected, abs=5e-5)


def test_t_quantile_of_many_repeats_is_nearly_that_of_the_normal_distribution() -> None:
    assert stats.t_quantile(1_000_000) == pytest.approx(1.96, abs=0.015)


@pytest.mark.parametrize("num_repeats", [1, 2])
def test_interval_needs_three_repeats(num_repeats: int) -> None:
    assert stats.speedup_interval([2.0, 2.1][:num_repeats], [1.0, 1.0][:num_repeats]) is None


def test_interval_is_students_on_the_logarithms_of_the_ratios() -> None:
    # Logarithms -1, 0 and 1: mean 0, deviation 1, so 4.303 / sqrt(3) either way.
    low, high = stats.speedup_interval([math.exp(-1), 1.0, math.e], [1.0, 1.0, 1.0]) or (0.0, 0.0)
    assert (math.log(low), math.log(high)) == pytest.approx((-2.48414, 2.48414), abs=1e-5)


def test_interval_that_says_nothing_is_none() -> None:
    assert stats.speedup_interval([1e-6, 1e6, 1.0], [1.0, 1.0, 1.0]) is None


def test_interval_does_not_see_what_both_lanes_of_a_repeat_share() -> None:
    calm = stats.speedup_interval([4.0, 4.2, 3.9], [1.0, 1.0, 1.0])
    slowed = stats.speedup_interval([4.0, 42.0, 0.39], [1.0, 10.0, 0.1])
    assert calm == pytest.approx(slowed)


def test_interval_of_equal_ratios_is_a_point() -> None:
    low, high = stats.speedup_interval([2.0, 4.0, 8.0], [1.0, 2.0, 4.0]) or (0.0, 0.0)
    assert math.isclose(low, 2.0)
    assert math.isclose(high, 2.0)


def test_interval_encloses_the_ratio_and_widens_with_noise() -> None:
    quiet = stats.speedup_interval([10.0, 10.1, 9.9, 10.0], [1.0, 1.01, 0.99, 1.0])
    noisy = stats.speedup_interval([10.0, 14.0, 6.0, 10.0], [1.0, 1.0, 1.0, 1.0])
    assert quiet is not None
    assert noisy is not None
    assert noisy[0] < quiet[0] <= 10.0 <= quiet[1] < noisy[1]


def test_cpu_ratio_of_no_time_is_unknown() -> None:
    assert stats.cpu_ratio(1.0, 2.0) == 0.5
    assert stats.cpu_ratio(1.0, 0.0) is None


def test_noise_is_what_trials_of_one_lane_differ_by() -> None:
    # Largest pair of either lane: 1.2 / 1.0.
    assert stats.noise_factor([1.0, 1.2, 1.1], [5.0, 5.0, 5.1]) == pytest.approx(1.2)
    assert stats.noise_factor([2.0, 2.0, 2.0]) == 1.0


def test_noise_needs_three_repeats() -> None:
    assert stats.noise_factor([1.0, 2.0], [1.0]) is None


def test_response_counts_from_the_intended_send() -> None:
    samples = [(0.0, 0.1, True), (1.5, 1.6, True)]
    figures = stats.response_figures(samples, [0.0, 0.5])
    assert figures["max"] == pytest.approx(1.1)
    assert stats.latency_figures(samples)["max"] == pytest.approx(0.1)


@given(st.lists(st.floats(0.001, 10), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99]))
def test_percentile_is_exceeded_by_no_more_than_its_share(values: list[float], fraction: float) -> None:
    found = stats.percentile(values, fraction)
    assert found in values
    assert sum(value > found for value in values) <= (1 - fraction) * len(values) + 1e-9


@given(st.floats(1.5, 20.0), st.integers(0, 1000))
def test_interval_of_a_clear_difference_holds_the_truth(factor: float, seed: int) -> None:
    """Lanes whose repeats scatter by 2 %: the interval is near the factor they were made with."""
    rng = random.Random(seed)
    baseline = [factor * rng.uniform(0.98, 1.02) for _ in range(10)]
    other = [rng.uniform(0.98, 1.02) for _ in range(10)]
    interval = stats.speedup_interval(baseline, other)
    assert interval is not None
    assert interval[0] <= stats.speedup(baseline, other) <= interval[1]  # type: ignore[operator]
    assert interval[0] == pytest.approx(factor, rel=0.05)


@given(st.lists(st.floats(0.5, 2.0), min_size=3, max_size=10))
def test_a_lane_against_itself_has_a_speedup_of_one(values: list[float]) -> None:
    assert stats.speedup(values, values) == pytest.approx(1.0)
    assert stats.speedup_interval(values, values) == pytest.approx((1.0, 1.0))


def test_latency_figures_are_the_percentiles_that_they_are_called() -> None:
    samples = [(0.0, float(i), True) for i in range(100, 0, -1)]
    assert stats.latency_figures(samples) == {"p50": 50.0, "p95": 95.0, "p99": 99.0, "max": 100.0}


def test_operations_at_the_same_moments_overlap_and_those_that_follow_do_not() -> None:
    assert stats.max_in_flight([(0.0, 1.0, True)] * 3 + [(1.0, 2.0, True)] * 2) == 3
    # Two, then one, then three.
    assert stats.max_in_flight([(0.0, 1.0, True), (0.0, 3.0, True), (2.0, 4.0, True), (2.0, 4.0, True)]) == 3


def test_cpu_ratio_is_above_one_when_several_threads_computed() -> None:
    assert stats.cpu_ratio(1.0, 0.5) == 2.0


@pytest.mark.parametrize(
    ("time_s", "is_measurement"),
    [(0.99e-7, False), (1e-7, True), (1.5e-7, True), (0.99e8, True), (1e8, True), (1.01e8, False)],
)
def test_time_that_no_operation_takes_is_no_measurement(time_s: float, is_measurement: bool) -> None:
    expected = 1.0 if is_measurement else None
    assert stats.speedup([time_s, time_s], [time_s, time_s]) == expected


@pytest.mark.parametrize(("widest", "says_something"), [(0.99e6, True), (1.01e6, False)])
def test_interval_a_million_times_wide_either_way_says_nothing(widest: float, says_something: bool) -> None:
    # As above: 4.30265 / sqrt(3) of the deviation either way.
    deviation = math.log(widest) / 2.484138
    interval = stats.speedup_interval([math.exp(-deviation), 1.0, math.exp(deviation)], [1.0, 1.0, 1.0])
    assert (interval is not None) is says_something


def test_response_times_are_of_requests_that_each_have_an_intended_send() -> None:
    with pytest.raises(ValueError, match="shorter"):
        stats.response_figures([(0.0, 1.0, True), (1.0, 2.0, True)], [0.0])

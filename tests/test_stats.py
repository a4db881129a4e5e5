"""core.bench.stats: each figure against numbers worked out by hand."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bench import stats


@pytest.mark.parametrize(
    ("fraction", "expected"), [(0.5, 3.0), (0.2, 1.0), (0.21, 2.0), (0.95, 5.0), (1.0, 5.0), (0.0, 1.0)]
)
def test_percentile_is_nearest_rank(fraction: float, expected: float) -> None:
    assert stats.percentile([5.0, 1.0, 4.0, 2.0, 3.0], fraction) == expected


def test_percentile_of_nothing_is_unknown() -> None:
    assert stats.percentile([], 0.5) is None


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
def test_max_in_flight_counts_overlap(samples: list[stats.Sample], expected: int | None) -> None:
    assert stats.max_in_flight(samples) == expected


def test_speedup_is_ratio_of_means() -> None:
    assert stats.speedup([2.0, 4.0], [0.5, 1.0]) == 4.0
    assert stats.speedup([], [1.0]) is None


def test_interval_needs_two_repeats() -> None:
    assert stats.speedup_interval([2.0], [1.0]) is None


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


@given(st.lists(st.floats(0.5, 2.0), min_size=2, max_size=10))
def test_a_lane_against_itself_has_a_speedup_of_one(values: list[float]) -> None:
    assert stats.speedup(values, values) == pytest.approx(1.0)
    assert stats.speedup_interval(values, values) == pytest.approx((1.0, 1.0))

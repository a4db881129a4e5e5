"""core.bench.stats: each figure against numbers worked out by hand."""

from __future__ import annotations

import asyncio
import math

import pytest

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


class Lags(list[float]):
    """A list that tells when something was appended."""

    def __init__(self) -> None:
        super().__init__()
        self.is_filled = asyncio.Event()

    def append(self, value: float) -> None:
        super().append(value)
        self.is_filled.set()


async def test_loop_lag_shows_a_blocked_loop() -> None:
    now = 0.0

    def clock() -> float:
        return now

    lags_s = Lags()
    sampler = asyncio.create_task(stats.sample_loop_lag(lags_s, clock))
    await asyncio.sleep(0)
    now = 0.5
    await lags_s.is_filled.wait()
    sampler.cancel()
    assert lags_s[0] == pytest.approx(0.5 - stats.LAG_INTERVAL_S)

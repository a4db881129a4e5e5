"""core.charts.arrays: the same figures as of the samples one by one, and lines with fewer points."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bench.analysis.stats import max_in_flight, percentile
from core.charts import arrays
from tests.bench_runs import make_trial

pytestmark = pytest.mark.portable


intervals = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda pair: (pair[0], pair[0] + pair[1], True)),
    min_size=1,
    max_size=60,
)


@given(intervals)
def test_count_in_flight_agrees_with_the_statistics(found: list[tuple[float, float, bool]]) -> None:
    trial = make_trial("async", 100.0, samples=tuple(found), latency_s={})
    times, under_way = arrays.in_flight_steps(arrays.requests_of(trial))
    assert under_way.max() == max_in_flight(found)
    assert under_way[-1] == 0
    assert (np.diff(times) > 0).all()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.floats(0.0, 1.0))
def test_percentile_of_an_array_is_that_of_the_statistics(values: list[float], fraction: float) -> None:
    assert arrays.nearest_rank(np.sort(np.array(values)), fraction) == percentile(values, fraction)


def test_thinned_line_keeps_its_extremes() -> None:
    y = np.zeros(100_000)
    y[[12_345, 77_777]] = 5.0, -3.0
    x_few, y_few = arrays.thinned(np.arange(100_000.0), y, 500)
    assert len(x_few) <= 500
    assert (y_few.max(), y_few.min()) == (5.0, -3.0)
    assert (x_few[0], x_few[-1]) == (0, 99_999)

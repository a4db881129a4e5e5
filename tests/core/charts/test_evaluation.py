"""Hit rates as bars: shares of the answerable questions with their intervals, and the best way named."""

from __future__ import annotations

import pytest

from core.charts.evaluation import headline, hit_rates
from tests.evaluations import hits

pytestmark = pytest.mark.portable

RESULTS = {"dense": hits(1, 2, None, 4), "hybrid": hits(1, 1, 4, None)}


def test_bars_are_the_shares_found_among_the_first_passages() -> None:
    figure = hit_rates(RESULTS)
    assert {trace.name: list(trace.y) for trace in figure.data} == {
        "dense": [25.0, 50.0, 75.0],
        "hybrid": [50.0, 50.0, 75.0],
    }
    assert [list(row) for row in figure.data[0].customdata] == [[1, 4], [2, 4], [3, 4]]


def test_whiskers_reach_to_the_ends_of_the_interval() -> None:
    result = RESULTS["dense"]
    (trace, *_) = hit_rates(RESULTS).data
    low, high = result.hit_rate(5).interval or (0.0, 0.0)
    assert trace.y[2] - trace.error_y.arrayminus[2] == pytest.approx(100 * low)
    assert trace.y[2] + trace.error_y.array[2] == pytest.approx(100 * high)


def test_way_that_finds_as_many_but_higher_up_is_the_best() -> None:
    assert headline(RESULTS) == "hybrid: 3 of 4 answers are among the first five passages"
    assert headline(dict(reversed(RESULTS.items()))) == headline(RESULTS)


def test_file_without_an_answerable_question_has_no_share() -> None:
    assert headline({"dense": hits()}) == "No question of this file is answerable"
    assert list(hit_rates({"dense": hits()}).data[0].y) == [0.0, 0.0, 0.0]

"""core.charts.run.distance: where async starts to pay, and what each lane keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.charts.run.distance import distance, distance_time
from tests.bench_runs import distance_run
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_distance_marks_where_async_starts_to_pay() -> None:
    figure = distance(distance_run(), "search")
    assert title(figure) == "Async search is faster beyond noise from 5 ms simulated: 24.0 times at 200 ms"
    assert figure is not None
    assert figure.layout.xaxis.title.text == "simulated round trip (ms)"
    assert any("faster from 5 ms on" in (note.text or "") for note in figure.layout.annotations)


def test_distance_says_of_runs_without_an_interval_that_they_have_none() -> None:
    run = distance_run()
    with_band = distance(run, "search")
    sweep = replace(run, summary=tuple(replace(row, ci95=None) for row in run.summary))
    without = distance(sweep, "search")
    assert with_band is not None and without is not None
    assert "band: 95 % interval" in with_band.layout.meta["subtitle"]
    assert "too few repeats for an interval" in without.layout.meta["subtitle"]


def test_distance_says_when_it_never_pays() -> None:
    figure = distance(distance_run((1.0, 1.01, 0.99, 1.02, 1.0, 1.0, 1.0)), "search")
    assert title(figure) == "Async search is not faster beyond noise at any simulated distance"


def test_distance_says_when_it_always_pays() -> None:
    figure = distance(distance_run((1.5, 2, 3, 4, 5, 6, 7)), "search")
    assert title(figure) == "Async search is faster at every simulated distance: 7.0 times at 200 ms"


def test_distance_time_says_what_each_lane_keeps() -> None:
    figure = distance_time(distance_run(), "search")
    assert title(figure).startswith("At 200 ms simulated, sync keeps 2 % and async keeps 57 %")
    assert figure is not None
    assert figure.layout.xaxis.title.text == "simulated round trip (ms)"


def test_distance_draws_open_what_is_projected() -> None:
    run = distance_run()
    rows = tuple(replace(row, is_projected=row.case.rtt_ms == 200) for row in run.summary)
    figure = distance(replace(run, summary=rows), "search")
    assert figure is not None
    (line,) = (each for each in figure.data if each.name == "async")
    assert [symbol.endswith("-open") for symbol in line.marker.symbol] == [False] * 6 + [True]

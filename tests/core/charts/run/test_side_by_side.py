"""core.charts.run.side_by_side: both operations, near and far, in one chart of true lengths."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from math import prod
from typing import Any

import pytest

from core.bench.analysis.speedups import summarize
from core.bench.records.trial import Proof
from core.charts.run.side_by_side import side_by_side
from core.charts.theme import untitled
from tests.bench_runs import distance_run, first_look_run, ladder_run, make_run, make_trial, proof_of
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_bars_stand_for_each_operation_near_and_far() -> None:
    figure = side_by_side(first_look_run())
    assert figure is not None
    assert [bar.name for bar in figure.data] == ["sync", "async"]
    assert list(figure.data[0].y) == [
        "<b>Add</b><br>no distance",
        "<b>Add</b><br>60 ms away",
        "<b>Search</b><br>no distance",
        "<b>Search</b><br>60 ms away",
    ]
    # Of 5 repeats, each 1 % longer than the one before, the geometric mean.
    longer = prod(1 + repeat / 100 for repeat in range(5)) ** (1 / 5)
    assert list(figure.data[0].x) == pytest.approx([0.03 * longer, 0.63 * longer] * 2)
    assert list(figure.data[1].x) == pytest.approx([0.03 * longer, 0.09 * longer] * 2)


def test_bars_are_as_long_as_their_factor_says_however_uneven_the_repeats() -> None:
    slow_once = [make_trial("sync", seconds, repeat=n) for n, seconds in enumerate((1.0, 1.1, 9.0))]
    even = [make_trial("async", seconds, repeat=n) for n, seconds in enumerate((0.5, 0.6, 0.5))]
    run = make_run(*slow_once, *even)
    run = replace(run, summary=summarize(run))
    figure = side_by_side(run)
    assert figure is not None
    (sync_s,), (async_s,) = (bar.x for bar in figure.data)
    assert sync_s / async_s == pytest.approx(run.summary[0].speedup)


def test_length_of_a_bar_is_its_time() -> None:
    figure = side_by_side(first_look_run())
    assert figure is not None
    assert figure.layout.xaxis.type is None
    assert figure.layout.xaxis.range[0] == 0


def test_factor_stands_beside_the_lane_and_noise_is_called_noise() -> None:
    figure = side_by_side(first_look_run())
    assert figure is not None
    near, far = figure.data[1].text[2:]
    assert near == "async 0.031 s, within noise"
    assert far == "async 0.092 s  <b>7.0x</b>"
    assert "interval" in figure.data[1].customdata[3]


def test_distance_is_called_simulated() -> None:
    figure = side_by_side(first_look_run())
    assert figure is not None
    assert "distance simulated" in figure.layout.xaxis.title.text
    near = side_by_side(make_run())
    assert near is not None
    assert "simulated" not in near.layout.xaxis.title.text


def test_lanes_without_the_proof_of_same_work_get_no_factor() -> None:
    run = first_look_run(far_ms=40)
    bad = Proof(name="identical_ids", passed=False, details={"count": 10})
    refused = tuple(replace(row, speedup=None, ci95=None, reason="no proof") for row in run.summary)
    figure = side_by_side(replace(run, summary=refused, checks=(bad,)))
    assert figure is not None
    assert "x</b>" not in "".join(figure.data[1].text)


def test_cut_trial_is_hatched_and_called_projected() -> None:
    cut = make_trial("sync", 2.0, num_ok=5, cut=True, projected_s=4.0)
    figure = side_by_side(make_run(cut, make_trial("async", 1.0)))
    assert figure is not None
    assert figure.data[0].text == ("sync 4.00 s projected",)
    assert figure.data[0].marker.pattern.shape == ("/",)


def test_other_runs_have_charts_of_their_own() -> None:
    several = make_run(*[make_trial(lane, 1.0, count=n) for n in (10, 100) for lane in ("sync", "async")])
    for run in (distance_run(), ladder_run(), several):
        assert side_by_side(run) is None


def test_figure_without_its_title_leaves_the_original_as_it_was() -> None:
    figure = side_by_side(first_look_run())
    assert figure is not None
    bare = untitled(figure)
    assert not bare.layout.title.text
    assert figure.layout.title.text.startswith("10 searches, 60\u00a0ms away")
    assert bare.layout.margin.t < figure.layout.margin.t


def test_figure_is_copied_without_touching_it_since_others_look_at_it_meanwhile() -> None:
    figure = side_by_side(first_look_run())
    assert figure is not None
    figure._data[:] = [_Shared(trace) for trace in figure._data]
    assert [trace.type for trace in untitled(figure).data] == ["bar", "bar"]


class _Shared(dict[str, Any]):
    """A trace that nobody may change; a copy of it may be."""

    def pop(self, *_: object) -> Any:
        raise AssertionError("the shared figure was changed")

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return deepcopy(dict(self), memo)


ALL_FAILED = make_trial(
    "async", 0.02, num_ok=0, num_failed=10, samples=tuple((0.0, 0.02, False) for _ in range(10))
)


def test_lane_of_which_everything_failed_has_no_time() -> None:
    figure = side_by_side(make_run(make_trial("sync", 4.0), ALL_FAILED))
    assert title(figure) == "10 searches: sync 4.00 s, async 10 failed"
    assert figure is not None
    assert (list(figure.data[1].x), figure.data[1].text) == ([None], ("async 10 failed",))


def test_failures_stand_beside_the_time_in_the_title() -> None:
    figure = side_by_side(make_run(make_trial("sync", 4.0), make_trial("async", 0.5, num_ok=8, num_failed=2)))
    assert title(figure) == "10 searches: sync 4.00 s; async 0.50 s, 2 failed"


def test_lane_that_failed_its_check_has_no_bar() -> None:
    trials = make_trial("sync", 4.0), make_trial("async", 0.1)
    figure = side_by_side(make_run(*trials, checks=(proof_of(trials[1], passed=False),)))
    assert title(figure) == "10 searches: sync 4.00 s, async no proof of same work"
    assert figure is not None
    assert list(figure.data[1].x) == [None]


def test_first_calls_inside_the_clock_are_said() -> None:
    figure = side_by_side(make_run(settings={"first_calls": "included"}))
    assert figure is not None
    assert "first calls included" in figure.layout.meta["subtitle"]

"""Every request a bar on one clock, which can be played."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.charts.tour.canvas import Shown
from core.charts.tour.waiting import waiting
from tests.bench_runs import (
    make_run,
    make_trial,
    tutorial_run,
)
from tests.core.charts.figures import texts

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.portable


def test_waiting_can_be_played_for_as_long_as_the_slower_lane_took() -> None:
    figure = waiting(Shown(recorded=tutorial_run()))
    assert figure.layout.meta["play"] == [{"axis": "xaxis", "until_s": 2.0}]
    staircase, stack = figure.data
    assert stack.x[-1] == 0.25
    assert set(waiting(Shown(recorded=tutorial_run(), is_hidden=True)).data[1].x) == {0.0}
    assert list(staircase.base) == sorted(staircase.base)
    assert set(stack.base) == {0.0}
    assert len(waiting(Shown(recorded=tutorial_run(), here=tutorial_run())).layout.meta["play"]) == 2


def test_waiting_shows_the_most_typical_repeat_and_says_so() -> None:
    times_s = {"sync": (2.6, 2.0, 1.9), "async": (0.4, 0.25, 0.2)}
    trials = [
        make_trial(lane, elapsed_s, count=10, repeat=repeat)
        for lane, of_lane in times_s.items()
        for repeat, elapsed_s in enumerate(of_lane)
    ]
    figure = waiting(Shown(recorded=make_run(*trials, settings={"repeats": 3})))
    assert figure.layout.meta["play"] == [{"axis": "xaxis", "until_s": 2.0}]
    written = texts(figure)
    assert "<b>2.00 s</b>" in written and "<b>0.25 s</b>" in written
    titles = [axis.title.text for axis in figure.select_xaxes() if axis.title.text]
    assert titles == ["seconds, recorded, the most typical of 3 repeats"]


def test_simulated_distance_is_marked_with_a_star() -> None:
    run = make_run(settings={"rtt_ms": 60, "target": "http://m:19530"})
    case = run.plan.cases[0][0]
    trials = [make_trial(lane, 1.0, case=case) for lane in ("sync", "async")]
    here = make_run(*trials, settings={"rtt_ms": 60, "target": "http://m:19530"})
    figure = waiting(Shown(recorded=tutorial_run(), here=here))
    assert any("60 ms away*" in (axis.title.text or "") for axis in figure.select_xaxes())

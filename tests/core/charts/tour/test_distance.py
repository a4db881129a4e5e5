"""The factor over distance, and at the distance that the hall calls out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.bench.plan.conditions import Case
from core.charts.tour.canvas import Shown
from core.charts.tour.distance import at, distance
from tests.bench_runs import (
    distance_run,
    make_run,
    make_trial,
)
from tests.core.charts.figures import texts

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.portable


def test_what_was_called_out_is_on_the_chart_however_far_it_was() -> None:
    recorded = distance_run()
    far = Case(rtt_ms=900, consistency="Bounded")
    slow = [
        make_trial(lane, elapsed_s, count=100, case=far)
        for lane, elapsed_s in (("sync", 150.0), ("async", 2.0))
    ]
    here = make_run(*slow, settings={"rtt_ms": 900, "consistency": "Bounded"}, summary=())
    figure = distance(Shown(recorded=recorded, here=here, called_ms=200))
    assert figure.layout.yaxis.range[1] > 100.0 and figure.layout.xaxis.range[1] > 900


def test_value_between_two_distances_lies_between_theirs() -> None:
    line = {0: 1.0, 100: 3.0}
    assert (at(line, 0), at(line, 50), at(line, 100), at(line, 101)) == (1.0, 2.0, 3.0, None)


def test_distance_that_was_called_out_has_its_factor() -> None:
    written = texts(distance(Shown(recorded=distance_run(), called_ms=60)))
    assert "<b>11.0x</b>" in written
    assert "between" in texts(distance(Shown(recorded=distance_run(), called_ms=55)))

"""What a knee says of the place where it was measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.charts.tour.canvas import Shown
from core.charts.tour.cost import cost
from tests.bench_runs import (
    bounded_run,
)

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.portable


def test_knee_that_was_measured_at_a_distance_says_so() -> None:
    near = bounded_run()
    far = tuple(replace(trial, case=replace(trial.case, rtt_ms=60)) for trial in near.trials)
    here = replace(near, plan=replace(near.plan, rtt_ms=60), trials=far)
    notes = [each.text for each in cost(Shown(recorded=near, here=here)).layout.annotations]
    assert next(text for text in notes if "knee here" in text).endswith(" at once, 60 ms away*</b>")
    assert not any("away" in text for text in notes if "here" not in text)

"""What a knee says of the place where it was measured."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.charts.tour.canvas import Shown
from core.charts.tour.cost import cost
from tests.bench_runs import (
    bounded_run,
    concurrency_run,
)

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.portable


def test_knee_that_was_measured_at_a_distance_says_so() -> None:
    near = bounded_run()
    far = tuple(replace(trial, case=replace(trial.case, rtt_ms=60)) for trial in near.trials)
    here = replace(near, plan=replace(near.plan, rtt_ms=60), trials=far)
    notes = [each.text for each in cost(Shown(recorded=near, here=here)).layout.annotations]
    assert next(text for text in notes if "knee here" in text).endswith(" at once*</b>")
    assert any(text.endswith("<br>here, 60 ms away*") for text in notes)
    assert not any("away" in text or "*" in text for text in notes if "here" not in text)


@pytest.mark.parametrize(("slower", "side"), [(2.0, "bottom"), (0.5, "top")])
def test_what_was_measured_here_is_told_away_from_what_was_recorded(slower: float, side: str) -> None:
    run = bounded_run()
    trials = [
        replace(
            trial,
            samples=tuple((start, start + (end - start) * slower, ok) for start, end, ok in trial.samples),
        )
        for trial in run.trials
    ]
    notes = cost(Shown(recorded=run, here=replace(run, trials=tuple(trials)))).layout.annotations
    (told,) = [each for each in notes if (each.text or "").endswith("<br>here")]
    assert told.yanchor == side


@pytest.mark.parametrize(
    ("rates", "side"),
    [((5, 10, 20, 40, 78, 150, 190, 205, 300), "right"), ((5, 10, 20, 40, 78, 150, 190, 205, 200), "center")],
)
def test_name_of_the_knee_stays_within_its_panel(rates: tuple[float, ...], side: str) -> None:
    run = concurrency_run(rates)
    run = replace(run, trials=tuple(trial for trial in run.trials if trial.lane == "async-bounded"))
    (knee,) = [each for each in cost(Shown(recorded=run)).layout.annotations if "knee" in each.text]
    assert knee.xanchor == side

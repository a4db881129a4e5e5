"""One wait taken away at a time: each bar begins where the step before ended."""

from __future__ import annotations

import pytest

from core.charts.tour.canvas import Shown
from core.charts.tour.factor import GAIN_COLOR, LOSS_COLOR, factor
from tests.bench_runs import FACTORS, distance_run, factor_run, make_row
from tests.core.charts.figures import texts

pytestmark = pytest.mark.portable


def test_bar_of_a_step_leads_from_the_factor_before() -> None:
    figure = factor(Shown(recorded=factor_run()))
    bars = [tuple(trace.x) for trace in figure.data if trace.mode == "lines"]
    assert bars == list(zip((1.0, *FACTORS), FACTORS, strict=False))
    assert [trace.x[0] for trace in figure.data if trace.mode == "markers"] == list(FACTORS)


def test_step_that_takes_the_factor_away_has_another_colour_than_one_that_adds() -> None:
    colors = [trace.marker.color for trace in factor(Shown(recorded=factor_run())).data if trace.marker.size]
    assert (colors[1], colors[3], colors[4]) == (LOSS_COLOR, LOSS_COLOR, GAIN_COLOR)


def test_only_the_first_step_is_told_before_the_reveal() -> None:
    written = texts(factor(Shown(recorded=factor_run(), is_hidden=True)))
    assert "39.9x" in written and "18.4x" not in written


def test_step_that_was_not_measured_keeps_its_row_and_is_bridged() -> None:
    figure = factor(Shown(recorded=factor_run((39.9, None, 4.1, 1.3, 1.35, 1.2))))
    bars = [(tuple(trace.x), trace.y[0]) for trace in figure.data if trace.mode == "lines"]
    assert bars[1] == ((39.9, 4.1), 2)
    assert len(figure.layout.yaxis.ticktext) == len(FACTORS)


def test_factor_within_the_noise_says_so() -> None:
    run = factor_run()
    last = run.summary[-1]
    row = make_row(
        last.lane, 1.02, baseline=last.baseline, case=last.case, verdict="no detectable difference"
    )
    assert "1.02x</b> no detectable difference" in texts(
        factor(Shown(recorded=factor_run(summary=(*run.summary[:-1], row))))
    )


def test_run_of_another_sweep_is_not_drawn_as_steps() -> None:
    assert "Run it here" in texts(factor(Shown(recorded=distance_run())))

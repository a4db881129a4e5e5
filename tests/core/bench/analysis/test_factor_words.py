"""A factor is written in one way, and never without how sure it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.analysis.factor_words import ended_early, interval_ends, interval_text, times
from tests.bench_runs import make_row, make_run

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(None, ""), (0.5, "0.50"), (1.996, "2.00"), (2.04, "2.0"), (99.94, "99.9"), (1234.5, "1,234")],
)
def test_factor_has_the_digits_that_it_can_be_told_by(ratio: float | None, text: str) -> None:
    assert times(ratio) == text


def test_interval_of_how_many_times_as_long_is_turned_round() -> None:
    assert interval_ends((0.25, 0.5)) == "0.25 to 0.50"
    assert interval_ends((0.25, 0.5), is_slower=True) == "2.00 to 4.00"
    assert interval_ends((0.0, 0.5), is_slower=True) == "2.00 to inf"


def test_uncertainty_that_is_not_known_says_why() -> None:
    run = make_run()
    sure = replace(make_row("async", 4.0), ci95=(3.5, 4.5), num_repeats=5)
    assert interval_text(run, sure) == "95 % interval 3.50 to 4.50, 5 repeats"
    few = replace(sure, ci95=None, num_repeats=2)
    assert interval_text(run, few) == "2 repeats, too few for an interval: no uncertainty known"
    one = replace(sure, ci95=None, num_repeats=1)
    assert interval_text(run, one) == "one run, no repeats: no uncertainty known"


def test_run_that_ended_before_its_repeats_is_told_from_one_that_was_to_have_few() -> None:
    once = replace(make_row("async", 4.0), ci95=None, num_repeats=1)
    asked_for_once = make_run(settings={"repeats": 1})
    assert not ended_early(asked_for_once, once)
    asked_for_more = replace(asked_for_once, plan=replace(asked_for_once.plan, repeats=5), status="stopped")
    assert ended_early(asked_for_more, once)
    assert not ended_early(replace(asked_for_more, status="complete"), once)
    assert not ended_early(asked_for_more, replace(once, ci95=(3.5, 4.5)))

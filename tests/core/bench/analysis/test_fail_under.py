"""core.bench.analysis.fail_under: every case has to hold, and what can't hold is refused before the run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.bench.analysis.fail_under import check_bounds, missed, parse_bounds
from core.bench.plan.conditions import Case
from core.bench.plan.plan import Plan
from core.bench.plan.presets import preset_plan
from core.bench.records.run import Run
from core.errors import PlanError
from tests.bench_runs import factor_run, make_run, make_trial, two_counts_run

pytestmark = pytest.mark.portable


def swept(*factors: tuple[int, float]) -> Run:
    """The sweep "distance" with these factors, in this order."""
    trials = [
        make_trial(lane, seconds, case=Case(rtt_ms=rtt_ms))
        for rtt_ms, factor in factors
        for lane, seconds in (("sync", factor), ("async", 1.0))
    ]
    settings = {"sweep": "distance", "sweep_values": tuple(rtt_ms for rtt_ms, _ in factors)}
    return make_run(*trials, settings=settings, target="http://m:1")


def test_bounds_are_read() -> None:
    bounds = parse_bounds("search.async>=10, add.async >= 1.5")
    assert [(bound.operation, bound.lane, bound.least) for bound in bounds] == [
        ("search", "async", 10.0),
        ("add", "async", 1.5),
    ]
    (told,) = parse_bounds("search.async[rtt_ms=60, baseline=threads]>=2")
    assert told.where == (("rtt_ms", "60"), ("baseline", "threads"))
    several = parse_bounds("search.async[rtt_ms=60,consistency=Strong]>=2,add.async>=1")
    assert [bound.least for bound in several] == [2.0, 1.0]


@pytest.mark.parametrize(
    "text", ["search.async<10", "", " ", ",", "search.async[60]>=1", "search.async[far=60]>=1", "async>=1"]
)
def test_text_that_is_no_bound_is_refused(text: str) -> None:
    with pytest.raises(PlanError, match="fail-under"):
        parse_bounds(text)


def test_bound_is_held_against_the_largest_count() -> None:
    run = two_counts_run()
    assert missed(run, parse_bounds("search.async>=3")) == []
    assert "is 3.00; at least 4" in missed(run, parse_bounds("search.async>=4"))[0]
    assert "is not known" in missed(run, parse_bounds("add.async>=1"))[0]


@pytest.mark.parametrize("order", [((0, 1.0), (100, 9.0)), ((100, 9.0), (0, 1.0))])
def test_every_case_of_a_sweep_has_to_hold(order: tuple[tuple[int, float], ...]) -> None:
    run = swept(*order)
    (sentence,) = missed(run, parse_bounds("search.async>=5"))
    assert "async search [rtt_ms=0] at 10 operations is 1.00; at least 5" in sentence
    assert missed(run, parse_bounds("search.async>=1")) == []


def test_bound_that_names_its_case_is_about_that_one() -> None:
    run = swept((0, 1.0), (100, 9.0))
    assert missed(run, parse_bounds("search.async[rtt_ms=100]>=5")) == []
    assert len(missed(run, parse_bounds("search.async[rtt_ms=0]>=5"))) == 1


def test_case_that_was_not_measured_is_missed() -> None:
    run = swept((0, 9.0), (100, 9.0))
    cut = replace(run, summary=run.summary[:1])
    (sentence,) = missed(cut, parse_bounds("search.async>=5"))
    assert "[rtt_ms=100] at 10 operations is not known" in sentence


def test_bound_can_name_the_baseline_of_a_factors_step() -> None:
    run = factor_run()
    check_bounds(parse_bounds("search.async[baseline=threads]>=1"), run.plan)
    assert missed(run, parse_bounds("search.async[baseline=threads]>=1.3")) == []
    (sentence,) = missed(run, parse_bounds("search.async[baseline=threads]>=2"))
    assert "baseline=threads" in sentence


@pytest.mark.parametrize(
    ("text", "plan", "words"),
    [
        ("search.asinc>=1", {}, "lanes are sync"),
        ("search.threads>=1", {}, "does not compare with another lane"),
        ("search.sync>=1", {}, "what the other lanes are compared with"),
        ("add.async>=1", {"operations": ("search",)}, "measures search only"),
        ("search.async[rtt_ms=60]>=1", {}, "does not measure"),
        ("search.async>=1", {"rate_per_s": 10.0}, "no speed-up"),
        ("search.async>=1", {"lanes": ("async",)}, "another lane"),
    ],
)
def test_bound_that_no_run_could_hold_is_refused(text: str, plan: dict[str, Any], words: str) -> None:
    with pytest.raises(PlanError, match=words):
        check_bounds(parse_bounds(text), Plan(**plan))


def test_bounds_of_a_sweep_are_told_by_its_cases() -> None:
    plan = preset_plan("distance", target="http://m:1")
    check_bounds(parse_bounds("search.async[rtt_ms=60]>=1,search.async>=1"), plan)
    with pytest.raises(PlanError, match=r"search\.async\[rtt_ms=61\], a case"):
        check_bounds(parse_bounds("search.async[rtt_ms=61]>=1"), plan)

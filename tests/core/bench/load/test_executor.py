"""Each process issues its share of a load, and only the bounded lanes have a bound."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.load.executor import load_of
from core.bench.plan.conditions import Case
from core.bench.plan.plan import BOUNDED_LANES, LANES, Plan

pytestmark = pytest.mark.portable

PLAN = Plan(time_limit_s=7.0)
CASE = Case(concurrency=10)


@pytest.mark.parametrize("lane", LANES)
def test_bound_is_the_case_s_and_of_bounded_lanes_only(lane: str) -> None:
    load = load_of(PLAN, lane, CASE, 100)
    assert load.most_at_once == (10 if lane in BOUNDED_LANES else None)
    assert (load.count, load.time_limit_s, load.rate_per_s) == (100, 7.0, None)


@pytest.mark.parametrize(("processes", "bound"), [(1, 10), (2, 5), (3, 4), (20, 1)])
def test_processes_share_the_bound_and_none_is_left_without(processes: int, bound: int) -> None:
    assert load_of(PLAN, "async-bounded", CASE, 100, processes=processes).most_at_once == bound


def test_processes_share_the_rate() -> None:
    plan = replace(PLAN, rate_per_s=90.0)
    assert load_of(plan, "sync", CASE, 100).rate_per_s == 90.0
    load = load_of(plan, "sync", CASE, 25, processes=4)
    assert (load.rate_per_s, load.due_s(9)) == (22.5, 0.4)

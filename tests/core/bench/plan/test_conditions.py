"""The cases of a sweep change one thing at a time."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from core.bench.plan.conditions import (
    SWEEPS,
    TUTORIAL_RTT_MS,
    Case,
    cases_of,
    default_sweep_values,
    factor_steps,
)
from core.bench.plan.presets import preset_plan

pytestmark = pytest.mark.portable


def test_factor_sweep_changes_one_thing_per_step() -> None:
    steps = factor_steps(Case())
    first = steps[0]
    assert (first.case.consistency, first.case.rtt_ms, first.baseline, first.lane) == (
        "Strong",
        60,
        "sync",
        "async",
    )
    for before, after in itertools.pairwise(steps):
        changed = [
            before.case.consistency != after.case.consistency,
            before.case.rtt_ms != after.case.rtt_ms,
            before.baseline != after.baseline and not after.change.startswith("batches"),
            before.lane != after.lane and not after.change.startswith("batches"),
            after.change.startswith("batches"),
        ]
        assert sum(changed) == 1, after.change
    measured = {(case, lane) for case, lanes in preset_plan("factor").cases for lane in lanes}
    assert {(step.case, lane) for step in steps for lane in (step.baseline, step.lane)} == measured


LANES = ("sync", "async")


def test_sweep_varies_its_one_condition_and_keeps_the_plan_s_others() -> None:
    base = Case(consistency="Bounded", rtt_ms=5, concurrency=8)
    far = cases_of("distance", base, LANES, (0, 60))
    assert far == ((replace(base, rtt_ms=0), LANES), (replace(base, rtt_ms=60), LANES))
    many = cases_of("concurrency", base, LANES, (1, 64))
    assert many == ((replace(base, concurrency=1), LANES), (replace(base, concurrency=64), LANES))
    ways = [case.blocking for case, _ in cases_of("blocking", base, ("async",), ())]
    assert ways == ["", "blocking", "to-thread"]
    assert cases_of("none", base, LANES, ()) == ((base, LANES),)


def test_each_case_of_the_factor_has_only_the_lanes_that_its_step_compares() -> None:
    found = cases_of("factor", Case(), LANES, ())
    assert len({case for case, _ in found}) == len(found) == 3
    assert found[0][1] == ("sync", "async")
    assert found[-1][1] == ("sync", "async", "threads", "async-bounded", "sync-batch", "async-batch")


def test_factor_begins_at_the_plan_s_distance_or_at_the_tutorial_s() -> None:
    assert factor_steps(Case(rtt_ms=20))[0].case.rtt_ms == 20
    assert factor_steps(Case())[0].change == f"the tutorial's setting, {TUTORIAL_RTT_MS} ms away"


def test_only_sweeps_of_a_number_have_values_of_their_own() -> None:
    assert [bool(default_sweep_values(sweep)) for sweep in SWEEPS] == [False, True, True, False, False]

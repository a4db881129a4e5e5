"""The cases of a sweep change one thing at a time."""

from __future__ import annotations

import itertools

import pytest

from core.bench.plan.conditions import Case, factor_steps
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

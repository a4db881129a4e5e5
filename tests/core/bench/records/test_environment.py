"""What a reader has to know about how a run was measured is said of that run and of no other."""

from __future__ import annotations

import json
import os
from importlib.metadata import version

import pytest

import core
from core.bench.plan.plan import Plan
from core.bench.plan.presets import preset_plan
from core.bench.records.environment import PACKAGES, describe, notes
from core.config.settings import Target
from tests.bench_runs import SERVER

pytestmark = pytest.mark.portable

LITE, AWAY = Target(uri="bench.db"), Target(uri=SERVER)


def test_environment_has_the_versions_that_are_installed_and_can_be_saved() -> None:
    values = describe()
    assert values["overlap"] == core.__version__
    assert values["packages"] == {name: version(name) for name in PACKAGES}
    assert values["cores"] == os.cpu_count()
    assert json.loads(json.dumps(values)) == values
    assert values["commit"] is None or len(values["commit"]) == 40


def said(plan: Plan, target: Target) -> str:
    return " ".join(notes(plan, target))


def test_notes_are_of_the_operations_that_were_measured() -> None:
    both, adds = said(Plan(), AWAY), said(Plan(operations=("add",)), AWAY)
    assert "new, empty collection" in both and "Searches of n operations" in both
    assert "Searches" not in adds
    assert "an insert, which carries up to 32 chunks" in said(preset_plan("ingest"), LITE)
    assert "Searches" not in said(preset_plan("ingest"), LITE)


def test_batch_searches_are_said_to_be_no_call_of_the_store() -> None:
    assert "MilvusVectorStore has no such call" in said(Plan(lanes=("sync", "async-batch")), AWAY)
    assert "MilvusVectorStore has no such call" not in said(Plan(), AWAY)
    # The sweep chooses its lanes itself.
    assert "MilvusVectorStore has no such call" in said(preset_plan("factor"), AWAY)


def test_first_calls_are_where_the_plan_wants_them() -> None:
    assert "before the first trial" in said(Plan(), AWAY)
    inside = said(Plan(first_calls="included"), AWAY)
    assert "Nothing is called before a trial's clock starts" in inside
    assert "Every kind of call is made once" not in inside


@pytest.mark.parametrize(
    ("plan", "target", "where"),
    [
        (Plan(), LITE, "runs inside this process"),
        (Plan(rtt_ms=60), LITE, "served over TCP"),
        (Plan(processes=2), LITE, "served over TCP"),
        (Plan(target=SERVER), AWAY, ""),
    ],
)
def test_engine_is_said_to_be_where_it_was(plan: Plan, target: Target, where: str) -> None:
    told = said(plan, target)
    assert where in told
    assert ("inside this process" in told) + ("served over TCP" in told) == bool(where)


def test_distance_and_shared_work_are_told() -> None:
    assert "distance is simulated" in said(Plan(rtt_ms=60), LITE)
    assert "simulated" not in said(Plan(), LITE)
    assert "2 client processes share the operations" in said(Plan(processes=2), LITE)

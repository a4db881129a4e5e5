"""core.bench.plan: presets, round trip, and refusals that name the setting."""

from __future__ import annotations

from typing import Any

import pytest

from core.bench.plan import Plan, preset_plan
from core.errors import PlanError


def test_tutorial_preset_has_the_tutorials_settings() -> None:
    assert preset_plan("tutorial").to_dict() == {
        "preset": "tutorial",
        "target": "lite",
        "operations": ["add", "search"],
        "lanes": ["sync", "async"],
        "counts": [10, 100, 1000],
        "repeats": 1,
        "warmup": 0,
        "dim": 768,
        "metric": "COSINE",
        "consistency": "Strong",
        "top_k": 3,
        "concurrency": 64,
        "batch_size": 100,
        "rtt_ms": 0,
        "rate_per_s": None,
        "seed": 7,
        "data": "tutorial",
        "time_limit_s": 60.0,
    }


def test_quick_preset_repeats_small_counts() -> None:
    plan = preset_plan("quick")
    assert (plan.counts, plan.repeats, plan.num_trials) == ((10, 50), 3, 24)


def test_changed_preset_is_custom_unless_only_target_or_limit_changed() -> None:
    assert preset_plan("tutorial", dim=8).preset == "custom"
    kept = preset_plan("tutorial", target="http://milvus:19530", time_limit_s=5.0)
    assert kept.preset == "tutorial"


@pytest.mark.parametrize("plan", [preset_plan("tutorial"), Plan(counts=(3,), dim=4, operations=("add",))])
def test_round_trip_keeps_the_plan(plan: Plan) -> None:
    assert Plan.from_dict(plan.to_dict()) == plan


def test_unknown_names_of_a_newer_record_are_ignored() -> None:
    assert Plan.from_dict({"dim": 8, "from_the_future": 1}).dim == 8


def test_longest_is_trials_times_limit() -> None:
    assert Plan(counts=(1, 2), repeats=2, time_limit_s=3.0).longest_s == 2 * 2 * 2 * 2 * 3.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"counts": []}, "counts"),
        ({"counts": [0]}, "counts"),
        ({"counts": [10, 10]}, "counts"),
        ({"counts": "10"}, "counts"),
        ({"repeats": 0}, "repeats"),
        ({"repeats": True}, "repeats"),
        ({"dim": 1.5}, "dim"),
        ({"metric": "cosine"}, "metric"),
        ({"consistency": "strongest"}, "consistency"),
        ({"operations": []}, "operations"),
        ({"operations": ["delete"]}, "operations"),
        ({"lanes": ["fibers"]}, "lanes"),
        ({"time_limit_s": 0}, "time_limit_s"),
        ({"time_limit_s": float("nan")}, "time_limit_s"),
        ({"data": "random"}, "data"),
        ({"preset": "ladder"}, "preset"),
        ({"target": "somewhere"}, "target"),
        ({"target": "http://user:secret@milvus:19530"}, "target"),
    ],
)
def test_wrong_setting_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PlanError, match=words):
        Plan.from_dict(changes)


@pytest.mark.parametrize(
    "changes", [{"lanes": ["threads"]}, {"rtt_ms": 60}, {"rate_per_s": 10.0}, {"warmup": 1}]
)
def test_what_is_not_built_yet_is_refused_and_not_ignored(changes: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match="not available yet"):
        Plan.from_dict(changes)


def test_refused_target_does_not_show_the_password() -> None:
    with pytest.raises(PlanError) as caught:
        Plan(target="http://user:hunter2@milvus:19530")
    assert "hunter2" not in str(caught.value)

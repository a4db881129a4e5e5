"""core.bench.plan.plan: round trip, and refusals that name the setting."""

from __future__ import annotations

from typing import Any

import pytest

from core.bench.plan.plan import LANES, Plan
from core.bench.plan.presets import preset_plan
from core.errors import PlanError

pytestmark = pytest.mark.portable


def test_batch_lanes_carry_a_batch_and_the_others_one_operation() -> None:
    plan = Plan(batch_size=20)
    assert [plan.ops_per_request(lane, 50) for lane in LANES] == [1, 20, 1, 1, 1, 20]
    assert plan.ops_per_request("async-batch", 5) == 5


def test_warm_up_and_included_first_calls_exclude_each_other() -> None:
    with pytest.raises(PlanError, match="first_calls included needs warmup to be 0"):
        Plan(first_calls="included", warmup=1)
    with pytest.raises(PlanError, match="first_calls is 'hidden'"):
        Plan(first_calls="hidden")


@pytest.mark.parametrize("plan", [preset_plan("tutorial"), Plan(counts=(3,), dim=4, operations=("add",))])
def test_round_trip_keeps_the_plan(plan: Plan) -> None:
    assert Plan.from_dict(plan.to_dict()) == plan


def test_unknown_names_of_a_newer_record_are_ignored() -> None:
    assert Plan.from_dict({"dim": 8, "from_the_future": 1}).dim == 8


def test_longest_is_trials_times_limit() -> None:
    assert Plan(counts=(1, 2), repeats=2, time_limit_s=3.0).longest_s == 2 * 2 * 2 * 2 * 3.0


def test_link_rests_at_the_distance_that_all_trials_have() -> None:
    assert Plan().resting_rtt_ms == 0
    assert Plan(rtt_ms=60).resting_rtt_ms == 60
    assert Plan(sweep="distance", sweep_values=(0, 60)).resting_rtt_ms == 0


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
        ({"data": ""}, "data"),
        ({"preset": "stairs"}, "preset"),
        ({"index": "BTREE"}, "index"),
        ({"fields": "some"}, "fields"),
        ({"sweep": "moon"}, "sweep"),
        ({"sweep": "distance", "sweep_values": [-1]}, "sweep_values"),
        ({"rate_per_s": 0}, "rate_per_s"),
        ({"stall_s": 1e9}, "stall_s"),
        ({"processes": 0}, "processes"),
        ({"target": "somewhere"}, "target"),
        ({"target": "http://user:secret@milvus:19530"}, "target"),
    ],
)
def test_wrong_setting_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PlanError, match=words):
        Plan.from_dict(changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rtt_ms": 60, "target": "https://cloud.example:443"}, "rtt_ms needs a target without TLS"),
        ({"stall_s": 1.5, "target": "https://cloud.example:443"}, "stall_s needs a target without TLS"),
        ({"sweep": "factor", "lanes": ["threads"]}, "lanes can't be chosen"),
        ({"sweep": "blocking"}, "operations has to be search"),
        ({"sweep": "blocking", "operations": ["search"]}, "lanes has to be async"),
        ({"rate_per_s": 5.0, "lanes": ["async-batch"]}, "leave the batch lanes out"),
        ({"rate_per_s": 5.0, "processes": 2}, "processes to be 1"),
        ({"processes": 4, "counts": [3]}, "processes is 4"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PlanError, match=words):
        Plan.from_dict(changes)


def test_refused_target_does_not_show_the_password() -> None:
    with pytest.raises(PlanError) as caught:
        Plan(target="http://user:hunter2@milvus:19530")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"operations": ["add", "ingest"]}, "an ingest is measured alone"),
        ({"lanes": ["sync", "threads"]}, "lanes has to be sync or async with ingest"),
        ({"sweep": "concurrency"}, "over distance only"),
        ({"consistency": "Strong"}, "consistency has to be Session"),
        ({"counts": [1, 2]}, "counts has several values"),
        ({"dim": 8}, "dim means nothing to an ingest"),
        ({"batch_size": 8}, "batch_size means nothing to an ingest"),
        ({"rate_per_s": 5.0}, "rate_per_s means nothing to an ingest"),
        ({"stall_s": 1.0}, "stall_s means nothing to an ingest"),
        ({"processes": 1, "first_calls": "included"}, "first_calls means nothing to an ingest"),
    ],
)
def test_setting_that_an_ingest_does_not_have_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(PlanError, match=words):
        Plan.from_dict(preset_plan("ingest").to_dict() | changes)

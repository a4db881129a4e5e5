"""core.bench.plan.plan: presets, round trip, and refusals that name the setting."""

from __future__ import annotations

import itertools
from dataclasses import fields
from typing import Any

import pytest

from core.bench.plan.conditions import Case, factor_steps
from core.bench.plan.declared import choices_of, limits_of
from core.bench.plan.plan import LANES, METRIC_TYPES, PRESET_NAMES, Plan
from core.bench.plan.presets import PRESETS, preset_plan
from core.errors import PlanError

pytestmark = pytest.mark.portable


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
        "fields": "all",
        "index": "FLAT",
        "rtt_ms": 0,
        "rate_per_s": None,
        "stall_s": 0.0,
        "processes": 1,
        "sweep": "none",
        "sweep_values": [],
        "seed": 7,
        "data": "tutorial",
        "first_calls": "apart",
        "time_limit_s": 60.0,
    }


def test_quick_preset_repeats_a_small_count() -> None:
    plan = preset_plan("quick")
    assert (plan.counts, plan.repeats, plan.warmup, plan.num_trials) == ((20,), 5, 1, 24)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_plan_of_its_name_and_survives_the_record(preset: str) -> None:
    plan = preset_plan(preset)
    assert plan.preset == preset
    assert Plan.from_dict(plan.to_dict()) == plan


def test_ladder_has_all_six_lanes() -> None:
    assert preset_plan("ladder").lanes == LANES


def test_distance_sweep_has_a_case_for_every_distance() -> None:
    cases = preset_plan("distance", sweep_values=[0, 60]).cases
    assert [(case.rtt_ms, lanes) for case, lanes in cases] == [
        (0, ("sync", "async")),
        (60, ("sync", "async")),
    ]
    assert preset_plan("distance").needs_proxy


def test_concurrency_sweep_goes_from_1_to_256_unless_told_otherwise() -> None:
    plan = preset_plan("concurrency")
    assert [case.concurrency for case, _ in plan.cases] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert not plan.needs_proxy


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


def test_another_sweep_starts_from_its_own_values() -> None:
    assert preset_plan("distance", sweep="concurrency").sweep_values[-1] == 256


def test_batch_lanes_carry_a_batch_and_the_others_one_operation() -> None:
    plan = Plan(batch_size=20)
    assert [plan.ops_per_request(lane, 50) for lane in LANES] == [1, 20, 1, 1, 1, 20]
    assert plan.ops_per_request("async-batch", 5) == 5


def test_changed_preset_is_custom_unless_only_target_or_limit_changed() -> None:
    assert preset_plan("tutorial", dim=8).preset == "custom"
    kept = preset_plan("tutorial", target="http://milvus:19530", time_limit_s=5.0)
    assert kept.preset == "tutorial"
    assert preset_plan("tutorial", first_calls="included").preset == "tutorial"


def test_warm_up_and_included_first_calls_exclude_each_other() -> None:
    with pytest.raises(PlanError, match="first_calls included needs warmup to be 0"):
        Plan(first_calls="included", warmup=1)
    with pytest.raises(PlanError, match="first_calls is 'hidden'"):
        Plan(first_calls="hidden")


def test_first_look_compares_near_and_far_with_enough_repeats_for_an_interval() -> None:
    plan = preset_plan("first-look")
    assert PRESET_NAMES[0] == plan.preset
    assert [case.rtt_ms for case, _ in plan.cases] == [0, 60]
    assert (plan.operations, plan.lanes) == (("add", "search"), ("sync", "async"))
    assert plan.repeats >= 5


def test_first_look_of_a_target_with_tls_is_at_its_real_distance_only() -> None:
    plan = preset_plan("first-look", target="https://in03.zillizcloud.com")
    assert plan.preset == "first-look"
    assert not plan.needs_proxy
    assert [case.rtt_ms for case, _ in plan.cases] == [0]
    with pytest.raises(PlanError, match="without TLS"):
        preset_plan("distance", target="https://in03.zillizcloud.com")


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


def test_limits_that_are_told_are_those_that_are_held() -> None:
    told = {setting.name: limits_of(setting) for setting in fields(Plan)}
    assert (told["repeats"], told["counts"], told["metric"]) == ("1 to 100", "1 to 1,000,000", "")
    assert (told["time_limit_s"], told["stall_s"]) == ("above 0 to 3,600", "0 to 60")
    for name, limits in told.items():
        if name not in {"time_limit_s", "stall_s", "rate_per_s", "counts"} and limits:
            low, high = (int(number.replace(",", "")) for number in limits.split(" to "))
            for wrong in (low - 1, high + 1):
                with pytest.raises(PlanError, match=name):
                    Plan.from_dict({name: wrong})
    assert choices_of(next(setting for setting in fields(Plan) if setting.name == "metric")) == METRIC_TYPES


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


def test_ingest_may_be_swept_over_distance() -> None:
    plan = preset_plan("ingest", sweep="distance", sweep_values=[0, 60])
    assert [case.rtt_ms for case, _ in plan.cases] == [0, 60]


def test_ingest_asked_for_as_an_operation_has_the_presets_settings() -> None:
    assert preset_plan("tutorial", operations=["ingest"]) == preset_plan("ingest")
    assert preset_plan("tutorial", operations=("ingest",), data="a.pdf").preset == "ingest"
    assert preset_plan("ingest", rtt_ms=60).preset == "custom"


def test_presets_of_an_ingest_and_of_other_operations_do_not_mix() -> None:
    with pytest.raises(PlanError, match="choose another preset"):
        preset_plan("ingest", operations=["add"])
    with pytest.raises(PlanError, match="counts means nothing to an ingest"):
        preset_plan("ingest", counts=[10])

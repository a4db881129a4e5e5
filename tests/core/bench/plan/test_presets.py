"""The presets are the plans that people and scripts know by their names."""

from __future__ import annotations

import pytest

from core.bench.plan.plan import LANES, PRESET_NAMES, Plan
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


def test_another_sweep_starts_from_its_own_values() -> None:
    assert preset_plan("distance", sweep="concurrency").sweep_values[-1] == 256


def test_changed_preset_is_custom_unless_only_target_or_limit_changed() -> None:
    assert preset_plan("tutorial", dim=8).preset == "custom"
    kept = preset_plan("tutorial", target="http://milvus:19530", time_limit_s=5.0)
    assert kept.preset == "tutorial"
    assert preset_plan("tutorial", first_calls="included").preset == "tutorial"


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

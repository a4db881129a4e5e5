"""Records, plans, flags and settings with something wrong in them: taken whole, or refused in a sentence.

The same targets run for hours under tests/fuzz/fuzz.py; here a fixed number of seeded changes.
"""

from __future__ import annotations

import json
import random
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bench.plan.plan import Plan
from core.bench.records.archive import import_run, load_run
from core.config.settings import Target
from core.errors import ConfigError, PlanError, RecordError
from tests.bench_runs import make_run
from tests.fuzz.mutate import mutated, mutated_json
from tests.fuzz.targets import TARGETS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SETTINGS = sorted(Plan().to_dict())


@pytest.mark.parametrize(
    ("name", "times"),
    [("record", 60), ("charts", 6), ("plan", 100), ("form", 60), ("flags", 30), ("settings", 40)],
)
def test_changed_input_is_taken_or_refused(name: str, times: int) -> None:
    target = TARGETS[name]
    seeds = target.seeds()
    for number in range(times):
        rng = random.Random(f"{name} {number}")
        change = partial(mutated, rng=rng)
        seed = seeds[number % len(seeds)]
        size = target.max_bytes
        target.run(mutated_json(seed, size, rng, change) if target.kind == "json" else change(seed, size))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(SETTINGS), JSON, min_size=1, max_size=3))
def test_plan_with_any_values_is_whole_or_refused(changes: dict[str, Any]) -> None:
    TARGETS["plan"].run(json.dumps(Plan().to_dict() | changes).encode())


@settings(max_examples=60, derandomize=True, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(sorted(make_run().to_dict())), JSON, min_size=1, max_size=2))
def test_record_with_any_values_is_whole_or_refused(changes: dict[str, Any]) -> None:
    TARGETS["record"].run(json.dumps(make_run().to_dict() | changes).encode())


@pytest.mark.parametrize("name", ["operations", "lanes", "counts", "sweep_values"])
@pytest.mark.parametrize("value", [[[]], [{}], [10, [10]], [None]])
def test_list_inside_of_a_plans_list_is_refused(name: str, value: list[Any]) -> None:
    with pytest.raises(PlanError, match=name):
        Plan.from_dict({name: value})


@pytest.mark.parametrize("value", [[], {}, 7, None, True])
def test_sweep_that_is_no_name_is_refused(value: Any) -> None:
    with pytest.raises(PlanError, match="sweep"):
        Plan.from_dict({"sweep": value})


def test_truth_value_is_no_stall() -> None:
    with pytest.raises(PlanError, match="stall_s is False"):
        Plan.from_dict({"stall_s": False})


def test_message_about_a_huge_value_is_short() -> None:
    with pytest.raises(PlanError) as raised:
        Plan.from_dict({"metric": "x" * 100_000})
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    "typed", ["http://[", "http://[:1]:19530", "http://℀/", "http://h:99999", "~nobody?/a.db"]
)
def test_address_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ConfigError, match="The target is"):
        Target.parse(typed, key="The target")


@pytest.mark.parametrize("sample", [["nan", 1, True], [0, "inf", True], [1e308, 1e308, True]])
def test_sample_that_could_not_be_written_again_is_refused(sample: list[Any], tmp_path: Path) -> None:
    values = make_run().to_dict()
    values["trials"][0]["samples"] = [sample]
    with pytest.raises(RecordError, match="samples"):
        import_run(tmp_path, json.dumps(values).encode())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["heartbeats_s", "intended_s", "stall_s"])
def test_time_that_is_no_number_is_refused(name: str, tmp_path: Path) -> None:
    values = make_run().to_dict()
    values["trials"][0][name] = ["nan", 1]
    with pytest.raises(RecordError, match=name):
        import_run(tmp_path, json.dumps(values).encode())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latency_s", {"p99": 1e308}),
        ("response_s", {"p50": -1e300}),
        ("projected_s", 1e308),
        ("client_cpu_ratio", 2**60),
        ("intended_s", [0.0]),
    ],
)
def test_number_that_no_chart_could_draw_is_refused(name: str, value: Any, tmp_path: Path) -> None:
    values = make_run().to_dict()
    values["trials"][0][name] = value
    with pytest.raises(RecordError, match=r"trials\[0\]"):
        import_run(tmp_path, json.dumps(values).encode())


def test_speed_up_that_no_chart_could_draw_is_refused(tmp_path: Path) -> None:
    values = make_run().to_dict()
    values["summary"][0]["speedup"] = 1e308
    with pytest.raises(RecordError, match=r"summary\[0\] has a speed-up"):
        import_run(tmp_path, json.dumps(values).encode())


@pytest.mark.parametrize("depth", [300, 1000])
def test_environment_that_could_not_be_written_again_is_refused(depth: int, tmp_path: Path) -> None:
    nested = f'"notes": {"[" * depth}{"]" * depth}'
    data = json.dumps(make_run().to_dict()).replace('"notes": []', nested).encode()
    with pytest.raises(RecordError, match="nested too deeply"):
        import_run(tmp_path, data)
    assert not list(tmp_path.iterdir())


def test_environment_of_any_other_shape_is_kept(tmp_path: Path) -> None:
    run = import_run(
        tmp_path, json.dumps(make_run(environment={"a": [[{"b": [1, None]}]]}).to_dict()).encode()
    )
    assert load_run(tmp_path / f"{run.id}.json").environment == {"a": [[{"b": [1, None]}]]}

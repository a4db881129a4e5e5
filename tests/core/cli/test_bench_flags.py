"""The flags of `bench` make the plan that they ask for."""

from __future__ import annotations

import dataclasses
import json

import pytest

from core.bench.plan.plan import Plan
from core.cli.bench_flags import BenchFlags, plan_of
from core.errors import PlanError
from tests.command_line import bench_flags


def test_every_setting_of_a_plan_has_a_flag() -> None:
    own = {"op" if setting.name == "operations" else setting.name for setting in dataclasses.fields(Plan)}
    assert own <= {flag.name for flag in dataclasses.fields(BenchFlags)}
    words = "--op search --lanes async,async-bounded --counts 5 --repeats 2 --warmup 1 --dim 8 --metric L2 "
    words += "--consistency Session --top-k 4 --concurrency 9 --batch-size 7 --fields text --index HNSW "
    words += (
        "--rtt-ms 5 --stall 0.5 --processes 2 --sweep distance --sweep-values 1,2 --data random --seed 3 "
    )
    words += "--time-limit 9"
    plan = plan_of(bench_flags(*words.split()), "lite").to_dict()
    kept = {"preset", "target", "rate_per_s", "first_calls"}  # those do not go with the others
    assert {name for name, value in plan.items() if value == Plan().to_dict()[name]} - kept == set()
    assert plan_of(bench_flags("--rate", "5", "--lanes", "async"), "lite").rate_per_s == 5
    assert plan_of(bench_flags("--rate", "0", "--preset", "stall"), "lite").rate_per_s is None
    assert plan_of(bench_flags("--first-calls", "included"), "lite").first_calls == "included"


def test_lists_are_read_as_on_the_page() -> None:
    for text in ("10,", "10;", " 10 ,", ",10"):
        assert plan_of(bench_flags("--counts", text), "lite").counts == (10,)
    assert plan_of(bench_flags("--counts", "10; 100"), "lite").counts == (10, 100)


def test_plan_handed_over_as_json_is_the_plan() -> None:
    plan = Plan(
        counts=(5, 7), dim=16, repeats=2, consistency="Session", operations=("search",), top_k=5, seed=3
    )
    assert plan_of(bench_flags("--plan", json.dumps(plan.to_dict())), "lite") == plan


@pytest.mark.parametrize("text", ["{", "[]", '{"counts": 3}', '{"repeats": 0}'])
def test_plan_handed_over_broken_is_refused(text: str) -> None:
    with pytest.raises(PlanError):
        plan_of(bench_flags("--plan", text), "lite")

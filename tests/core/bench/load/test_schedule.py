"""core.bench.load.schedule: the order of trials."""

from __future__ import annotations

from dataclasses import replace

from core.bench.load.measure_trial import Spec
from core.bench.load.schedule import PointMeasurement, points
from core.bench.plan.plan import LANES, Plan
from core.store import Hits
from tests.bench_runs import make_trial

SMALL = Plan(counts=(5,), dim=8, repeats=3, batch_size=2)


def test_every_block_has_each_lane_once_and_warm_up_comes_first() -> None:
    plan = replace(SMALL, operations=("add",), lanes=LANES, repeats=3, warmup=1)
    (point,) = points(plan)
    _, _, blocks = point
    assert [{spec.lane for spec in block} for block in blocks] == [set(LANES)] * 4
    assert [{(spec.is_warmup, spec.repeat) for spec in block} for block in blocks] == [
        {(True, 0)},
        {(False, 0)},
        {(False, 1)},
        {(False, 2)},
    ]
    assert [spec.number for block in blocks for spec in block] == list(range(1, 25))


def test_order_of_lanes_is_shuffled_and_repeats_with_the_seed() -> None:
    plan = replace(SMALL, lanes=LANES, repeats=10)

    def orders(seed: int) -> list[list[str]]:
        return [
            [spec.lane for spec in block]
            for _, _, blocks in points(replace(plan, seed=seed))
            for block in blocks
        ]

    assert orders(1) == orders(1)
    assert orders(1) != orders(2)
    assert {order[0] for order in orders(1)} == set(LANES)


class Bench:
    """Knows the plan; what is compared was measured before."""

    plan = replace(SMALL, data="tutorial")


def test_lane_that_nothing_answered_is_no_measure_of_the_others() -> None:
    ids = {0: (["a", "b"], [1.0, 0.9])}
    point = PointMeasurement(bench=Bench(), collections=None, dataset=None, keep=None)  # type: ignore[arg-type]
    lanes: list[tuple[str, dict[int, Hits]]] = [("async", {}), ("sync", ids), ("bounded", ids)]
    proofs = []
    for lane, hits in lanes:
        spec = Spec(operation="search", lane=lane, count=1, repeat=0, number=1)
        proofs.append(point._compare(spec, make_trial(lane, 1.0, count=1), hits))
    assert [len(each) for each in proofs] == [0, 0, 1]
    (proof,) = proofs[2]
    assert proof.passed and proof.details["baseline"] == "sync"

"""What stands beside a scene's figures: when, where, how often and how sure."""

from __future__ import annotations

import pytest

from core.bench.plan.conditions import Case
from core.bench.recorded import recorded_run
from core.tour.about import SIMULATED, about
from tests.bench_runs import SERVER, make_run, make_trial

pytestmark = pytest.mark.portable


def test_what_stands_beside_a_chart_says_when_where_how_often_and_how_sure() -> None:
    run = make_run(
        *(make_trial(lane, time_s * (1 + repeat / 50), repeat=repeat)
          for lane, time_s in (("sync", 4.0), ("async", 1.0)) for repeat in range(5)),
        environment={"cpu": "Xeon", "cores": 4},
        target=SERVER,
    )  # fmt: skip
    text = about(run, is_recorded=True)
    for part in (
        "recorded on 22 Nov 2026",
        "Xeon, 4 cores",
        "Milvus server",
        "Strong",
        "5 repeats",
        "4.0 times as fast (95 %)",
        "1 of 1 checks passed",
    ):
        assert part in text
    assert "times as fast" not in about(run, is_recorded=True, with_factor=False)
    assert about(run, is_recorded=False).startswith("measured here, now")
    assert SIMULATED not in text


def test_chunks_of_an_ingest_are_not_called_operations_that_are_under_way_at_once() -> None:
    run = recorded_run("ingest")
    assert run is not None
    text = about(run, is_recorded=True)
    assert " · 85 chunks · 3 repeats · " in text and "times as fast (95 %)" in text
    assert "operations" not in text and "at once" not in text


def test_one_repeat_and_a_simulated_distance_are_said() -> None:
    case = Case(rtt_ms=60)
    trials = [make_trial(lane, 1.0, case=case) for lane in ("sync", "async")]
    run = make_run(*trials, settings={"rtt_ms": 60, "target": SERVER})
    assert "1 repeat · no uncertainty known" in about(run, is_recorded=False)
    assert SIMULATED not in about(run, is_recorded=False, shows_distance=False)
    assert about(run, is_recorded=False).endswith(SIMULATED)

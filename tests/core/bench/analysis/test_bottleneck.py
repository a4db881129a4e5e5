"""core.bench.analysis.bottleneck: what held a trial up, and whether its figures fit each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.bench.analysis.bottleneck import bounded_by, is_consistent, littles_law_ratio
from core.bench.plan.conditions import Case
from core.bench.recorded import recorded_run
from tests.bench_runs import make_trial

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("changes", "lag_ratio", "label"),
    [
        ({"client_cpu_ratio": 0.95}, 0.0, "client CPU"),
        ({"client_cpu_ratio": 0.95, "processes": 2}, 0.0, "server"),
        ({"client_cpu_ratio": 0.6}, 0.5, "client CPU"),
        ({"client_cpu_ratio": 0.1}, 0.5, "loop lag"),
        ({"case": Case(rtt_ms=1000)}, 0.0, "distance"),
        ({"max_in_flight": 500, "machine_cpu_ratio": 0.3}, 0.0, "connection"),
        ({"max_in_flight": 500, "machine_cpu_ratio": 0.97}, 0.0, "server"),
        ({}, 0.0, "server"),
        ({"samples": (), "num_ok": 0}, 0.0, None),
    ],
)
def test_label_says_what_was_seen(changes: dict[str, Any], lag_ratio: float, label: str | None) -> None:
    assert bounded_by(make_trial("async", 1.0, **changes), lag_ratio) == label


def test_sync_lane_has_no_loop_to_hold_up() -> None:
    assert bounded_by(make_trial("sync", 1.0, client_cpu_ratio=0.1), 0.9) == "server"


def test_littles_law_holds_for_figures_that_fit() -> None:
    # 10 requests, all begun at 0, ended at 0.1 to 1.0 s: 5.5 in flight on average.
    trial = make_trial("async", 1.0, mean_in_flight=5.5)
    assert littles_law_ratio(trial) == pytest.approx(1.0)
    assert is_consistent(replace(trial, littles_law_ratio=1.0)) is True


def test_littles_law_flags_requests_that_were_lost_on_the_way() -> None:
    ratio = littles_law_ratio(make_trial("async", 1.0, mean_in_flight=9.0))
    assert ratio == pytest.approx(9.0 / 5.5)
    assert is_consistent(make_trial("async", 1.0, littles_law_ratio=ratio)) is False


@pytest.mark.parametrize("changes", [{"mean_in_flight": None}, {"mean_in_flight": 1.0, "cut": True}])
def test_littles_law_is_silent_where_it_can_not_tell(changes: dict[str, Any]) -> None:
    trial = make_trial("async", 1.0, **changes)
    assert littles_law_ratio(trial) is None
    assert is_consistent(trial) is None


@pytest.mark.parametrize(("elapsed_s", "told"), [(2.0, None), (20.0, False)], ids=["100 arrivals", "1,000"])
def test_littles_law_is_silent_where_an_open_loop_was_seen_too_seldom(
    elapsed_s: float, told: bool | None
) -> None:
    """50 searches arrive in a second, and each takes 4 ms: the sampler meets one now and then."""
    due = tuple(i * 0.02 for i in range(round(50 * elapsed_s)))
    samples = tuple((start, start + 0.004, True) for start in due)
    trial = make_trial(
        "sync", elapsed_s, count=len(due), samples=samples, intended_s=due, mean_in_flight=0.12
    )
    ratio = littles_law_ratio(trial)
    assert ratio == pytest.approx(0.6)
    assert is_consistent(replace(trial, littles_law_ratio=ratio)) is told


def test_littles_law_is_told_where_nobody_saw_an_open_loop_that_had_to_be_seen() -> None:
    due = tuple(i * 0.02 for i in range(1000))
    samples = tuple((start, start + 0.004, True) for start in due)
    trial = make_trial("sync", 20.0, count=1000, samples=samples, intended_s=due, mean_in_flight=0.0)
    ratio = littles_law_ratio(trial)
    assert ratio == 0.0
    assert is_consistent(replace(trial, littles_law_ratio=ratio)) is False


def test_littles_law_is_silent_where_each_request_blocks_the_loop() -> None:
    """However short each of them is: whoever counts them wakes between two."""
    trial = make_trial("async", 20.0, case=Case(blocking="blocking"), loop_lag_p99_s=0.05)
    assert is_consistent(replace(trial, mean_in_flight=0.0, littles_law_ratio=0.0)) is None
    assert is_consistent(replace(trial, case=Case(blocking="to-thread"), littles_law_ratio=0.0)) is False


@pytest.mark.parametrize(("lag_s", "told"), [(0.85, None), (0.05, False)], ids=["blocked", "free"])
def test_littles_law_is_silent_where_the_loop_was_held_up(lag_s: float, told: bool | None) -> None:
    """Who counts requests wakes on that loop; blocked for 0.85 s of 1 s, it has seen none of them."""
    trial = make_trial("async", 1.0, mean_in_flight=0.0, littles_law_ratio=0.0, loop_lag_p99_s=lag_s)
    assert is_consistent(trial) is told


def test_recorded_heartbeat_is_not_said_to_be_measured_wrongly() -> None:
    run = recorded_run("heartbeat")
    assert run is not None
    assert False not in [is_consistent(trial) for trial in run.trials]

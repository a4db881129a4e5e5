"""The chart that grows during a run: a line for each lane, the one that is measured marked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.bench.plan.presets import preset_plan
from core.bench.run_progress import Snapshot, advance
from core.charts.theme import LANE_COLORS
from pages.views.benchmark.live_chart import FONT_PX, live_chart

PLAN = preset_plan("first-look")


def _event(lane: str, rtt_ms: int, **more: Any) -> dict[str, Any]:
    return {
        "event": "trial", "operation": "search", "lane": lane, "count": 10, "repeat": 0, "done": 10,
        "failed": 0, "elapsed_s": 0.5, "ops_per_s": 20.0, "trial": 1, "num_trials": PLAN.num_trials,
        "consistency": "Bounded", "rtt_ms": rtt_ms,
    } | more  # fmt: skip


def _lines(*events: dict[str, Any]) -> list[dict[str, Any]]:
    snapshot = Snapshot()
    for event in events:
        snapshot = advance(snapshot, event)
    lines: list[dict[str, Any]] = live_chart(snapshot, PLAN, font_px=FONT_PX)["series"]
    return lines


def test_lane_that_is_measured_is_marked_and_drawn_last() -> None:
    lines = _lines(
        _event("async", 60), _event("sync", 60, event="progress", done=4), _event("async", 0, trial=3),
        _event("sync", 60, event="progress", done=6),
    )  # fmt: skip
    assert [line["endLabel"]["formatter"] for line in lines] == ["async, 60 ms", "async, 0 ms", "sync, 60 ms"]
    *others, current = lines
    assert current["itemStyle"]["color"] == LANE_COLORS["sync"]
    assert current["data"][-1]["symbolSize"] > 0
    assert current["endLabel"]["fontWeight"] == "bold"
    for line in others:
        assert line["data"][-1]["symbolSize"] == 0
        assert line["lineStyle"]["width"] < current["lineStyle"]["width"]


def test_line_ends_at_what_was_done_in_which_time() -> None:
    (line,) = _lines(_event("sync", 60, event="progress", done=4, elapsed_s=0.25))
    assert line["data"][0] == [0.0, 0]
    assert line["data"][-1]["value"] == [0.25, 4]


def test_chart_is_there_before_the_first_trial_and_does_not_move() -> None:
    chart = live_chart(Snapshot(), PLAN, font_px=FONT_PX)
    assert chart["series"] == []
    assert chart["animation"] is False
    assert live_chart(advance(Snapshot(), _event("sync", 0)), PLAN, font_px=FONT_PX)["yAxis"]["max"] == 50


def test_axis_has_room_for_all_that_warms_up() -> None:
    plan = replace(PLAN, warmup=9)
    warming = advance(Snapshot(), _event("sync", 0, is_warmup=True))
    assert live_chart(warming, plan, font_px=FONT_PX)["yAxis"]["max"] == 90
    measured = advance(warming, _event("sync", 0))
    assert live_chart(measured, plan, font_px=FONT_PX)["yAxis"]["max"] == 50


def test_ways_to_call_one_lane_are_told_apart() -> None:
    snapshot, plan = Snapshot(), preset_plan("heartbeat")
    for number, blocking in enumerate(("", "blocking", "to-thread"), 1):
        snapshot = advance(snapshot, _event("async", 0, blocking=blocking, trial=number))
    lines = live_chart(snapshot, plan, font_px=FONT_PX)["series"]
    assert {line["endLabel"]["formatter"] for line in lines} == {"awaited", "blocking call", "in a thread"}
    assert len({line["lineStyle"]["color"] for line in lines}) == 3

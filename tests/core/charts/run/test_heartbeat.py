"""core.charts.run.heartbeat: the freeze of a loop, and its cure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.plan.conditions import Case
from core.charts.run.heartbeat import heartbeat
from tests.bench_runs import heartbeat_run, make_run, make_trial
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_heartbeat_finds_the_freeze_and_the_cure() -> None:
    figure = heartbeat(heartbeat_run(), "search", 12)
    assert title(figure) == "A blocking call froze the loop for 212 ms; in a thread it kept time"
    assert figure is not None
    assert any(note.text == "<b>212 ms</b>" for note in figure.layout.annotations)
    assert len(figure.data) == 3


@pytest.mark.parametrize(
    ("blocking_s", "thread_s", "expected"),
    [
        (0.3, 0.08, "A blocking call froze the loop for 300 ms; in a thread for 80 ms"),
        (0.02, 0.02, "The loop kept time: its longest gap was 20 ms"),
        (20.5, 0.01, "A blocking call froze the loop for 20.5 s; in a thread it kept time"),
    ],
)
def test_heartbeat_title_follows_the_gaps(blocking_s: float, thread_s: float, expected: str) -> None:
    trials = [
        make_trial("async", gap_s, case=Case(blocking=blocking), heartbeats_s=(0.0, gap_s))
        for blocking, gap_s in (("", 0.01), ("blocking", blocking_s), ("to-thread", thread_s))
    ]
    run = make_run(*trials, settings={"sweep": "blocking", "lanes": ("async",)}, summary=())
    assert title(heartbeat(run, "search", 10)) == expected


def test_heartbeat_says_how_far_away_it_was_measured() -> None:
    run = heartbeat_run()
    far = replace(run, plan=replace(run.plan, rtt_ms=60))
    near, there = heartbeat(run, "search", 12), heartbeat(far, "search", 12)
    assert near is not None and there is not None
    assert " · 60 ms of distance, simulated" in there.layout.meta["subtitle"]
    assert "simulated" not in near.layout.meta["subtitle"]

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.bench.plan.plan import Plan
from core.bench.supervisor import BenchProcess, OneAtATime
from core.config.shared_limits import SharedLimits
from core.errors import BenchError, PlanError, QuotaError
from core.hosting.bench_queue import AWAY_S, BenchQueue, QueuedRun, check_plan

WAIT_S = 60.0
BUSY = "import signal\nwhile True: signal.pause()"


class Line:
    """A queue with visitors whose tabs can be closed."""

    def __init__(self, folder: Path, **limits: int) -> None:
        self.runs = OneAtATime()
        self.now_s = 1000.0
        self.queue = BenchQueue(self.runs, SharedLimits(**limits), lambda: self.now_s)
        self.present: set[str] = set()
        self.started: list[str] = []
        self._folder = folder

    def join(self, visitor: str) -> None:
        self.present.add(visitor)
        self.queue.join(
            QueuedRun(
                visitor=visitor,
                is_present=lambda: visitor in self.present,
                start=lambda: self.start(visitor),
            )
        )
        self.queue.advance()

    def start(self, visitor: str) -> None:
        argv = [sys.executable, "-c", BUSY]
        path = self._folder / f"{visitor}.json"
        self.runs.start(lambda: BenchProcess(argv, env=os.environ, run_path=path, plan=Plan(), owner=visitor))
        self.started.append(visitor)

    def end(self) -> None:
        """End what runs, and let the next one begin."""
        assert self.runs.current is not None
        self.runs.current.stop("The test is over.")
        self.runs.current.wait(WAIT_S)
        self.queue.advance()


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.present.clear()
    if made.runs.current is not None:
        made.end()


def test_first_one_starts_at_once(line: Line) -> None:
    line.join("ann")
    assert (line.started, line.queue.position("ann")) == (["ann"], None)


def test_others_wait_in_the_order_in_which_they_came(line: Line) -> None:
    for visitor in ("ann", "ben", "cem"):
        line.join(visitor)
    assert (line.queue.position("ben"), line.queue.position("cem")) == (1, 2)
    line.end()
    assert (line.started, line.queue.position("cem")) == (["ann", "ben"], 1)
    line.end()
    assert line.started == ["ann", "ben", "cem"]


def test_visitor_whose_data_go_leaves_the_line_and_the_benchmark(line: Line) -> None:
    for visitor in ("ann", "ben", "cem"):
        line.join(visitor)
    process = line.runs.current
    assert process is not None
    line.queue.end("ben")
    assert process.is_running and line.queue.position("ben") is None
    line.queue.end("ann")
    assert not process.is_running and line.runs.current is None
    assert process.snapshot().why == "Its visitor deleted everything of theirs."
    line.queue.advance()
    assert line.started == ["ann", "cem"]


def test_closed_tab_gives_its_place_up(line: Line) -> None:
    for visitor in ("ann", "ben", "cem"):
        line.join(visitor)
    line.present.discard("ben")
    line.queue.advance()
    line.now_s += AWAY_S
    line.queue.advance()
    assert (line.queue.position("ben"), line.queue.position("cem")) == (None, 1)


def test_tab_that_is_away_for_a_moment_keeps_its_place_and_holds_nobody_up(line: Line) -> None:
    for visitor in ("ann", "ben", "cem", "dan"):
        line.join(visitor)
    line.now_s += 10 * AWAY_S
    line.queue.advance()
    line.present.discard("ben")
    line.queue.advance()
    line.now_s += 0.9 * AWAY_S
    line.end()
    assert line.started == ["ann", "cem"]
    line.present.add("ben")
    line.end()
    assert line.started == ["ann", "cem", "ben"]


def test_page_that_was_loaded_anew_keeps_the_place_of_the_one_before(line: Line) -> None:
    line.join("ann")
    line.join("ben")
    line.present.discard("ben")
    line.present.add("ben's new page")
    line.queue.stay("ben", lambda: "ben's new page" in line.present)
    line.queue.advance()
    line.now_s += 10 * AWAY_S
    line.queue.advance()
    assert line.queue.position("ben") == 1
    line.queue.stay("eve", lambda: True)
    assert line.queue.position("eve") is None


def test_visitor_can_leave(line: Line) -> None:
    line.join("ann")
    line.join("ben")
    line.queue.leave("ben")
    line.end()
    assert line.started == ["ann"]


def test_visitor_has_one_place_only(line: Line) -> None:
    line.join("ann")
    line.join("ben")
    with pytest.raises(QuotaError, match="waits already"):
        line.join("ben")


def test_line_has_an_end(tmp_path: Path) -> None:
    line = Line(tmp_path, bench_waiting=1)
    try:
        line.join("ann")
        line.join("ben")
        with pytest.raises(QuotaError, match="Try again in 10 minutes"):
            line.join("cem")
    finally:
        line.present.clear()
        line.end()


def test_without_a_line_benchmarks_start_while_nobody_else_measures(tmp_path: Path) -> None:
    line = Line(tmp_path, bench_waiting=0, bench_minutes=1)
    try:
        line.join("ann")
        with pytest.raises(QuotaError, match=r"A benchmark is under way.*Try again in 1 minute\."):
            line.join("ben")
        line.end()
        line.join("ben")
        assert line.started == ["ann", "ben"]
    finally:
        line.present.clear()
        line.end()


def test_benchmark_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    line = Line(tmp_path, bench_minutes=0)
    line.join("ann")
    line.queue.advance()
    assert line.runs.current is not None
    snapshot = line.runs.current.wait(WAIT_S)
    assert snapshot.state == "stopped"
    assert snapshot.why == "It took longer than the 0 minutes that this shared app allows."


def test_benchmark_that_can_not_be_started_is_said_once_and_holds_nobody_up(line: Line) -> None:
    def fail() -> None:
        raise BenchError("The disk is full.")

    line.queue.join(QueuedRun(visitor="ann", is_present=lambda: True, start=fail))
    line.queue.advance()
    assert (line.queue.error("ann"), line.queue.error("ann")) == ("The disk is full.", None)
    line.join("ben")
    assert line.started == ["ben"]


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (Plan(counts=(10, 1001)), "1,000 operations"),
        (Plan(repeats=6), "5 repeats"),
        (Plan(warmup=6), "5 warm-up"),
        (Plan(processes=3), "2 client processes"),
        (Plan(dim=4096), "2,048 dimensions"),
        (Plan(concurrency=1000), "256 requests"),
        (Plan(rtt_ms=1000), "500 ms"),
        (Plan(counts=(1, 2, 3, 4, 5, 6)), "5 counts"),
        (Plan(sweep="concurrency", sweep_values=(1, 512)), "256 requests"),
        (Plan(sweep="distance", sweep_values=(0, 9000)), "500 ms"),
    ],
)
def test_plan_over_a_limit_is_refused(plan: Plan, says: str) -> None:
    with pytest.raises(PlanError, match=says):
        check_plan(plan, SharedLimits())


def test_plan_within_the_limits_is_taken() -> None:
    check_plan(Plan(), SharedLimits())


@pytest.mark.parametrize("name", ["bench_minutes", "bench_count", "bench_repeats", "bench_processes"])
def test_host_can_switch_benchmarks_off(name: str) -> None:
    with pytest.raises(BenchError, match="switched benchmarks off"):
        check_plan(Plan(), SharedLimits(**{name: 0}))


def test_host_can_switch_all_measuring_off() -> None:
    with pytest.raises(BenchError, match="switched benchmarks and evaluations off"):
        check_plan(Plan(), SharedLimits(measurements_per_hour=0))

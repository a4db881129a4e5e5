"""core.charts.run.in_flight: who waits when, drawn and counted."""

from __future__ import annotations

import pytest

from core.charts.run.in_flight import MAX_BARS, in_flight
from tests.bench_runs import make_run, make_trial
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_in_flight_is_a_staircase_for_sync_and_a_stack_for_async() -> None:
    figure = in_flight(make_run(), "search", 10)
    assert title(figure) == "Sync waits for 1 at a time, async for up to 10 at once"
    assert figure is not None
    sync, async_ = (trace for trace in figure.data if trace.type == "bar")
    assert list(sync.base) == pytest.approx([0.4 * i for i in range(10)])
    assert list(sync.x) == pytest.approx([0.4] * 10)
    assert list(async_.base) == [0.0] * 10
    assert figure.layout.xaxis.matches == figure.layout.xaxis2.matches


def test_in_flight_counts_all_and_draws_some() -> None:
    trials = (make_trial("sync", 100.0, count=10_000), make_trial("async", 1.0, count=10_000))
    figure = in_flight(make_run(*trials), "search", 10_000)
    assert figure is not None
    assert all(len(trace.x) == MAX_BARS for trace in figure.data if trace.type == "bar")
    assert "300 of 10,000 requests drawn; the count below is of all" in figure.layout.meta["subtitle"]
    counts = [trace for trace in figure.data if trace.type == "scatter"]
    assert max(counts[1].y) == 10_000
    assert all(len(trace.x) <= 2000 for trace in counts)


def test_failed_requests_look_different_in_flight() -> None:
    trial = make_trial("async", 1.0, samples=((0.0, 0.5, False), (0.0, 1.0, True)), num_failed=1, num_ok=9)
    figure = in_flight(make_run(trial), "search", 10)
    assert figure is not None
    ok, failed = (trace for trace in figure.data if trace.type == "bar")
    assert failed.name == "async, failed"
    assert failed.marker.color != ok.marker.color
    assert failed.marker.pattern.shape == "x"


def test_requests_are_counted_as_requests_and_one_as_one() -> None:
    batched = [
        make_trial(lane, 1.0, count=20, samples=((0.0, 1.0, True),), ops_per_request=20)
        for lane in ("sync-batch", "async-batch")
    ]
    run = make_run(*batched, settings={"lanes": ("sync-batch", "async-batch")})
    assert title(in_flight(run, "search", 20)) == "All lanes had up to 1 request in flight at once"
    alone = make_run(batched[0], settings={"lanes": ("sync-batch",)})
    assert title(in_flight(alone, "search", 20)) == "Sync-batch: up to 1 request in flight at once"

"""core.charts.run.totals: what the figures carry, read back from Plotly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.charts.run import totals
from core.charts.run.ladder import ladder
from core.charts.run.totals import latency, total_time
from tests.bench_runs import ladder_run, make_row, make_run, make_trial, proof_of
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


@pytest.fixture
def run() -> Run:
    return make_run(
        *[
            make_trial(lane, elapsed_s * count, count=count)
            for count in (10, 100)
            for lane, elapsed_s in (("sync", 0.4), ("async", 0.1))
        ]
    )


def test_total_time_over_counts_is_dots_on_a_log_axis_in_seconds(run: Run) -> None:
    figure = totals.total_time(run, "search")
    assert figure is not None
    assert [(trace.type, trace.name) for trace in figure.data] == [("scatter", "sync"), ("scatter", "async")]
    # The slower lane's texts are above, the other's below.
    assert [trace.textposition[1] for trace in figure.data] == ["top center", "bottom center"]
    assert list(figure.data[0].y) == pytest.approx([4.0, 40.0])
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("category", "log")
    assert figure.layout.annotations[0].text == "total time (s, log scale)"
    assert figure.layout.meta["title"] == "100 searches: sync 40.0 s, async 10.0 s"
    assert figure.layout.meta["subtitle"] == "Milvus Lite · Strong"


@pytest.mark.parametrize("factor", [1.3, 9, 51, 300])
def test_total_times_of_one_count_are_bars_on_zero(factor: float) -> None:
    figure = totals.total_time(make_run(make_trial("sync", 0.1 * factor), make_trial("async", 0.1)), "search")
    assert figure is not None
    assert [trace.type for trace in figure.data] == ["bar", "bar"]
    assert (figure.layout.yaxis.type, figure.layout.yaxis.rangemode) == (None, "tozero")
    assert figure.layout.annotations[0].text == "total time (s)"


def test_total_time_of_six_lanes_names_the_slowest_and_the_fastest() -> None:
    figure = totals.total_time(ladder_run(), "search")
    assert figure is not None
    assert len(figure.data) == 6
    assert figure.layout.meta["title"].startswith("100 searches: sync 2")
    assert "to async-batch 0." in figure.layout.meta["title"]


def test_cut_trial_is_hatched_and_labelled_as_projected() -> None:
    cut = make_trial("sync", 2.0, num_ok=5, cut=True, projected_s=4.0)
    figure = totals.total_time(make_run(cut, make_trial("async", 1.0)), "search")
    assert figure is not None
    assert list(figure.data[0].marker.pattern.shape) == ["/"]
    assert list(figure.data[1].marker.pattern.shape) == [""]
    assert list(figure.data[0].text) == ["4.00 s projected"]
    assert list(figure.data[0].y) == [4.0]
    assert "4.00 s projected" in figure.layout.meta["title"]
    whole = [make_trial(lane, 1.0, count=20) for lane in ("sync", "async")]
    dots = totals.total_time(make_run(cut, make_trial("async", 1.0), *whole), "search")
    assert dots is not None
    assert list(dots.data[0].marker.symbol) == ["circle-open", "circle"]


def test_cut_trial_without_a_projection_has_no_bar() -> None:
    cut = make_trial("sync", 2.0, num_ok=0, cut=True, samples=())
    figure = totals.total_time(make_run(cut, make_trial("async", 1.0)), "search")
    assert figure is not None
    assert list(figure.data[0].y) == [None]


def test_failures_stand_beside_the_time() -> None:
    failed = make_trial("async", 1.0, num_ok=7, num_failed=3)
    figure = totals.total_time(make_run(make_trial("sync", 4.0), failed), "search")
    assert figure is not None
    assert list(figure.data[1].text) == ["1.00 s, 3 failed"]


def test_simulated_distance_is_in_the_subtitle() -> None:
    trials = [make_trial(lane, 1.0, case=Case(rtt_ms=60)) for lane in ("sync", "async")]
    figure = totals.total_time(make_run(*trials, settings={"rtt_ms": 60}, target="http://m:1"), "search")
    assert figure is not None
    assert "60 ms of distance, simulated" in figure.layout.meta["subtitle"]


AS_IN_THE_TUTORIAL: dict[str, Any] = {"preset": "tutorial", "first_calls": "included"}


@pytest.mark.parametrize("settings", [{}, {"preset": "tutorial"}, {"first_calls": "included"}])
def test_published_speedups_stand_only_beside_what_was_measured_as_there(
    run: Run, settings: dict[str, Any]
) -> None:
    figure = totals.speedups(replace(run, plan=replace(run.plan, **settings)), "search")
    assert figure is not None
    assert len(figure.data) == 1


def test_speedups_stand_beside_the_published_ones(run: Run) -> None:
    figure = totals.speedups(replace(run, plan=replace(run.plan, **AS_IN_THE_TUTORIAL)), "search")
    assert figure is not None
    ours, published = figure.data
    assert list(ours.y) == pytest.approx([4.0, 4.0])
    assert list(published.y) == [6.0, 22.2]
    assert "tutorial" in published.name
    expected = "Async search was 4.0 times as fast as sync at 100 operations, in one run"
    assert figure.layout.meta["title"] == expected
    assert "first calls included" in figure.layout.meta["subtitle"]


def test_speedups_of_counts_the_tutorial_lacks_stand_alone() -> None:
    trials = (make_trial("sync", 4.0, count=50), make_trial("async", 1.0, count=50))
    figure = totals.speedups(make_run(*trials, settings=AS_IN_THE_TUTORIAL), "search")
    assert figure is not None
    assert len(figure.data) == 1


def test_published_numbers_are_for_async_against_sync_only() -> None:
    rows = (make_row("threads", 3.0), make_row("async", 2.0, baseline="threads"))
    trials = [make_trial(lane, 1.0, count=100) for lane in ("sync", "threads", "async")]
    figure = totals.speedups(make_run(*trials, summary=rows, settings=AS_IN_THE_TUTORIAL), "search")
    assert figure is not None
    assert [bar.name for bar in figure.data] == ["threads", "async"]


def test_whiskers_are_the_interval() -> None:
    trials = [make_trial(lane, 1.0, count=100) for lane in ("sync", "async")]
    rows = (make_row("async", 4.0, ci95=(3.0, 6.0)),)
    figure = totals.speedups(make_run(*trials, summary=rows), "search")
    assert figure is not None
    bar = figure.data[0]
    assert (list(bar.error_y.array), list(bar.error_y.arrayminus)) == ([2.0], [1.0])
    assert "95 % interval" in figure.layout.meta["subtitle"]


def test_no_detectable_difference_is_said() -> None:
    trials = [make_trial(lane, 1.0, count=100) for lane in ("sync", "async")]
    row = make_row("async", 1.02, ci95=(0.97, 1.08), verdict="no detectable difference")
    for each in (row, replace(row, verdict="unknown")):
        figure = totals.speedups(make_run(*trials, summary=(each,)), "search")
        assert figure is not None
        assert figure.layout.meta["title"].startswith(
            "No detectable difference between async search and sync"
        )


def test_latency_is_in_milliseconds_over_pooled_repeats() -> None:
    trials = [
        make_trial(lane, elapsed_s, repeat=repeat)
        for repeat, lane, elapsed_s in (
            (0, "sync", 1.0),
            (0, "async", 1.0),
            (1, "sync", 3.0),
            (1, "async", 3.0),
        )
    ]
    figure = totals.latency(make_run(*trials), "search", 10)
    assert figure is not None
    sync = figure.data[0]
    # p99 of 20 requests is their maximum.
    assert list(sync.x) == ["p50", "p95", "max"]
    assert list(sync.y) == pytest.approx([100.0, 300.0, 300.0])
    assert "ms" in figure.layout.annotations[0].text
    assert "longer in async" in figure.layout.meta["title"]


@pytest.mark.parametrize(("slow_s", "kind"), [(1.0, "bar"), (100.0, "scatter")])
def test_latencies_too_far_apart_for_bars_are_dots(slow_s: float, kind: str) -> None:
    figure = totals.latency(make_run(make_trial("sync", slow_s), make_trial("async", 0.1)), "search", 10)
    assert figure is not None
    assert {trace.type for trace in figure.data} == {kind}
    assert figure.layout.yaxis.type == (None if kind == "bar" else "log")


def test_charts_of_a_case_show_that_case() -> None:
    near, far = Case(rtt_ms=0), Case(rtt_ms=200)
    trials = [
        make_trial(lane, elapsed_s, case=case)
        for case, elapsed_s in ((near, 1.0), (far, 9.0))
        for lane in ("sync", "async")
    ]
    run = make_run(*trials, settings={"sweep": "distance", "sweep_values": (0, 200)}, target="http://m:1")
    for case, expected in ((None, 1.0), (near, 1.0), (far, 9.0)):
        figure = totals.latency(run, "search", 10, case)
        assert figure is not None
        assert list(figure.data[0].y) == pytest.approx([expected * 100] * len(figure.data[0].y))


def test_nothing_measured_gives_no_figure(run: Run) -> None:
    assert totals.total_time(run, "add") is None
    assert totals.speedups(run, "add") is None
    assert totals.latency(run, "search", 7) is None
    assert ladder(run, "search", 7) is None


def test_figures_are_legible_and_fit_light_and_dark(run: Run) -> None:
    for figure in (
        totals.total_time(run, "search"),
        totals.speedups(run, "search"),
        totals.latency(run, "search", 10),
        ladder(run, "search", 10),
    ):
        assert figure is not None
        assert figure.layout.font.size >= 14
        assert figure.layout.font.color is None
        assert figure.layout.xaxis.tickfont.size >= 14
        assert figure.layout.paper_bgcolor == "rgba(0, 0, 0, 0)"
        assert figure.layout.xaxis.title.text


def test_lane_of_which_everything_failed_or_nothing_is_proven_has_no_time() -> None:
    failed = make_trial("async", 0.02, num_ok=0, num_failed=10, samples=((0.0, 0.02, False),))
    figure = total_time(make_run(make_trial("sync", 4.0), failed), "search")
    assert title(figure) == "10 searches: sync 4.00 s"
    assert figure is not None
    assert (figure.data[1].y, figure.data[1].text) == ((None,), ("10 failed",))
    wrong = total_time(make_run(checks=(proof_of(make_trial("async", 1.0), passed=False),)), "search")
    assert title(wrong) == "10 searches: sync 4.00 s"
    assert wrong is not None
    assert (wrong.data[1].y, wrong.data[1].text) == ((None,), ("no proof of same work",))
    assert title(total_time(make_run(failed), "search")) == "10 searches: no time is known"


def test_latencies_that_read_alike_are_called_alike() -> None:
    trials = [
        make_trial(lane, 1.0, samples=tuple((0.0, each_s, True) for _ in range(10)))
        for lane, each_s in (("sync", 0.01), ("async", 0.0100001))
    ]
    figure = latency(make_run(*trials), "search", 10)
    assert title(figure) == "One search of 10 takes as long in async: 10 ms against 10 ms"


def test_percentile_that_no_lane_has_takes_no_room() -> None:
    figure = latency(make_run(*(make_trial(lane, 1.0, count=20) for lane in ("sync", "async"))), "search", 20)
    assert figure is not None
    assert figure.layout.xaxis.categoryarray == ("p50", "p95", "max")

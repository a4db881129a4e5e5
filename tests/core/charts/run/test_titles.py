"""core.charts: what each chart finds in numbers made by hand, and that its title says so."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bench.analysis.stats import max_in_flight, percentile
from core.bench.plan.conditions import Case
from core.charts import arrays
from core.charts.run.concurrency import concurrency
from core.charts.run.distance import distance, distance_time
from core.charts.run.distribution import ecdf, percentiles
from core.charts.run.factor import waterfall
from core.charts.run.heartbeat import heartbeat
from core.charts.run.in_flight import MAX_BARS, in_flight
from core.charts.run.stall import stall
from tests.bench_runs import (
    concurrency_run,
    distance_run,
    factor_run,
    heartbeat_run,
    make_run,
    make_trial,
    sampled_trial,
    stall_run,
)

pytestmark = pytest.mark.portable


def title(figure: Any) -> str:
    assert figure is not None
    return str(figure.layout.meta["title"])


# In flight


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


intervals = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda pair: (pair[0], pair[0] + pair[1], True)),
    min_size=1,
    max_size=60,
)


@given(intervals)
def test_count_in_flight_agrees_with_the_statistics(found: list[tuple[float, float, bool]]) -> None:
    trial = make_trial("async", 100.0, samples=tuple(found), latency_s={})
    times, under_way = arrays.in_flight_steps(arrays.requests_of(trial))
    assert under_way.max() == max_in_flight(found)
    assert under_way[-1] == 0
    assert (np.diff(times) > 0).all()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.floats(0.0, 1.0))
def test_percentile_of_an_array_is_that_of_the_statistics(values: list[float], fraction: float) -> None:
    assert arrays.nearest_rank(np.sort(np.array(values)), fraction) == percentile(values, fraction)


def test_thinned_line_keeps_its_extremes() -> None:
    y = np.zeros(100_000)
    y[[12_345, 77_777]] = 5.0, -3.0
    x_few, y_few = arrays.thinned(np.arange(100_000.0), y, 500)
    assert len(x_few) <= 500
    assert (y_few.max(), y_few.min()) == (5.0, -3.0)
    assert (x_few[0], x_few[-1]) == (0, 99_999)


# Where the factor comes from


def test_waterfall_goes_from_factor_to_factor_and_says_what_is_left() -> None:
    figure = waterfall(factor_run(), "search")
    assert title(figure) == "Of 39.9x, 1.20x is left when both sides are batched"
    assert figure is not None
    dots, *lines, texts = figure.data
    assert list(dots.x) == pytest.approx([39.9, 18.4, 4.1, 1.3, 1.35, 1.2, 1.2])
    assert [tuple(line.x) for line in lines] == [
        (1.0, 39.9), (39.9, 18.4), (18.4, 4.1), (4.1, 1.3), (1.3, 1.35), (1.35, 1.2), (1.0, 1.2)
    ]  # fmt: skip
    assert dots.text[1] == texts.text[1].strip("\u00a0") == "<b>18.4x</b> (÷2.2)"
    assert [symbol.partition("-")[2] for symbol in dots.marker.symbol[1:6]] == [
        "left", "left", "left", "right", "left"
    ]  # fmt: skip
    assert figure.layout.xaxis.type == "log"
    assert "simulated" in figure.layout.meta["subtitle"]


def test_waterfall_names_steps_that_were_not_measured() -> None:
    figure = waterfall(factor_run((39.9, None, 4.1, 1.3, 1.35, 1.2)), "search")
    assert figure is not None
    assert figure.data[0].text[1] == "not measured"
    assert figure.data[0].x[1] is None
    # The next line starts from the last factor that is known.
    assert tuple(figure.data[3].x) == (39.9, 4.1)


def test_waterfall_says_when_nothing_is_left() -> None:
    run = factor_run((20.0, 10.0, 5.0, 2.0, 1.5, 1.01))
    rows = [*run.summary[:-1], replace(run.summary[-1], verdict="no detectable difference")]
    figure = waterfall(replace(run, summary=tuple(rows)), "search")
    assert title(figure) == "Of 20.0x, no detectable difference is left when both sides are batched"
    slower = waterfall(factor_run((20.0, 10.0, 5.0, 2.0, 1.5, 0.8)), "search")
    assert title(slower) == "Of 20.0x, nothing is left when both sides are batched: 0.80x"


def test_waterfall_does_not_claim_the_last_step_when_it_is_missing() -> None:
    figure = waterfall(factor_run((20.0, 10.0, 5.0, None, None, None)), "search")
    assert "batched" not in title(figure)
    assert title(waterfall(factor_run((20.0, None, None, None, None, None)), "search")).startswith(
        "20.0x with"
    )


# Distance


def test_distance_marks_where_async_starts_to_pay() -> None:
    figure = distance(distance_run(), "search")
    assert title(figure) == "Async search is faster beyond noise from 5 ms simulated: 24.0 times at 200 ms"
    assert figure is not None
    assert figure.layout.xaxis.title.text == "simulated round trip (ms)"
    assert any("faster from 5 ms on" in (note.text or "") for note in figure.layout.annotations)


def test_distance_says_when_it_never_pays() -> None:
    figure = distance(distance_run((1.0, 1.01, 0.99, 1.02, 1.0, 1.0, 1.0)), "search")
    assert title(figure) == "Async search is not faster beyond noise at any simulated distance"


def test_distance_says_when_it_always_pays() -> None:
    figure = distance(distance_run((1.5, 2, 3, 4, 5, 6, 7)), "search")
    assert title(figure) == "Async search is faster at every simulated distance: 7.0 times at 200 ms"


def test_distance_time_says_what_each_lane_keeps() -> None:
    figure = distance_time(distance_run(), "search")
    assert title(figure).startswith("At 200 ms simulated, sync keeps 2 % and async keeps 57 %")
    assert figure is not None
    assert figure.layout.xaxis.title.text == "simulated round trip (ms)"


# Concurrency


def test_concurrency_marks_the_knee() -> None:
    figure = concurrency(concurrency_run(), "search")
    assert title(figure).startswith("Async-bounded: 190/s with 64 at once; with 256, 200/s and a p99 of ")
    assert figure is not None
    assert [note.text for note in figure.layout.annotations].count("<b>knee at 64</b>") == 2
    assert figure.layout.xaxis.type == "log"


def test_concurrency_that_still_gains_says_so() -> None:
    figure = concurrency(concurrency_run((5, 10, 20, 40, 80, 160, 320, 640, 1280)), "search")
    assert title(figure) == "Async-bounded: 1,280/s with 256 at once, and still gains"


# Distribution


def test_percentiles_stand_on_an_axis_on_which_rare_is_far() -> None:
    trials = [sampled_trial("sync", 1000, 0.01, 1), sampled_trial("async", 1000, 0.05, 50)]
    figure = percentiles(make_run(*trials), "search", 1000)
    assert re.match(r"99 of 100 searches were done within .* in sync and .* in async", title(figure))
    assert figure is not None
    assert list(figure.layout.xaxis.ticktext) == ["50", "90", "99", "99.9"]
    assert list(figure.layout.xaxis.tickvals) == pytest.approx([0.301, 1, 2, 3], abs=0.001)
    assert all(len(trace.x) <= 500 for trace in figure.data)
    values = sorted(1000 * (end - start) for start, end, _ in trials[0].samples)
    assert figure.data[0].y[-1] == pytest.approx(values[-1], rel=1e-4)


def test_percentile_that_few_samples_can_not_show_is_not_claimed() -> None:
    assert title(percentiles(make_run(), "search", 10)).startswith("90 of 100")


def test_ecdf_reaches_all_and_keeps_the_tail() -> None:
    trial = make_trial("sync", 1.0, samples=tuple((0.0, (i + 1) / 1000, True) for i in range(5000)))
    figure = ecdf(make_run(trial), "search", 10)
    assert title(figure) == "Half of all searches were done within 2,500 ms in sync"
    assert figure is not None
    assert len(figure.data[0].x) <= 500
    assert (figure.data[0].x[0], figure.data[0].x[-1]) == pytest.approx((1.0, 5000.0))
    assert figure.data[0].y[-1] == 100


# Stall


def test_stall_tells_both_truths() -> None:
    figure = stall(stall_run(), "search", 600)
    assert re.fullmatch(
        r"One freeze of 1\.5 s, sync: p99 response 1,5\d\d ms, service time says \d\d ms", title(figure)
    )
    assert figure is not None
    spans = [(shape.x0, shape.x1) for shape in figure.layout.shapes]
    assert spans == [(2.0, 3.5)] * 2
    assert "12 never sent" in figure.layout.annotations[0].text


def test_closed_loop_has_no_stall_chart() -> None:
    trial = make_trial("sync", 1.0, stall_s=(0.2, 0.4))
    assert stall(make_run(trial), "search", 10) is None


# Heartbeat


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

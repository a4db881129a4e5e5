"""core.charts: every chart builds from every kind of record, small, safe and soon."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.charts import theme
from core.charts.catalog import Chart, charts_of, telling_case
from core.charts.run.concurrency import concurrency
from core.charts.run.distance import distance, distance_time
from core.charts.run.distribution import ecdf, percentiles
from core.charts.run.factor import waterfall
from core.charts.run.heartbeat import heartbeat
from core.charts.run.in_flight import in_flight
from core.charts.run.ladder import ladder
from core.charts.run.race import race
from core.charts.run.side_by_side import side_by_side
from core.charts.run.stall import stall
from core.charts.run.totals import latency, speedups, total_time
from core.charts.run_comparison import compare, compare_speedups
from tests import bench_runs
from tests.bench_runs import first_look_run, ingest_run, make_run, make_trial

pytestmark = [pytest.mark.portable, pytest.mark.slow]

EVIL = "<script>alert(1)</script>%{x}"
MAX_JSON_CHARS = 2_000_000


def _empty() -> Run:
    return replace(make_run(), trials=(), summary=(), checks=())


def _failed() -> Run:
    samples = tuple((0.0, 0.1, False) for _ in range(10))
    trials = [
        make_trial(lane, 1.0, samples=samples, num_ok=0, num_failed=10, errors={EVIL: 10})
        for lane in ("sync", "async")
    ]
    return make_run(*trials, status="failed")


def _instant() -> Run:
    trials = [make_trial(lane, 1.0, samples=((0.0, 0.0, True),) * 10) for lane in ("sync", "async")]
    return make_run(*[replace(trial, elapsed_s=0.0) for trial in trials], summary=())


def _evil() -> Run:
    trials = [make_trial(lane, 1.0, count=100, bounded_by=EVIL) for lane in ("sync", "async")]
    row = bench_runs.make_row("async", None, reason=EVIL, verdict=EVIL)
    environment = {"cpu": EVIL}
    return make_run(*trials, note=EVIL, environment=environment, summary=(row,), settings={"data": EVIL})


RECORDS = {
    "empty": _empty(),
    "one trial": make_run(make_trial("async", 1.0)),
    "one operation": make_run(make_trial("sync", 1.0, count=1), make_trial("async", 1.0, count=1)),
    "cut": make_run(make_trial("sync", 2.0, num_ok=5, cut=True, projected_s=4.0), make_trial("async", 1.0)),
    "cut at once": make_run(
        make_trial("sync", 2.0, num_ok=0, cut=True, samples=()), make_trial("async", 1.0)
    ),
    "failed": _failed(),
    "partly failed": make_run(
        make_trial("sync", 1.0),
        make_trial(
            "async", 1.0, num_ok=9, num_failed=1, samples=((0.0, 0.5, False), *((0.0, 1.0, True),) * 9)
        ),
    ),
    "stopped": make_run(make_trial("sync", 1.0), status="stopped"),
    "instant": _instant(),
    "without samples": make_run(make_trial("sync", 4.0, samples=()), make_trial("async", 1.0, samples=())),
    "warm-up only": make_run(make_trial("sync", 1.0, is_warmup=True)),
    "six lanes": bench_runs.ladder_run(),
    "factor": bench_runs.factor_run(),
    "factor, steps missing": bench_runs.factor_run((39.9, None, None, 1.3, None, None)),
    "factor, nothing": bench_runs.factor_run((None,) * 5 + (1.0,), summary=()),
    "distance": bench_runs.distance_run(),
    "first look": bench_runs.first_look_run(),
    "concurrency": bench_runs.concurrency_run(),
    "stall": bench_runs.stall_run(),
    "stall, all failed": make_run(
        bench_runs.open_loop_trial("sync", 1, samples=((0.0, 1.0, False),) * 600), summary=()
    ),
    "blocking": bench_runs.heartbeat_run(),
    "hostile text": _evil(),
    "ingest": bench_runs.ingest_run(),
    "ingest, hostile document": bench_runs.ingest_run(environment={"parallel_batches": EVIL, "cores": EVIL}),
    "ingest, one lane": make_run(bench_runs.ingest_trial("async", 1.0), settings={"consistency": "Session"}),
    "ingest, near and far": bench_runs.ingest_distance_run(),
}


@cache
def _charts(name: str) -> list[Chart]:
    return charts_of(RECORDS[name], "ingest" if RECORDS[name].plan.is_ingest else "search")


def _all_figures(run: Run) -> dict[str, Any]:
    counts = run.counts_of("search") or [10]
    count = counts[-1]
    one = [("a", run), (EVIL, run)]
    return {
        "total_time": total_time(run, "search"),
        "speedups": speedups(run, "search"),
        "latency": latency(run, "search", count),
        "ladder": ladder(run, "search", count),
        "in_flight": in_flight(run, "search", count),
        "in_flight brief": in_flight(run, "search", count, brief=True),
        "waterfall": waterfall(run, "search"),
        "side_by_side": side_by_side(run),
        "distance": distance(run, "search"),
        "distance_time": distance_time(run, "search"),
        "concurrency": concurrency(run, "search"),
        "percentiles": percentiles(run, "search", count),
        "ecdf": ecdf(run, "search", count),
        "stall": stall(run, "search", count),
        "heartbeat": heartbeat(run, "search", count),
        "race": race(run, "search", count),
        "compare": compare(one, "search"),
        "compare_speedups": compare_speedups(one, "search"),
    }


@pytest.mark.parametrize("run", RECORDS.values(), ids=RECORDS)
def test_every_chart_builds_from_every_record(run: Run) -> None:
    for name, figure in _all_figures(run).items():
        if figure is None:
            continue
        text = figure.to_json()
        assert len(text) < MAX_JSON_CHARS, name
        assert figure.layout.meta["title"], name
        # Decoded: in its JSON Plotly hides "<" anyway.
        assert "<script>" not in _texts(figure), name


@pytest.mark.parametrize("name", RECORDS)
def test_catalog_builds_from_every_record(name: str) -> None:
    charts = _charts(name)
    assert len({chart.name for chart in charts}) == len(charts)
    assert all(chart.title_of_section and chart.how_to_read.endswith(".") for chart in charts)
    assert bool(charts_of(RECORDS[name], "add")) == bool(RECORDS[name].counts_of("add"))


def _texts(figure: Any) -> str:
    """All that Plotly would draw as text; the meta data is for programs and drawn nowhere."""
    values = json.loads(figure.to_json())
    values["layout"].pop("meta")
    return json.dumps(values, ensure_ascii=False)


def test_hostile_text_is_shown_as_text() -> None:
    figure = ladder(RECORDS["hostile text"], "search", 100)
    assert figure is not None
    assert "&lt;script&gt;" in _texts(figure)
    figure = compare([(EVIL, make_run())], "search")
    assert figure is not None
    assert "&lt;script&gt;alert" in figure.data[0].name and "<" not in figure.data[0].name


def test_empty_record_has_no_charts() -> None:
    assert all(figure is None for figure in _all_figures(_empty()).values())


def test_headline_chart_of_a_preset_comes_first() -> None:
    for name in ("factor", "distance", "concurrency", "stall"):
        assert _charts(name)[0].name == name
    assert _charts("blocking")[0].name == "heartbeat"
    assert [chart.name for chart in _charts("six lanes")] == [
        "ladder",
        "speed-up",
        "in-flight",
        "race",
        "latency",
        "percentiles",
        "ecdf",
    ]


def test_sweep_has_no_chart_of_its_nearest_case_alone() -> None:
    """One finding, one chart: what a sweep varies is on its axis."""
    for name in ("distance", "factor", "concurrency", "blocking"):
        assert not {"total-time", "speed-up", "ladder"} & {chart.name for chart in _charts(name)}


def test_first_look_is_one_chart_for_both_operations() -> None:
    run = RECORDS["first look"]
    assert [chart.name for chart in charts_of(run, "search")][:2] == ["side-by-side", "in-flight"]
    assert [chart.name for chart in charts_of(run, "add")][:1] == ["in-flight"]


def test_requests_of_a_distance_sweep_are_shown_where_there_is_most_to_wait_for() -> None:
    (flight,) = [chart for chart in _charts("distance") if chart.name == "in-flight"]
    assert "200 ms of distance, simulated" in flight.figure.layout.meta["subtitle"]


def test_ingest_begins_with_its_steps_and_has_no_chart_of_single_requests() -> None:
    assert [chart.name for chart in _charts("ingest")] == ["steps", "side-by-side"]
    (steps, *_) = _charts("ingest, near and far")
    assert "60 ms of distance, simulated" in steps.figure.layout.meta["subtitle"]


def test_steps_show_the_trial_nearest_to_the_median_with_all_of_its_chunks() -> None:
    (steps, *_) = _charts("ingest")
    drawn = sum(sum(row[1] for row in bar.customdata) for bar in steps.figure.data if "insert" in bar.name)
    assert drawn == 2 * 40
    titles = [annotation.text for annotation in steps.figure.layout.annotations]
    assert titles[:2] == [
        "<b>sync</b>: 30.3 s, first question after 15.2 s",
        "<b>async</b>: 20.2 s, first question after 10.1 s",
    ]


def test_open_loop_is_not_compared_by_its_total_time() -> None:
    names = [chart.name for chart in _charts("stall")]
    assert not {"total-time", "speed-up", "ladder", "race"} & set(names)


def test_million_samples_are_drawn_small() -> None:
    run = bench_runs.huge_run()
    figures = _all_figures(run)
    drawn = {name: len(figure.to_json()) for name, figure in figures.items() if figure is not None}
    assert {"in_flight", "race", "percentiles", "ecdf", "latency"} <= set(drawn)
    assert max(drawn.values()) < MAX_JSON_CHARS


def test_present_enlarges_a_copy() -> None:
    figure = concurrency(RECORDS["concurrency"], "search")
    assert figure is not None
    before = figure.to_json()
    large = theme.present(figure)
    assert figure.to_json() == before
    assert large.layout.font.size == pytest.approx(1.5 * figure.layout.font.size)
    assert large.layout.height == pytest.approx(1.5 * figure.layout.height)
    assert large.data[0].line.width == pytest.approx(1.5 * figure.data[0].line.width)
    assert large.data[0].marker.size == pytest.approx(1.5 * figure.data[0].marker.size)
    assert large.layout.title.text.count("<br>") < figure.layout.title.text.count("<br>")


def test_wide_screen_has_the_title_in_fewer_lines_and_a_hall_keeps_its_own() -> None:
    figure = concurrency(RECORDS["concurrency"], "search")
    assert figure is not None
    narrow, large = figure.layout.title.text, theme.present(figure)
    for_hall = large.to_json()
    assert theme.widen(large).to_json() == for_hall
    margin = figure.layout.margin.t
    theme.widen(figure)
    assert figure.layout.title.text.count("<br>") < narrow.count("<br>")
    assert figure.layout.margin.t < margin


def test_present_can_colour_all_text_but_that_with_a_meaning() -> None:
    figure = race(make_run(), "search", 10)
    assert figure is not None
    large = theme.present(figure, text_color="#123456")
    assert large.layout.font.color == large.layout.title.font.color == "#123456"
    assert large.layout.xaxis.tickfont.color == "#123456"
    assert large.layout.annotations[0].font.color == theme.ALERT_COLOR


def test_patterns_lie_over_the_colour_under_any_theme() -> None:
    for name in ("six lanes", "factor", "cut", "partly failed"):
        for chart in _charts(name):
            for trace in chart.figure.data:
                if trace.type == "bar" and trace.marker.pattern.shape:
                    assert trace.marker.pattern.fillmode == "overlay", (name, chart.name)


def test_present_keeps_the_frames_of_a_race() -> None:
    figure = race(make_run(), "search", 10)
    assert figure is not None
    assert len(theme.present(figure).frames) == len(figure.frames)


def test_titles_fit_a_phone() -> None:
    for name in RECORDS:
        for chart in _charts(name):
            heading = chart.figure.layout.title.text.split("<br><span")[0]
            assert max(len(line) for line in heading.split("<br>")) <= 40


def test_case_that_was_not_measured_has_no_figure() -> None:
    other = Case(rtt_ms=999)
    run = RECORDS["distance"]
    assert latency(run, "search", 100, other) is None
    assert in_flight(run, "search", 100, other) is None
    assert race(run, "search", 100, other) is None
    assert ecdf(run, "search", 100, other) is None


def test_telling_case_is_the_furthest_however_the_distances_were_typed() -> None:
    run = first_look_run()
    turned = replace(run, plan=replace(run.plan, sweep_values=(60, 0)))
    case = telling_case(turned)
    assert case is not None and case.rtt_ms == 60


def test_how_to_read_a_chart_holds_for_any_order_of_lanes() -> None:
    texts = [
        chart.how_to_read
        for run, operation in ((make_run(), "search"), (ingest_run(), "ingest"))
        for chart in charts_of(run, operation)
    ]
    assert not any("above it" in text or "Above," in text for text in texts)

"""The table of metrics: each of its rows is found in every place that the row names, under one name."""

from __future__ import annotations

import csv
import io
from functools import cache

import pytest

from core.bench.analysis.metrics import METRICS, Measured, Metric, Place
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts.run.lane_table import formats, lane_rows
from core.cli.bench_terminal import table
from core.export.html_report import html_report
from core.export.run_csv import to_csv
from tests.bench_runs import make_run, make_trial

RUN = make_run(make_trial("sync", 2.0), make_trial("async", 1.0))


def _csv(run: Run) -> set[str]:
    return set(next(csv.reader(io.StringIO(to_csv(run)))))


@cache
def _report() -> str:
    return html_report(RUN)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_metric_is_found_in_every_place_that_its_row_names(metric: Metric) -> None:
    (row, *_) = lane_rows(RUN, "search")
    found = {
        Place.CSV: metric.name in _csv(RUN),
        Place.PAGE: metric.column in row.cells(Place.PAGE),
        Place.COMPARISON: metric.column in row.cells(Place.COMPARISON),
        Place.TERMINAL: f" {metric.label.lower()}" in table(RUN).splitlines()[0],
    }
    if Place.REPORT in metric.places:
        assert f"<th>{metric.label}</th>" in _report()
    assert [place for place in metric.places if not found.get(place, True)] == []


def test_names_and_columns_are_there_once() -> None:
    assert (
        len({metric.name for metric in METRICS}) == len({metric.column for metric in METRICS}) == len(METRICS)
    )


def test_record_with_figures_opens_as_the_trial_that_it_was() -> None:
    values = RUN.trials[0].to_dict()
    assert values["ops_per_s"] == 5.0
    assert Trial.from_dict(values, "trials[0]", RUN.trials[0].case) == RUN.trials[0]
    del values["ops_per_s"]
    assert Trial.from_dict(values, "trials[0]", RUN.trials[0].case) == RUN.trials[0], "an older record"


def test_figures_are_shown_in_the_unit_of_their_column() -> None:
    trial = make_trial("async", 1.0, loop_lag_p99_s=0.0034, client_cpu_ratio=0.4, max_in_flight=1200)
    figures = {metric.name: metric for metric in METRICS}
    measured = Measured.of(trial)
    assert figures["loop_lag_p99_s"].shown(measured) == pytest.approx(3.4)
    assert figures["loop_lag_p99_s"].text(measured) == "3.4 ms"
    assert figures["client_cpu_ratio"].text(measured) == "40%"
    assert figures["max_in_flight"].text(measured) == "1,200"
    assert formats(Place.PAGE)["Client CPU"] == "percent"
    assert "Bounded by" not in formats(Place.PAGE)


def test_unknown_figure_is_empty_and_no_zero() -> None:
    trial = make_trial("async", 1.0, loop_lag_p99_s=None, client_cpu_ratio=None, max_in_flight=None)
    for name in ("loop_lag_p99_s", "client_cpu_ratio", "max_in_flight"):
        metric = next(metric for metric in METRICS if metric.name == name)
        assert (metric.shown(Measured.of(trial)), metric.text(Measured.of(trial))) == (None, "")


def test_percentile_of_few_requests_is_their_maximum_and_is_not_taken_for_more() -> None:
    p99 = next(metric for metric in METRICS if metric.name == "p99_s")
    few, many = make_trial("async", 1.0), make_trial("async", 1.0, count=100)
    assert p99.shown(Measured.of(few)) is None
    assert p99.text(Measured.of(few)).endswith("(max)")
    assert p99.shown(Measured.of(many)) is not None
    assert not p99.text(Measured.of(many)).endswith("(max)")


def test_speed_of_several_repeats_is_unknown_where_that_of_one_is() -> None:
    whole, open_ended = (
        make_trial("async", 1.0),
        make_trial("async", 1.0, repeat=1, num_ok=1, num_cancelled=9),
    )
    (speed, *_) = METRICS
    assert speed.figure(Measured(trials=(whole, whole))) == 10.0
    assert speed.figure(Measured(trials=(whole, open_ended))) is None
    assert speed.figure(Measured.of(open_ended)) is None

"""core.bench.analysis.steps: which trial stands for a lane, and where the factor of an ingest came from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.analysis.findings import explain, finding, headline
from core.bench.analysis.steps import reasons, typical
from core.charts.disclaimers import marks_of
from core.charts.queries import typical_time_s
from core.export.html_report import html_report
from core.ingest.timeline import StepSpan
from tests.bench_runs import ingest_distance_run, ingest_run, ingest_trial, make_run, make_trial

pytestmark = pytest.mark.portable


def test_trial_nearest_to_the_median_stands_for_its_lane() -> None:
    trials = [ingest_trial("sync", seconds) for seconds in (9.0, 1.0, 2.0, 2.5)]
    found = typical(trials)
    assert found is not None
    assert found.elapsed_s in {2.0, 2.5}


def test_trials_without_steps_have_no_typical_one() -> None:
    assert typical([make_trial("sync", 1.0)]) is None
    assert typical([]) is None


def test_reasons_name_what_overlapped_and_what_sets_the_pace() -> None:
    text = reasons(ingest_run())
    assert text is not None
    assert "Async had 1.01 s of its work under way at the same time" in text
    assert "Embedding was under way for 90 % of the async time, so it sets the pace." in text
    assert "side by side" not in text, "one batch was embedded, so none were side by side"


def test_batches_side_by_side_are_a_reason_where_there_were_several() -> None:
    run = ingest_run(repeats=1)
    halves = [
        StepSpan(step="embed", start_s=start_s, end_s=start_s + 9.0, num_chunks=20) for start_s in (1.0, 2.0)
    ]
    trials = [replace(trial, spans=tuple(halves)) if trial.lane == "async" else trial for trial in run.trials]
    text = reasons(replace(run, trials=tuple(trials)))
    assert text is not None
    assert "Embedding itself took 10.0 s instead of 27.0 s: 2 batches side by side" in text


@pytest.mark.parametrize("async_s", [9.0, 12.0], ids=["little gained", "nothing gained"])
def test_small_factor_of_an_ingest_is_explained_by_computing(async_s: float) -> None:
    run = make_run(
        ingest_trial("sync", 10.0), ingest_trial("async", async_s), settings={"consistency": "Session"}
    )
    told = explain(run) or ""
    assert "There is little to gain because embedding here is computing" in told
    assert "factor is small" not in told, "it may be a loss"


def test_step_that_takes_less_than_half_of_the_time_sets_no_pace() -> None:
    spans = tuple(StepSpan(step=step, start_s=0.0, end_s=3.0) for step in ("read", "embed"))
    trials = [replace(ingest_trial(lane, 10.0), spans=spans) for lane in ("sync", "async")]
    told = explain(make_run(*trials, settings={"consistency": "Session"})) or ""
    assert "Reading was under way for 30 % of the async time, the longest of all steps." in told


def test_one_lane_alone_has_no_reasons() -> None:
    assert reasons(make_run(ingest_trial("sync", 1.0), settings={"consistency": "Session"})) is None


def test_finding_counts_chunks() -> None:
    assert headline(ingest_run()).startswith("Async ingest was 1.50 times as fast as sync at 40 chunks")
    assert finding(ingest_run()).figure == "1.50x"


def test_finding_over_distance_is_that_of_the_furthest() -> None:
    found = finding(ingest_distance_run())
    assert (found.figure, found.sentence) == ("2.1x", "faster: async ingest, 60 ms away (simulated)")
    assert "without distance 1.11x" in found.details


def test_cut_ingest_has_no_speed_and_no_projection() -> None:
    cut = [
        ingest_trial(lane, 20.0, count=3200, num_ok=num_ok, cut=True, projected_s=99.0, repeat=repeat)
        for repeat in range(3)
        for lane, num_ok in (("sync", 320), ("async", 32))
    ]
    assert [(trial.has_speed, trial.ops_per_s) for trial in cut] == [(False, None)] * 6
    run = make_run(*cut, settings={"consistency": "Session", "data": "x.pdf"})
    assert headline(run) == (
        "The lanes can't be compared: the sync lane was cut before the whole document was in."
    )
    assert typical_time_s(run.trials_of("ingest", "sync", 3200)) is None
    assert not any("projected from" in mark for mark in marks_of(run))
    assert "99.00 s projected" not in html_report(run)


def test_reasons_are_of_the_furthest_case_however_the_distances_were_typed() -> None:
    run = ingest_distance_run()
    turned = replace(run, plan=replace(run.plan, sweep_values=(60, 0)))
    assert reasons(turned) == reasons(run)


@pytest.mark.parametrize("lane", ["sync", "async"])
def test_ingest_that_was_cut_has_no_factor_to_explain(lane: str) -> None:
    run = ingest_run()
    cut = [replace(trial, cut=True, num_ok=30) if trial.lane == lane else trial for trial in run.trials]
    assert explain(replace(run, trials=tuple(cut))) is None

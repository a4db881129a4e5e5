"""core.charts.run.distance: where async starts to pay, and what each lane keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.records.run import Run
from core.charts.run.distance import distance, distance_time
from tests.bench_runs import distance_run, proof_of
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_distance_marks_where_async_starts_to_pay() -> None:
    figure = distance(distance_run(), "search")
    assert title(figure) == "Async search is faster beyond noise from 5 ms simulated: 24.0 times at 200 ms"
    assert figure is not None
    assert figure.layout.xaxis.title.text == "simulated round trip (ms)"
    assert any("faster from 5 ms on" in (note.text or "") for note in figure.layout.annotations)


def test_distance_says_of_runs_without_an_interval_that_they_have_none() -> None:
    run = distance_run()
    with_band = distance(run, "search")
    sweep = replace(run, summary=tuple(replace(row, ci95=None) for row in run.summary))
    without = distance(sweep, "search")
    assert with_band is not None and without is not None
    assert "band: 95 % interval" in with_band.layout.meta["subtitle"]
    assert "too few repeats for an interval" in without.layout.meta["subtitle"]


def test_single_distance_has_its_interval_as_a_whisker() -> None:
    run = distance_run()
    last = run.plan.cases[-1][0]
    trials = tuple(trial for trial in run.trials if trial.case == last)
    rows = tuple(row for row in run.summary if row.case == last)
    figure = distance(replace(run, trials=trials, summary=rows), "search")
    assert figure is not None
    assert figure.layout.meta["subtitle"].startswith("whisker: 95 % interval")
    (line,) = (each for each in figure.data if each.name == "async")
    assert line.error_y.visible
    assert (line.error_y.array[0], line.error_y.arrayminus[0]) == pytest.approx((1.2, 1.2))


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


def test_distance_draws_open_what_is_projected() -> None:
    run = distance_run()
    rows = tuple(replace(row, is_projected=row.case.rtt_ms == 200) for row in run.summary)
    figure = distance(replace(run, summary=rows), "search")
    assert figure is not None
    (line,) = (each for each in figure.data if each.name == "async")
    assert [symbol.endswith("-open") for symbol in line.marker.symbol] == [False] * 6 + [True]


def judged(**verdicts: str) -> Run:
    """The sweep with other verdicts, by distance as "at_200"."""
    run = distance_run()
    rows = [
        replace(row, verdict=verdict, ci95=None if verdict == "unknown" else row.ci95)
        for row in run.summary
        for verdict in [verdicts.get(f"at_{row.case.rtt_ms}", row.verdict)]
    ]
    return replace(run, summary=tuple(rows))


def test_distance_tells_where_it_pays_though_the_furthest_is_not_known() -> None:
    figure = distance(judged(at_200="unknown"), "search")
    assert title(figure) == (
        "Async search is faster beyond noise at 5, 10, 20, 60 and 100 ms simulated, not at 0 ms, "
        "not known at 200 ms"
    )
    assert figure is not None
    assert not any("faster from" in (note.text or "") for note in figure.layout.annotations)


def test_distance_tells_where_it_pays_though_the_furthest_is_noisy() -> None:
    figure = distance(judged(at_200="no detectable difference"), "search")
    assert title(figure) == (
        "Async search is faster beyond noise at 5, 10, 20, 60 and 100 ms simulated, not at 0 and 200 ms"
    )


def test_distance_whose_comparison_is_missing_is_not_known() -> None:
    run = distance_run()
    rows = tuple(row for row in run.summary if row.case.rtt_ms != 60)
    assert title(distance(replace(run, summary=rows), "search")).endswith("not at 0 ms, not known at 60 ms")
    never = distance_run((1.0, 1.01, 0.99, 1.02, 1.0, 1.0, 1.0))
    assert title(distance(replace(never, summary=never.summary[:-1]), "search")) == (
        "Async search is not faster beyond noise at any simulated distance, not known at 200 ms"
    )


@pytest.mark.parametrize(("repeats", "each"), [(0, "one run"), (1, "one run"), (2, "2 repeats")])
def test_distance_counts_the_repeats_of_a_sweep_without_intervals(repeats: int, each: str) -> None:
    run = distance_run()
    rows = [replace(row, ci95=None, verdict="unknown", num_repeats=repeats) for row in run.summary]
    assert title(distance(replace(run, summary=tuple(rows)), "search")) == (
        f"Async search against sync, {each} each: 24.0 times at 200 ms, simulated"
    )


def test_distance_says_that_its_end_is_projected() -> None:
    run = distance_run()
    rows = [replace(row, is_projected=row.case.rtt_ms == 200) for row in run.summary]
    assert title(distance(replace(run, summary=tuple(rows)), "search")).endswith(
        ": 24.0 times at 200 ms, projected"
    )


def test_only_lanes_known_at_both_ends_keep_something() -> None:
    run = distance_run()
    cut = [
        replace(trial, num_ok=4, num_cancelled=90, cut=True)
        if (trial.lane, trial.case.rtt_ms) == ("sync", 200)
        else trial
        for trial in run.trials
    ]
    figure = distance_time(replace(run, trials=tuple(cut)), "search")
    assert title(figure) == "At 200 ms simulated, async keeps 57 % of its searches per second"
    sync_only = [trial for trial in cut if trial.case.rtt_ms < 200 or trial.lane == "sync"]
    without = distance_time(replace(run, trials=tuple(sync_only)), "search")
    assert title(without).startswith("At 100 ms simulated, sync keeps 5 % and async keeps")
    crossed = [
        trial for trial in run.trials if (trial.lane, trial.case.rtt_ms) not in {("sync", 200), ("async", 0)}
    ]
    assert title(distance_time(replace(run, trials=tuple(crossed)), "search")) == (
        "Searches per second over the simulated round trip"
    )


def test_lane_that_failed_its_check_has_no_line_and_failures_are_counted() -> None:
    run = distance_run()
    wrong = tuple(proof_of(trial, passed=trial.lane != "async") for trial in run.trials)
    first, *others = run.trials
    failing = (replace(first, num_ok=97, num_failed=3), *others)
    figure = distance_time(replace(run, checks=wrong, trials=failing), "search")
    assert figure is not None
    assert [line.name for line in figure.data] == ["sync"]
    assert figure.layout.meta["subtitle"].endswith(" · 3 failed")


def test_first_calls_inside_the_clock_are_said() -> None:
    run = distance_run()
    figure = distance(replace(run, plan=replace(run.plan, first_calls="included")), "search")
    assert figure is not None
    assert figure.layout.meta["subtitle"].endswith("Milvus server · Bounded · first calls included")

"""core.charts.run.ladder: a rung for each lane, with its speed or why that is not known."""

from __future__ import annotations

import pytest

from core.bench.analysis.metrics import Place
from core.bench.records.trial import Trial
from core.charts.run.ladder import ladder
from core.charts.run.lane_table import lane_rows
from tests.bench_runs import ladder_run, make_row, make_run, make_trial, proof_of, sampled_trial
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable

OPEN_ENDED = make_trial("async", 1.0, repeat=1, num_ok=1, num_cancelled=9, cut=True)
FAILED = make_trial(
    "async", 1.0, repeat=1, num_ok=0, num_failed=10, samples=tuple((0.0, 0.1, False) for _ in range(10))
)


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (OPEN_ENDED, "the async lane was cut while 9 operations were under way"),
        (FAILED, "10 of 40 operations failed"),
    ],
)
def test_lane_whose_speed_is_not_known_has_its_reason_and_no_speed_in_the_table(
    second: Trial, reason: str
) -> None:
    whole = [make_trial(lane, seconds, repeat=repeat) for lane, seconds, repeat in
             (("sync", 4.0, 0), ("sync", 4.0, 1), ("async", 1.0, 0))]  # fmt: skip
    run = make_run(*whole, second)
    figure = ladder(run, "search", 10)
    assert figure is not None
    (bar,) = figure.data
    assert (list(bar.y), list(bar.x)) == (["sync", "async"], [2.5, 0.0])
    assert bar.text[1].replace("<br>", " ") == reason
    assert [row.cells(Place.PAGE)["op/s"] for row in lane_rows(run, "search")] == [2.5, None]


def test_ladder_of_lanes_without_any_speed_is_not_drawn() -> None:
    assert ladder(make_run(OPEN_ENDED), "search", 10) is None


def test_ladder_has_rates_and_factors_in_the_plans_order() -> None:
    figure = ladder(ladder_run(), "search", 100)
    assert figure is not None
    assert list(figure.data[0].y) == [
        "sync",
        "sync-batch",
        "threads",
        "async",
        "async-bounded",
        "async-batch",
    ]
    assert "baseline" in figure.data[0].text[0]
    assert figure.data[0].text[3].endswith("x")
    assert "bounded by server" in figure.data[0].customdata[3]
    assert figure.layout.meta["title"].startswith("Async-batch search was ")
    assert "20 searches per request" in figure.layout.meta["subtitle"]


def test_ladder_gives_no_speed_to_a_lane_that_proved_nothing() -> None:
    trials = [make_trial(lane, 1.0, count=100) for lane in ("sync", "threads", "async")]
    rows = (make_row("threads", 2.0), make_row("async", None, reason="the async lane did not prove <it>"))
    figure = ladder(make_run(*trials, summary=rows), "search", 100)
    assert figure is not None
    assert list(figure.data[0].x) == [100.0, 100.0, 0.0]
    assert figure.data[0].text[2] == "the async lane did not<br>prove &lt;it&gt;"


def test_ladder_rate_is_the_geometric_mean_of_all_repeats() -> None:
    trials = [sampled_trial("sync", 10, 0.1, 1), make_trial("async", 1.0), make_trial("async", 3.0, repeat=1)]
    figure = ladder(make_run(*trials), "search", 10)
    assert figure is not None
    assert figure.data[0].x[1] == pytest.approx(10 / 3**0.5)


def lanes_of_three(*, sync: Trial) -> list[Trial]:
    return [sync, make_trial("threads", 2.0), make_trial("async", 1.0)]


def test_baseline_with_failures_gets_no_speed_and_no_lane_is_crowned() -> None:
    run = make_run(*lanes_of_three(sync=make_trial("sync", 4.0, num_ok=9, num_failed=1)))
    figure = ladder(run, "search", 10)
    assert title(figure) == "The lanes can't be compared: 1 of 10 operations failed"
    assert figure is not None
    assert list(figure.data[0].x) == [0.0, 0.0, 0.0]
    assert figure.data[0].text[0].replace("<br>", " ") == "1 of 10 operations failed"
    assert not figure.layout.shapes


def test_baseline_that_failed_its_check_gets_no_speed_and_no_lane_is_crowned() -> None:
    sync, threads, async_ = lanes_of_three(sync=make_trial("sync", 4.0))
    proofs = (proof_of(sync, passed=False), proof_of(async_), proof_of(threads))
    figure = ladder(make_run(sync, threads, async_, checks=proofs), "search", 10)
    reason = "the sync lane did not prove that it did the same work"
    assert title(figure) == f"The lanes can't be compared: {reason}"
    assert figure is not None
    assert list(figure.data[0].x) == [0.0, 0.0, 0.0]
    assert figure.data[0].text[0].replace("<br>", " ") == reason


def test_baseline_that_is_the_fastest_is_named_where_the_others_were_compared() -> None:
    trials = [make_trial(lane, time_s) for lane, time_s in (("sync", 1.0), ("threads", 2.0), ("async", 4.0))]
    assert title(ladder(make_run(*trials), "search", 10)) == "Most searches per second: sync with 10/s at 10"


def test_lane_that_failed_its_check_has_no_speed_in_the_table() -> None:
    trials = lanes_of_three(sync=make_trial("sync", 4.0))
    run = make_run(*trials, checks=(proof_of(trials[2], passed=False),))
    assert [row.cells(Place.PAGE)["op/s"] for row in lane_rows(run, "search")] == [2.5, 5.0, None]


def test_baseline_that_was_cut_too_early_says_so() -> None:
    cut = make_trial("sync", 4.0, num_ok=1, num_cancelled=9, cut=True)
    figure = ladder(make_run(*lanes_of_three(sync=cut)), "search", 10)
    assert title(figure) == "The lanes can't be compared: the sync lane was cut too early to tell its speed"
    assert figure is not None
    assert figure.data[0].text[0].replace("<br>", " ") == "the sync lane was cut too early to tell its speed"


def test_difference_within_noise_has_a_line_of_its_own() -> None:
    """On a phone a long label leaves the chart."""
    run = make_run(summary=(make_row("async", 1.02, count=10, verdict="no detectable difference"),))
    figure = ladder(run, "search", 10)
    assert figure is not None
    assert figure.data[0].text[1] == "<b>10/s</b> 1.02x<br>within noise"

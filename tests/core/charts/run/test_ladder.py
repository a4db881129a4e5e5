"""core.charts.run.ladder: a rung for each lane, with its speed or why that is not known."""

from __future__ import annotations

import pytest

from core.bench.analysis.metrics import Place
from core.bench.records.trial import Trial
from core.charts.run.ladder import ladder
from core.charts.run.lane_table import lane_rows
from tests.bench_runs import ladder_run, make_row, make_run, make_trial, sampled_trial

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

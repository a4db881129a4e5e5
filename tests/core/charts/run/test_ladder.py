"""core.charts.run.ladder: a rung for each lane, with its speed or why that is not known."""

from __future__ import annotations

import pytest

from core.bench.analysis.metrics import Place
from core.bench.records.trial import Trial
from core.charts.run.ladder import ladder
from core.charts.run.lane_table import lane_rows
from tests.bench_runs import make_run, make_trial

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

"""How far a run is, made from the events of its process."""

from __future__ import annotations

import pytest

from core.bench.records.trial import DEFAULT_CASE
from core.bench.run_progress import MAX_POINTS, LaneProgress, Round, Snapshot, advance
from tests.bench_events import progress_event

pytestmark = pytest.mark.portable

ADD = Round(operation="add", count=10, repeat=0, is_warmup=False, case=DEFAULT_CASE)


def test_progress_event_becomes_the_lanes_progress() -> None:
    snapshot = advance(Snapshot(), progress_event())
    assert (snapshot.state, snapshot.round, snapshot.trials_done) == ("running", ADD, 0)
    assert snapshot.lanes == {
        "sync": LaneProgress(lane="sync", count=10, done=4, failed=1, elapsed_s=2.0, ops_per_s=1.5)
    }


def test_lanes_of_one_point_stay_side_by_side_and_the_next_point_starts_anew() -> None:
    snapshot = advance(Snapshot(), progress_event(event="trial", done=10, cut=True))
    snapshot = advance(snapshot, progress_event(lane="async", trial=2))
    assert list(snapshot.lanes) == ["sync", "async"]
    assert snapshot.lanes["sync"].is_cut
    assert snapshot.trials_done == 1
    snapshot = advance(snapshot, progress_event(operation="search", trial=3))
    assert list(snapshot.lanes) == ["sync"]


def test_curve_of_a_lane_goes_on_over_its_repeats() -> None:
    snapshot = advance(Snapshot(), progress_event(elapsed_s=2.0, done=4))
    assert snapshot.measured == "sync"
    snapshot = advance(snapshot, progress_event(event="trial", elapsed_s=5.0, done=10))
    assert snapshot.measured == ""
    snapshot = advance(snapshot, progress_event(event="trial", lane="async", elapsed_s=1.0, done=10))
    snapshot = advance(snapshot, progress_event(elapsed_s=1.0, done=2, repeat=1))
    curves = {lane: curve.points for (lane, _), curve in snapshot.curves.items()}
    assert curves == {
        "sync": ((0.0, 0), (2.0, 4), (5.0, 10), (6.0, 12)),
        "async": ((0.0, 0), (1.0, 10)),
    }


def test_curve_begins_anew_after_the_warm_up_and_with_another_operation() -> None:
    snapshot = advance(Snapshot(), progress_event(event="trial", is_warmup=True, elapsed_s=9.0, done=10))
    snapshot = advance(snapshot, progress_event(elapsed_s=1.0, done=3))
    assert [curve.points for curve in snapshot.curves.values()] == [((0.0, 0), (1.0, 3))]
    snapshot = advance(snapshot, progress_event(operation="search", lane="async", elapsed_s=1.0, done=3))
    assert [lane for lane, _ in snapshot.curves] == ["async"]


def test_curve_of_a_long_trial_stays_small_and_keeps_both_ends() -> None:
    snapshot = Snapshot()
    for i in range(1, 2001):
        snapshot = advance(snapshot, progress_event(elapsed_s=i / 10, done=i, count=2000))
    (curve,) = snapshot.curves.values()
    assert len(curve.points) <= MAX_POINTS
    assert (curve.points[0], curve.points[-1]) == ((0.0, 0), (200.0, 2000))


def test_unknown_event_changes_nothing() -> None:
    snapshot = advance(Snapshot(), progress_event())
    assert advance(snapshot, {"event": "from the future"}) == snapshot

"""What a run tells whoever watches it counts operations, whatever a request carries."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.bench.load.events import error_event, finished_event, progress_event, trial_event
from core.bench.load.lanes import Recorder
from core.bench.load.measure_trial import Spec
from core.bench.plan.conditions import Case
from core.bench.plan.plan import Plan
from core.bench.run_progress import Snapshot, advance
from tests.bench_runs import make_run, make_trial

pytestmark = pytest.mark.portable

PLAN = Plan(counts=(12,), batch_size=5, lanes=("sync", "async-batch"))
BATCHES = Spec(operation="add", lane="async-batch", count=12, repeat=0, number=3, case=Case(rtt_ms=60))
SINGLE = replace(BATCHES, lane="sync", number=1)


def recorder(*ends_s: float, failures: int = 0, begun: int = 0) -> Recorder:
    """Requests that began at 100 s and took so long; the first of them failed."""
    samples = [(100.0, 100.0 + end_s, i >= failures, i) for i, end_s in enumerate(ends_s)]
    return Recorder(
        begun=[100.0] * (begun or len(ends_s)),
        samples=samples,
        failures=[(i, "x") for i in range(failures)],
        started=100.0,
        last_beat=101.5,
    )


def test_batches_are_told_as_the_operations_that_they_carry() -> None:
    event = progress_event(BATCHES, recorder(1.0, 1.5, begun=3), PLAN, now=102.0)
    assert (event["done"], event["in_flight"], event["ops_per_s"], event["eta_s"]) == (10, 5, 5.0, 0.4)
    # The last batch has two: no more is done than there is.
    assert progress_event(BATCHES, recorder(1.0, 1.5, 1.6), PLAN, now=102.0)["done"] == 12


def test_failed_operations_are_no_speed() -> None:
    event = progress_event(SINGLE, recorder(1.0, 1.0, 1.0, failures=1), PLAN, now=102.0)
    assert (event["done"], event["failed"], event["ops_per_s"]) == (3, 1, 1.0)
    assert event["eta_s"] == 9.0
    nothing = progress_event(SINGLE, recorder(1.0, failures=1), PLAN, now=102.0)
    assert (nothing["ops_per_s"], nothing["eta_s"]) == (0.0, None)


def test_before_anything_ended_no_speed_and_no_end_is_known() -> None:
    event = progress_event(SINGLE, Recorder(), PLAN, now=102.0)
    assert (event["elapsed_s"], event["done"], event["ops_per_s"], event["eta_s"]) == (0.0, 0, None, None)
    assert (event["p95_s"], event["beat_age_s"]) == (None, None)


def test_percentile_is_of_the_recent_requests_that_succeeded() -> None:
    slow_first = recorder(*[9.0] * 50, *[0.5] * 500)
    assert progress_event(SINGLE, slow_first, PLAN, now=110.0)["p95_s"] == pytest.approx(0.5)
    failed = recorder(*[9.0] * 40, *[0.5] * 60, failures=40)
    assert progress_event(SINGLE, failed, PLAN, now=110.0)["p95_s"] == pytest.approx(0.5)


def test_age_of_the_last_beat_tells_that_the_loop_is_held_up() -> None:
    assert progress_event(SINGLE, recorder(1.0), PLAN, now=102.0)["beat_age_s"] == 0.5


def test_time_of_a_lane_that_has_ended_stands_still() -> None:
    ended = replace(recorder(1.0, 2.0), ended=102.0)
    assert progress_event(SINGLE, ended, PLAN, now=200.0)["elapsed_s"] == 2.0


def test_trial_that_ended_is_understood_by_who_watches() -> None:
    trial = make_trial("async-batch", 2.0, operation="add", count=12, num_ok=8, num_failed=1, cut=True)
    event = trial_event(BATCHES, trial, PLAN)
    assert (event["done"], event["failed"], event["ops_per_s"], event["in_flight"]) == (9, 1, 4.0, 0)
    snapshot = advance(Snapshot(), json.loads(json.dumps(event)))
    assert (snapshot.trials_done, snapshot.num_trials, snapshot.lanes["async-batch"].is_cut) == (3, 4, True)
    assert snapshot.round is not None and snapshot.round.case == Case(rtt_ms=60)


@pytest.mark.parametrize(("status", "why"), [("complete", ""), ("stopped", "Stop was clicked.")])
def test_end_of_a_run_is_understood_by_who_watches(status: str, why: str) -> None:
    event = finished_event(make_run(status=status, note=why), Path("runs/a.json"))
    assert event["path"] == str(Path("runs/a.json"))
    snapshot = advance(Snapshot(), json.loads(json.dumps(event)))
    assert (snapshot.state, snapshot.why, snapshot.is_final) == (status, why, True)


def test_error_of_a_run_stays_when_it_has_ended() -> None:
    failed = make_run(status="failed", note="Milvus is away.")
    snapshot = advance(Snapshot(), error_event(failed.note))
    snapshot = advance(snapshot, finished_event(failed, Path("a.json")))
    assert (snapshot.state, snapshot.error, snapshot.why) == ("failed", "Milvus is away.", "")

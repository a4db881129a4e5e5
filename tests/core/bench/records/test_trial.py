"""A trial in a record: its speed, its steps, and what no chart could draw."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.bench.plan.conditions import Case
from core.bench.records.archive import (
    to_json,
)
from core.bench.records.run import Run
from core.bench.records.trial import Verdict, case_from
from core.errors import RecordError
from tests.bench_runs import ingest_run, make_row, make_run, make_trial

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(("num_open", "is_known"), [(0, True), (10, True), (11, False), (900, False)])
def test_speed_of_a_cut_trial_is_known_when_little_was_under_way(num_open: int, is_known: bool) -> None:
    """Nobody knows how much of the operations under way was done: a tenth is the most that it may matter."""
    trial = make_trial("async", 2.0, count=1000, num_ok=100, cut=True, num_cancelled=num_open)
    known = [trial.has_speed, trial.ops_per_s is not None, trial.seconds_per_op is not None]
    assert known == [is_known] * 3


def test_steps_of_an_ingest_survive_the_record() -> None:
    run = ingest_run()
    values = json.loads(to_json(run))
    assert Run.from_dict(values) == run
    assert values["trials"][0]["spans"][0] == {"step": "read", "start_s": 0.0, "end_s": 0.3, "num_chunks": 0}
    assert values["trials"][0]["first_searchable_s"] == 15.0


def test_trial_of_an_older_record_has_no_steps() -> None:
    values = make_run().to_dict()
    for trial in values["trials"]:
        del trial["spans"], trial["first_searchable_s"]
    assert [(trial.spans, trial.first_searchable_s) for trial in Run.from_dict(values).trials] == [
        ((), None)
    ] * 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"step": "<b>"}, "a step that this version does not know"),
        ({"end_s": -1.0}, "a time that can't be"),
        ({"start_s": 1e300, "end_s": 1e308}, "a time that can't be"),
        ({"num_chunks": -1}, "a time that can't be"),
        ({"num_chunks": "1"}, "of the wrong type"),
    ],
)
def test_step_that_no_chart_could_draw_is_refused(change: dict[str, Any], words: str) -> None:
    values = ingest_run().to_dict()
    values["trials"][1]["spans"][2] |= change
    with pytest.raises(RecordError, match=words) as raised:
        Run.from_dict(values)
    assert "trials[1].spans[2]" in str(raised.value)


def test_list_of_steps_that_is_none_is_refused() -> None:
    values = ingest_run().to_dict()
    values["trials"][0]["spans"] = [1]
    with pytest.raises(RecordError, match=r"trials\[0\]\.spans\[0\] is not an object"):
        Run.from_dict(values)


def test_speed_and_seconds_are_of_what_succeeded() -> None:
    trial = make_trial("async", 2.0, count=10, num_ok=8, num_failed=2)
    assert (trial.ops_per_s, trial.seconds_per_op) == (4.0, None), "failing fast is not being fast"
    assert make_trial("sync", 4.0, count=10).seconds_per_op == 0.4


def test_cut_ingest_has_no_speed_however_much_was_in() -> None:
    cut = make_trial("async", 2.0, operation="ingest", num_ok=9, cut=True)
    assert not cut.has_speed and cut.ops_per_s is None


def test_requests_that_succeeded_are_counted_or_follow_from_the_batches() -> None:
    sampled = make_trial("async", 1.0, samples=((0.0, 0.5, True), (0.0, 0.6, False)))
    assert sampled.num_ok_requests == 1
    light = make_trial("async-batch", 1.0, count=12, ops_per_request=5, samples=())
    assert light.num_ok_requests == 3


def test_case_that_an_entry_lacks_in_part_is_the_default_s() -> None:
    default = Case(consistency="Bounded", rtt_ms=60)
    assert case_from({"concurrency": 4}, "x", default) == Case(
        consistency="Bounded", rtt_ms=60, concurrency=4
    )
    with pytest.raises(RecordError, match="rtt_ms"):
        case_from({"rtt_ms": "far"}, "x", default)


@pytest.mark.parametrize(
    ("verdict", "ci95", "is_none"),
    [
        (Verdict.NO_DIFFERENCE, None, True),
        (Verdict.FASTER, (0.9, 1.1), False),
        # An older row has an interval and no verdict.
        (Verdict.UNKNOWN, (0.9, 1.1), True),
        (Verdict.UNKNOWN, (1.1, 1.3), False),
        (Verdict.UNKNOWN, None, False),
    ],
)
def test_lanes_that_can_not_be_told_apart_are_no_difference(
    verdict: str, ci95: tuple[float, float] | None, is_none: bool
) -> None:
    assert make_row("async", 1.0, verdict=verdict, ci95=ci95).is_no_difference is is_none

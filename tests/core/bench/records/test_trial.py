"""A trial in a record: its speed, its steps, and what no chart could draw."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.bench.records.archive import (
    to_json,
)
from core.bench.records.run import Run
from core.errors import RecordError
from tests.bench_runs import ingest_run, make_run, make_trial

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

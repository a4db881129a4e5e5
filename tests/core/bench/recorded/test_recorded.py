"""core.bench.recorded: each run that comes with Overlap says how it was made and bears out its claims."""

from __future__ import annotations

import pytest

from core.bench.recorded import LITE, RECORDINGS, Recording, is_recorded, list_recorded, recorded_run
from core.bench.recorded.claims import CLAIMS, MAX_BYTES, MIN_BYTES
from core.bench.records.run import Run
from core.charts.disclaimers import marks_of
from tests.bench_runs import make_run

pytestmark = pytest.mark.portable

each = pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)


def run_of(recording: Recording) -> Run:
    run = recorded_run(recording.name)
    assert run is not None
    return run


@each
def test_recorded_run_says_how_when_and_where_it_was_made(recording: Recording) -> None:
    run = run_of(recording)
    assert run.name == recording.title
    assert " ".join(["python -m core bench", *recording.flags]) in run.comment
    assert run.environment["cpu"]
    assert run.owner is None
    assert (run.plan.target == LITE) == recording.is_on_lite
    (mark,) = [mark for mark in marks_of(run) if "ecorded" in mark]
    assert mark.startswith(f"Recorded on {run.created_at[:10]}")
    assert "not measured now" in mark


@each
def test_recorded_run_is_small_and_names_no_file_of_its_machine(recording: Recording) -> None:
    text = recording.path.read_text(encoding="utf-8")
    assert MIN_BYTES <= len(text) <= MAX_BYTES
    assert not any(place in text for place in ("/home/", "/root/", "/work/", "/tmp/", "/Users/"))


def test_recorded_runs_are_listed_in_the_order_of_the_story() -> None:
    names = [one.run.name for one in list_recorded() if one.run is not None]
    assert names == [recording.title for recording in RECORDINGS]
    assert all(recording.name in CLAIMS for recording in RECORDINGS)


def test_run_of_ones_own_is_not_recorded() -> None:
    assert not is_recorded(make_run())
    assert is_recorded(run_of(RECORDINGS[0]))
    assert marks_of(make_run()) == []
    assert recorded_run("nothing like it") is None

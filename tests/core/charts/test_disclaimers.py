"""core.charts.disclaimers: what has to stand above a run's figures."""

from __future__ import annotations

import pytest

from core.charts.disclaimers import marks_of, recorded_mark
from tests.bench_runs import make_run, make_trial, stall_run

pytestmark = pytest.mark.portable


def test_mark_says_what_else_ran() -> None:
    note = "Other programs used 1.2 of this machine's 2 cores on average meanwhile."
    assert marks_of(make_run(environment={"other_load": note})) == [note]
    assert marks_of(make_run(environment={"other_load": 7})) == []


def test_plain_run_has_no_marks() -> None:
    assert marks_of(make_run()) == []
    stopped = make_trial("async", 2.0, num_ok=1, num_cancelled=9, cut=True)
    assert marks_of(make_run(stopped)) == [
        "Some trials were cut too early to tell their speed: where one is among its repeats, "
        "a lane has no bar and no dot."
    ]
    assert "on an unknown machine" in recorded_mark(make_run())
    assert "frozen for 1.5 s" in " ".join(marks_of(stall_run()))

"""core.charts.disclaimers: what has to stand above a run's figures."""

from __future__ import annotations

import pytest

from core.charts.disclaimers import marks_of
from tests.bench_runs import make_run

pytestmark = pytest.mark.portable


def test_mark_says_what_else_ran() -> None:
    note = "Other programs used 1.2 of this machine's 2 cores on average meanwhile."
    assert marks_of(make_run(environment={"other_load": note})) == [note]
    assert marks_of(make_run(environment={"other_load": 7})) == []

"""core.charts.queries: which repeat stands for all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.charts.queries import one_of, typical_repeat
from core.charts.run.in_flight import in_flight
from tests.bench_runs import make_run, make_trial

pytestmark = pytest.mark.portable


def test_one_repeat_stands_for_all_where_it_is_the_most_typical() -> None:
    times = {"sync": (9.0, 1.0, 1.2), "async": (0.9, 0.3, 0.1)}
    trials = [
        make_trial(lane, seconds, repeat=repeat)
        for lane, each in times.items()
        for repeat, seconds in enumerate(each)
    ]
    run = make_run(*trials, settings={"repeats": 3})
    assert typical_repeat(run, "search", 10) == 1
    assert typical_repeat(make_run(), "search", 10) == 0
    assert (one_of(run), one_of(make_run())) == ("the most typical of 3 repeats", "")
    figure = in_flight(run, "search", 10, brief=True)
    assert figure is not None
    assert any("1.00 s" in (note.text or "") for note in figure.layout.annotations)
    without = [replace(trial, samples=()) if trial.repeat == 1 else trial for trial in trials]
    assert typical_repeat(make_run(*without, settings={"repeats": 3}), "search", 10) != 1

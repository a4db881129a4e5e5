"""core.charts.run.stall: one freeze, told by response and by service time."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from core.charts.run.stall import stall
from tests.bench_runs import make_run, make_trial, stall_run
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_stall_tells_both_truths() -> None:
    figure = stall(stall_run(), "search", 600)
    assert re.fullmatch(
        r"One freeze of 1\.5 s, sync: p99 response 1,5\d\d ms, service time says \d\d ms", title(figure)
    )
    assert figure is not None
    spans = [(shape.x0, shape.x1) for shape in figure.layout.shapes]
    assert spans == [(2.0, 3.5)] * 2
    assert "12 never sent" in figure.layout.annotations[0].text


def test_closed_loop_has_no_stall_chart() -> None:
    trial = make_trial("sync", 1.0, stall_s=(0.2, 0.4))
    assert stall(make_run(trial), "search", 10) is None


def test_repeat_that_stands_for_all_is_named() -> None:
    run = stall_run()
    again = [replace(trial, repeat=1) for trial in run.trials]
    twice = replace(run, trials=(*run.trials, *again), plan=replace(run.plan, repeats=2))
    figure, single = stall(twice, "search", 600), stall(run, "search", 600)
    assert figure is not None and single is not None
    assert figure.layout.meta["subtitle"].endswith(" · the first of 2 repeats")
    assert "repeats" not in single.layout.meta["subtitle"]


def test_slowest_of_few_requests_is_no_p99() -> None:
    run = stall_run()
    few = [
        replace(trial, samples=trial.samples[150:249], intended_s=trial.intended_s[150:249])
        for trial in run.trials
    ]
    figure = stall(replace(run, trials=tuple(few)), "search", 600)
    assert title(figure).startswith("One freeze of 1.5 s, sync: slowest response ")
    assert figure is not None
    assert "<br>ms, slowest: response" in figure.layout.annotations[0].text

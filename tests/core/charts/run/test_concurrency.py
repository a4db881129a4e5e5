"""core.charts.run.concurrency: the knee, or that there is none yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.bench.plan.conditions import Case
from core.charts.run.concurrency import concurrency
from tests.bench_runs import concurrency_run, make_run, proof_of, sampled_trial
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_concurrency_marks_the_knee() -> None:
    figure = concurrency(concurrency_run(), "search")
    assert title(figure).startswith("Async-bounded: 190/s with 64 at once; with 256, 200/s and a p99 of ")
    assert figure is not None
    assert [note.text for note in figure.layout.annotations].count("<b>knee at 64</b>") == 2
    assert figure.layout.xaxis.type == "log"


def test_concurrency_that_still_gains_says_so() -> None:
    figure = concurrency(concurrency_run((5, 10, 20, 40, 80, 160, 320, 640, 1280)), "search")
    assert title(figure) == "Async-bounded: 1,280/s with 256 at once, and still gains"


def test_concurrency_of_fewer_than_100_requests_has_no_p99() -> None:
    cases = [(Case(concurrency=bound, consistency="Bounded"), bound) for bound in (1, 8, 64)]
    trials = [
        replace(sampled_trial("threads", 20, 0.1, bound, case=case), elapsed_s=20 / rate)
        for (case, bound), rate in zip(cases, (10.0, 100.0, 100.0), strict=True)
    ]
    settings = {
        "sweep": "concurrency",
        "sweep_values": (1, 8, 64),
        "lanes": ("threads",),
        "consistency": "Bounded",
    }
    figure = concurrency(make_run(*trials, settings=settings), "search")
    assert title(figure) == "Threads: 100/s with 8 at once"
    assert figure is not None
    below = [trace for trace in figure.data if trace.yaxis == "y2"]
    assert [len(trace.x) for trace in below] == [3, 3, 0]


def test_concurrency_says_the_distance_and_what_failed() -> None:
    run = concurrency_run()
    first, *others = run.trials
    far = [replace(trial, case=replace(trial.case, rtt_ms=60)) for trial in others]
    failing = replace(first, case=replace(first.case, rtt_ms=60), num_ok=198, num_failed=2)
    figure = concurrency(replace(run, plan=replace(run.plan, rtt_ms=60), trials=(failing, *far)), "search")
    assert figure is not None
    assert figure.layout.meta["subtitle"] == (
        "Milvus server · Bounded · 60 ms of distance, simulated · 2 failed"
    )


def test_concurrency_without_any_proven_lane_is_not_drawn() -> None:
    run = concurrency_run()
    wrong = tuple(proof_of(trial, passed=False) for trial in run.trials)
    assert concurrency(replace(run, checks=wrong), "search") is None

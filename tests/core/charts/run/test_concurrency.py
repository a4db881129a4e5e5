"""core.charts.run.concurrency: the knee, or that there is none yet."""

from __future__ import annotations

import pytest

from core.charts.run.concurrency import concurrency
from tests.bench_runs import concurrency_run
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

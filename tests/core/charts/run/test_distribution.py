"""core.charts.run.distribution: percentiles and shares, and no percentile that few samples can't show."""

from __future__ import annotations

import re

import pytest

from core.charts.run.distribution import ecdf, percentiles
from tests.bench_runs import make_run, make_trial, sampled_trial
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_percentiles_stand_on_an_axis_on_which_rare_is_far() -> None:
    trials = [sampled_trial("sync", 1000, 0.01, 1), sampled_trial("async", 1000, 0.05, 50)]
    figure = percentiles(make_run(*trials), "search", 1000)
    assert re.match(r"99 of 100 searches were done within .* in sync and .* in async", title(figure))
    assert figure is not None
    assert list(figure.layout.xaxis.ticktext) == ["50", "90", "99", "99.9"]
    assert list(figure.layout.xaxis.tickvals) == pytest.approx([0.301, 1, 2, 3], abs=0.001)
    assert all(len(trace.x) <= 500 for trace in figure.data)
    values = sorted(1000 * (end - start) for start, end, _ in trials[0].samples)
    assert figure.data[0].y[-1] == pytest.approx(values[-1], rel=1e-4)


def test_percentile_that_few_samples_can_not_show_is_not_claimed() -> None:
    assert title(percentiles(make_run(), "search", 10)).startswith("90 of 100")


def test_ecdf_reaches_all_and_keeps_the_tail() -> None:
    trial = make_trial("sync", 1.0, samples=tuple((0.0, (i + 1) / 1000, True) for i in range(5000)))
    figure = ecdf(make_run(trial), "search", 10)
    assert title(figure) == "Half of all searches were done within 2,500 ms in sync"
    assert figure is not None
    assert len(figure.data[0].x) <= 500
    assert (figure.data[0].x[0], figure.data[0].x[-1]) == pytest.approx((1.0, 5000.0))
    assert figure.data[0].y[-1] == 100

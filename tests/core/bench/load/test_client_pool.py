"""core.bench.load.client_pool: what several processes saw becomes one lane's figures."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import pytest

from core.bench.load.client_pool import Share, merge
from core.bench.load.executor import Issued
from core.bench.load.lanes import Recorder
from core.bench.load.sampling import Cpu
from core.bench.records.trial import DEFAULT_CASE

pytestmark = pytest.mark.portable


def part(**changes: Any) -> Issued:
    """What one of two processes left behind; samples were reported while it worked."""
    values: dict[str, Any] = {
        "recorder": Recorder(started=10.0, ended=12.0),
        "hits": {0: (["a"], [0.9])},
        "cpu_s": 0.5,
        "machine_ratio": 0.25,
        "lags_s": [0.001],
        "beats": [10.05],
        "mean_in_flight": 3.0,
    }
    return Issued(**(values | changes))


def merged(*parts: Issued) -> Issued:
    shares = [
        Share(
            operation="search",
            lane="async",
            case=DEFAULT_CASE,
            collection="x",
            count=4,
            first=first,
            last=first + 2,
        )
        for first in (0, 2)
    ]
    reported = Recorder(started=9.0, samples=[(10.0, 11.5, True, 2), (10.0, 11.0, True, 0)])
    return merge(parts, shares, reported, Cpu(), per_request=1)


def test_every_figure_that_a_process_measured_is_merged() -> None:
    late = Recorder(started=10.5, ended=12.5, failures=[(1, "Refused")])
    found = merged(
        part(), part(recorder=late, hits={1: (["b"], [0.8])}, cpu_s=0.75, lags_s=[0.002], mean_in_flight=4.0)
    )
    assert (found.recorder.started, found.recorder.ended) == (10.0, 12.5)
    assert [index for _, _, _, index in found.recorder.samples] == [0, 2]
    assert found.recorder.failures == [(3, "Refused")]
    assert found.hits == {0: (["a"], [0.9]), 3: (["b"], [0.8])}
    assert (found.cpu_s, found.lags_s, found.mean_in_flight) == (1.25, [0.001, 0.002], 7.0)


def test_new_figure_can_not_be_left_out_of_the_merging() -> None:
    # A default would stand for it there, and nobody would notice that it is no measurement.
    for field in fields(Issued):
        assert field.default is MISSING and field.default_factory is MISSING, field.name


def test_process_that_did_not_begin_in_time_leaves_the_others_their_times() -> None:
    never = part(recorder=Recorder(ended=12.0))
    assert (merged(part(), never).recorder.started, merged(never, never).recorder.started) == (10.0, None)

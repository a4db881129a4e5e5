"""Figures as they are written."""

from __future__ import annotations

import pytest

from core.bench.analysis.findings import claim
from core.charts.formatting import duration, factor, times, title_claim
from tests.bench_runs import make_row


@pytest.mark.parametrize(
    ("value_s", "text"),
    [
        (0.2, "1 s"), (19.4, "19 s"), (42.0, "40 s"), (118.0, "120 s"), (130.0, "2 min"), (5_000.0, "83 min"),
        (4_568.0, "76 min"), (7_200.0, "2 h"), (9_000.0, "2 h 30 min"), (9_100.0, "2 h 30 min"),
    ],
)  # fmt: skip
def test_duration_is_in_figures_that_an_estimate_can_stand_for(value_s: float, text: str) -> None:
    assert duration(value_s) == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(1.234, "1.23"), (39.94, "39.9"), (150.4, "150"), (1234.5, "1,234")]
)
def test_factor_is_written_one_way_in_a_headline_and_on_a_chart(ratio: float, text: str) -> None:
    assert (times(ratio), factor(ratio)) == (text, f"{text}x")
    row = make_row("async", ratio)
    assert claim(row) == title_claim(row) == f"Async search was {text} times as fast as sync at 100 searches"

"""Figures as they are written."""

from __future__ import annotations

import pytest

from core.charts.formatting import duration


@pytest.mark.parametrize(
    ("value_s", "text"),
    [
        (0.2, "1 s"), (19.4, "19 s"), (42.0, "40 s"), (118.0, "120 s"), (130.0, "2 min"), (5_000.0, "83 min"),
        (4_568.0, "76 min"), (7_200.0, "2 h"), (9_000.0, "2 h 30 min"), (9_100.0, "2 h 30 min"),
    ],
)  # fmt: skip
def test_duration_is_in_figures_that_an_estimate_can_stand_for(value_s: float, text: str) -> None:
    assert duration(value_s) == text

"""With nothing in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.charts.tour.canvas import Shown
from core.charts.tour.near import near
from tests.bench_runs import (
    distance_run,
)
from tests.core.charts.figures import texts

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.portable


def test_difference_within_noise_is_no_gain() -> None:
    assert "1.02x</b>, no detectable difference" in texts(near(Shown(recorded=distance_run())))

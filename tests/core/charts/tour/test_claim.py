"""The published times beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.charts.tour.canvas import Shown
from core.charts.tour.claim import claim
from tests.bench_runs import (
    make_run,
    tutorial_run,
)
from tests.core.charts.figures import texts

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.portable


def test_claim_has_the_published_times_beside_ours() -> None:
    written = texts(claim(Shown(recorded=tutorial_run())))
    for part in ("3.29 s", "0.55 s", "30.8 s", "1.39 s", "2.00 s", "0.25 s", "20.0 s", "0.50 s"):
        assert part in written
    assert "<b>22.2x</b>" in written
    assert "<b>40.0x</b>" in written
    hidden = texts(claim(Shown(recorded=tutorial_run(), is_hidden=True)))
    assert "40.0x" not in hidden
    assert "22.2x" in hidden


def test_claim_says_that_published_times_have_first_calls_inside() -> None:
    apart, inside = tutorial_run(), make_run(*tutorial_run().trials, settings={"first_calls": "included"})
    assert "published with first calls, ours without" in claim(Shown(recorded=apart)).layout.xaxis.title.text
    assert "first calls" not in claim(Shown(recorded=inside)).layout.xaxis.title.text

"""A loop's heartbeat: how long it stood still, and nothing of it before the hall has guessed."""

from __future__ import annotations

import pytest

from core.charts.tour.canvas import Shown
from core.charts.tour.frozen import frozen
from tests.bench_runs import heartbeat_run, tutorial_run
from tests.core.charts.figures import texts

pytestmark = pytest.mark.portable


def test_every_way_of_calling_has_its_longest_gap() -> None:
    written = texts(frozen(Shown(recorded=heartbeat_run())))
    assert "<b>awaited</b>: longest gap <b>10 ms</b>" in written
    assert "<b>blocked</b>: longest gap <b>212 ms</b>" in written
    assert "<b>blocked in a thread</b>: longest gap <b>10 ms</b>" in written


def test_blocked_loop_shows_no_beat_and_no_gap_before_the_reveal() -> None:
    figure = frozen(Shown(recorded=heartbeat_run(), is_hidden=True))
    assert [trace.name for trace in figure.data] == ["awaited", "in a thread"]
    assert "212 ms" not in texts(figure) and not figure.layout.shapes


def test_guess_covers_as_many_milliseconds_as_it_says() -> None:
    figure = frozen(Shown(recorded=heartbeat_run(), guess=50, is_hidden=True))
    (shape,) = figure.layout.shapes
    assert (shape.x0, shape.x1) == (0, 0.05)


def test_run_without_heartbeats_has_no_loop_to_show() -> None:
    assert "Run it here" in texts(frozen(Shown(recorded=tutorial_run())))

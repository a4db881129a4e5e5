"""core.charts.run.race: the replay of measured data."""

from __future__ import annotations

import pytest

from core.charts.run.race import race
from tests.bench_runs import make_run, make_trial, proof_of
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_race_replays_both_lanes_on_one_clock() -> None:
    figure = race(make_run(), "search", 10)
    assert title(figure) == "Replay of measured data: 10 searches, async 1.00 s, sync 4.00 s"
    assert figure is not None
    assert len(figure.frames) <= 120
    half = figure.frames[50].data
    assert (half[0].x[0], half[1].x[0]) == (50.0, 100.0)
    assert half[1].text[0] == "<b>done after 1.00 s</b>"
    assert half[2].text[0] == "<b>2.00 s</b>"
    assert figure.frames[-1].data[0].x[0] == 100.0
    assert any(note.text == "<b>REPLAY</b>" for note in figure.layout.annotations)


@pytest.mark.parametrize(
    ("elapsed_s", "speed"), [(0.5, "0.05x"), (4.0, "1x"), (21.0, "2x"), (300.0, "50x"), (3000.0, "500x")]
)
def test_race_takes_about_ten_seconds_by_default(elapsed_s: float, speed: str) -> None:
    figure = race(make_run(make_trial("sync", elapsed_s)), "search", 10)
    assert figure is not None
    play = figure.layout.updatemenus[0].buttons[0]
    assert play.label == f"▶ Play {speed}"
    names, options = play.args
    assert (len(names) - 1) * options["frame"]["duration"] / 1000 <= 12.5
    assert {"1x", "2x", "5x", "20x", speed} == {
        button.label for button in figure.layout.updatemenus[1].buttons
    }


def test_race_at_every_speed_ends_at_the_end() -> None:
    figure = race(make_run(), "search", 10)
    assert figure is not None
    for menu in figure.layout.updatemenus:
        for button in menu.buttons:
            names, options = button.args
            assert names[-1] in {None, "100"}
            assert names[-1] is None or options["frame"]["duration"] >= 20
            assert options["frame"]["redraw"] is False


def test_race_stops_a_cut_lane_where_it_was_cut() -> None:
    cut = make_trial(
        "sync", 2.0, num_ok=5, cut=True, samples=tuple((0.0, 0.4 * i, True) for i in range(1, 6))
    )
    figure = race(make_run(cut, make_trial("async", 1.0)), "search", 10)
    assert figure is not None
    assert figure.frames[-1].data[0].x[0] == 50.0
    assert "cut at 50 % after 2.00 s" in figure.frames[-1].data[0].text[0]


def test_race_has_no_winner_that_failed() -> None:
    none = tuple((0.0, 0.02, False) for _ in range(10))
    failed = make_trial("async", 0.02, num_ok=0, num_failed=10, samples=none)
    assert title(race(make_run(make_trial("sync", 4.0), failed), "search", 10)) == (
        "Replay of measured data: 10 searches, sync 4.00 s, async 10 failed"
    )
    assert title(race(make_run(failed), "search", 10)) == (
        "Replay of measured data: 10 searches, every lane was cut or failed"
    )
    wrong = make_run(checks=(proof_of(make_trial("async", 1.0), passed=False),))
    assert title(race(wrong, "search", 10)) == "Replay of measured data: 10 searches, sync 4.00 s"

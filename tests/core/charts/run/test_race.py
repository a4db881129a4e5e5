"""core.charts: the replay, compared runs, and the words that all charts share."""

from __future__ import annotations

from typing import Any

import pytest

from core.charts import formatting
from core.charts.run.race import race
from core.charts.run_comparison import compare, compare_speedups
from tests.bench_runs import first_look_run, make_row, make_run, make_trial

pytestmark = pytest.mark.portable


def title(figure: Any) -> str:
    assert figure is not None
    return str(figure.layout.meta["title"])


# Race


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


# Comparing runs


def test_compare_puts_runs_on_the_same_axes() -> None:
    fast = make_run(make_trial("sync", 2.0), make_trial("async", 0.5))
    figure = compare([("laptop", make_run()), ("server", fast)], "search")
    assert title(figure) == "Async at 10 searches: 10/s in laptop and 20/s in server"
    assert figure is not None
    assert [trace.name for trace in figure.data] == [
        "laptop: sync", "laptop: async", "server: sync", "server: async",
    ]  # fmt: skip
    assert figure.data[0].line.color == figure.data[1].line.color != figure.data[2].line.color
    assert figure.data[1].marker.symbol == figure.data[3].marker.symbol


def test_compared_speedups_say_where_there_is_none() -> None:
    trials = [make_trial(lane, 1.0, count=100) for lane in ("sync", "async")]
    one = make_run(*trials, summary=(make_row("async", 4.0),))
    none = make_run(*trials, summary=(make_row("async", 1.01, verdict="no detectable difference"),))
    figure = compare_speedups([("A", one), ("B", none)], "search")
    assert title(figure) == "Async against the baseline at 100: 4.0x in A and no detectable difference in B"
    assert figure is not None
    assert list(figure.data[0].error_y.array) == pytest.approx([0.2])


# Words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (formatting.seconds(0.0432), "0.043 s"),
        (formatting.seconds(0.5), "0.50 s"),
        (formatting.seconds(308.8), "309 s"),
        (formatting.seconds(None), ""),
        (formatting.ms(1.48), "1,480 ms"),
        (formatting.ms(0.00035), "0.35 ms"),
        (formatting.factor(1.234), "1.23x"),
        (formatting.factor(39.94), "39.9x"),
        (formatting.rate(4.6), "4.6/s"),
        (formatting.rate(2832.4), "2,832/s"),
        (formatting.plural("search", 1), "1 search"),
        (formatting.plural("add", 1000), "1,000 adds"),
        (formatting.wrap("<b> & so on", 20), "&lt;b&gt; &amp; so on"),
        (formatting.safe("%{x}"), "&#37;{x}"),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert text == expected


def test_line_never_breaks_before_a_unit() -> None:
    text = formatting.wrap("aaaa bbbb cccc dddd 12 ms and more than that", 22)
    assert "12\u00a0ms" in text


def test_runs_are_compared_in_the_case_that_is_asked_for() -> None:
    run, other = first_look_run(), first_look_run(repeats=3)
    far = run.cases[-1]
    figure = compare([("one", run), ("other", other)], "search", far)
    assert figure is not None
    assert "60 ms of distance, simulated" in figure.layout.meta["subtitle"]
    # Ten operations that sync waits for one by one.
    assert figure.data[0].y[0] == pytest.approx(10 / 0.63, rel=0.05)
    ratios = compare_speedups([("one", run), ("other", other)], "search", far)
    assert ratios is not None
    assert ratios.data[0].y[0] == pytest.approx(7.0, rel=0.01)


def test_long_name_of_a_run_keeps_its_end_by_which_it_is_told_apart() -> None:
    names = [f"first-look, 2026-11-27 19:34:{second}" for second in (10, 47)]
    figure = compare([(name, make_run()) for name in names], "search")
    assert figure is not None
    assert len({trace.name for trace in figure.data}) == 4
    assert figure.data[0].name.endswith("19:34:10: sync")

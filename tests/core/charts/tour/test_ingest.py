"""A document's way both ways: the steps at their true times, and a guess that is a factor."""

from __future__ import annotations

import pytest

from core.charts.tour.canvas import Shown
from core.charts.tour.ingest import ingest
from tests.bench_runs import ingest_run, tutorial_run
from tests.core.charts.figures import texts

pytestmark = pytest.mark.portable


def test_steps_stand_where_they_were_measured_and_both_lanes_on_one_clock() -> None:
    run = ingest_run()
    figure = ingest(Shown(recorded=run))
    trials = {lane: run.trials_of("ingest", lane, max(run.counts_of("ingest"))) for lane in ("sync", "async")}
    drawn = [(trace.y[0], trace.base[0], trace.x[0]) for trace in figure.data if trace.y]
    for of_lane in trials.values():
        embed = next(span for span in of_lane[len(of_lane) // 2].spans if span.step == "embed")
        assert any(name == "Embedding" and base == pytest.approx(embed.start_s, rel=0.05)
                   for name, base, _ in drawn)  # fmt: skip
    assert len({axis.range for axis in figure.select_xaxes()}) == 1
    assert "<b>sync</b>, step by step: <b>30.3 s</b>" in texts(figure)


def test_time_and_bars_of_all_steps_at_once_wait_for_the_reveal() -> None:
    figure = ingest(Shown(recorded=ingest_run(), is_hidden=True))
    assert "all steps at once: <b>?</b>" in texts(figure)
    lengths = [trace.x[0] for trace in figure.data if trace.y]
    half = len(lengths) // 2
    assert all(lengths[:half]) and not any(lengths[half:])


def test_guess_stands_where_the_serial_time_is_so_many_times_as_long() -> None:
    (line,) = ingest(Shown(recorded=ingest_run(), guess=4)).layout.shapes
    assert line.x0 == pytest.approx(30.3 / 4)


def test_run_of_searches_has_no_steps() -> None:
    assert "Run it here" in texts(ingest(Shown(recorded=tutorial_run())))

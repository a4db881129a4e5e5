"""core.charts.run.factor: from the tutorial's factor to what is left of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.charts.run.factor import waterfall
from tests.bench_runs import factor_run
from tests.core.charts.figures import title

pytestmark = pytest.mark.portable


def test_waterfall_goes_from_factor_to_factor_and_says_what_is_left() -> None:
    figure = waterfall(factor_run(), "search")
    assert title(figure) == "Of 39.9x, 1.20x is left when both sides are batched"
    assert figure is not None
    dots, *lines, texts = figure.data
    assert list(dots.x) == pytest.approx([39.9, 18.4, 4.1, 1.3, 1.35, 1.2, 1.2])
    assert [tuple(line.x) for line in lines] == [
        (1.0, 39.9), (39.9, 18.4), (18.4, 4.1), (4.1, 1.3), (1.3, 1.35), (1.35, 1.2), (1.0, 1.2)
    ]  # fmt: skip
    assert dots.text[1] == texts.text[1].strip("\u00a0") == "<b>18.4x</b> (÷2.2)"
    assert [symbol.partition("-")[2] for symbol in dots.marker.symbol[1:6]] == [
        "left", "left", "left", "right", "left"
    ]  # fmt: skip
    assert figure.layout.xaxis.type == "log"
    assert "simulated" in figure.layout.meta["subtitle"]


def test_waterfall_names_steps_that_were_not_measured() -> None:
    figure = waterfall(factor_run((39.9, None, 4.1, 1.3, 1.35, 1.2)), "search")
    assert figure is not None
    assert figure.data[0].text[1] == "not measured"
    assert figure.data[0].x[1] is None
    # The next line starts from the last factor that is known.
    assert tuple(figure.data[3].x) == (39.9, 4.1)


def test_waterfall_says_when_nothing_is_left() -> None:
    run = factor_run((20.0, 10.0, 5.0, 2.0, 1.5, 1.01))
    rows = [*run.summary[:-1], replace(run.summary[-1], verdict="no detectable difference")]
    figure = waterfall(replace(run, summary=tuple(rows)), "search")
    assert title(figure) == "Of 20.0x, no detectable difference is left when both sides are batched"
    slower = waterfall(factor_run((20.0, 10.0, 5.0, 2.0, 1.5, 0.8)), "search")
    assert title(slower) == "Of 20.0x, nothing is left when both sides are batched: 0.80x"


def test_waterfall_does_not_claim_the_last_step_when_it_is_missing() -> None:
    figure = waterfall(factor_run((20.0, 10.0, 5.0, None, None, None)), "search")
    assert "batched" not in title(figure)
    assert title(waterfall(factor_run((20.0, None, None, None, None, None)), "search")).startswith(
        "20.0x with"
    )


def test_waterfall_says_what_is_projected() -> None:
    run = factor_run()
    rows = tuple(replace(row, is_projected=row.case.rtt_ms > 0) for row in run.summary)
    figure = waterfall(replace(run, summary=rows), "search")
    assert title(figure) == "Of 39.9x (projected), 1.20x is left when both sides are batched"

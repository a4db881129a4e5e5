"""What all charts of the Tour rely on: which runs are drawn, how factors and distances are written."""

from __future__ import annotations

import pytest

from core.bench.plan.conditions import Case
from core.charts.tour.canvas import HERE, RECORDED, Shown, away, axes_of, empty, factor_text, tag_guess
from tests.bench_runs import SERVER, make_row, make_run, make_trial, tutorial_run

pytestmark = pytest.mark.portable


def test_run_without_a_measured_trial_is_not_shown() -> None:
    nothing = make_run(make_trial("sync", 1.0, is_warmup=True), summary=())
    assert Shown(recorded=None, here=nothing).runs == []
    both = Shown(recorded=tutorial_run(), here=tutorial_run()).runs
    assert [name for name, _ in both] == [RECORDED, HERE]


def test_factor_is_written_with_its_doubt_and_an_unknown_one_not_at_all() -> None:
    rows = (
        make_row("async", 4.0),
        make_row("threads", 1.02, verdict="no detectable difference"),
        make_row("async-batch", None),
    )
    run = make_run(summary=rows)
    assert factor_text(run, "async", 100) == "<b>4.0x</b>"
    assert factor_text(run, "threads", 100) == "<b>1.02x</b>, no detectable difference"
    assert factor_text(run, "async-batch", 100) == factor_text(run, "async", 7) == ""


def test_only_a_simulated_distance_is_written_with_its_star() -> None:
    trial = make_trial("sync", 1.0, case=Case(rtt_ms=60))
    far = make_run(trial, settings={"rtt_ms": 60, "target": SERVER}, summary=())
    assert (away(far), away(tutorial_run())) == (", 60 ms away*", "")


@pytest.mark.parametrize(
    ("row", "column", "num_columns", "axes"),
    [(1, 1, 2, ("x", "y")), (1, 2, 2, ("x2", "y2")), (2, 1, 2, ("x3", "y3")), (3, 1, 1, ("x3", "y3"))],
)
def test_panels_are_counted_row_by_row(
    row: int, column: int, num_columns: int, axes: tuple[str, str]
) -> None:
    assert axes_of(row, column, num_columns) == axes


@pytest.mark.parametrize(
    ("guess", "unit", "said"), [(12, "x", "guess 12x"), (1500, "ms", "guess 1,500 ms"), (64, "", "guess 64")]
)
def test_guess_is_tagged_with_its_unit(guess: float, unit: str, said: str) -> None:
    figure = empty()
    tag_guess(figure, guess, unit, x=0, y=0)
    assert figure.layout.annotations[-1].text == f"<b>{said}</b>"

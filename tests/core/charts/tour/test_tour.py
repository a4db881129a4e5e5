"""core.charts.tour: one chart a scene, with what is recorded, what is measured here, and the hall's guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.bench.analysis.speedups import summarize
from core.bench.recorded import recorded_run
from core.bench.records.run import Run
from core.charts.tour.canvas import GUESS_COLOR, HEIGHT_PX, HERE_SYMBOL, WIDTH_PX, Shown
from core.charts.tour.claim import claim
from core.charts.tour.cost import cost
from core.charts.tour.distance import distance
from core.charts.tour.factor import factor
from core.charts.tour.frozen import frozen
from core.charts.tour.ingest import ingest
from core.charts.tour.near import near
from core.charts.tour.waiting import waiting
from core.tour.scenes import SCENES
from tests.bench_runs import (
    bounded_run,
    distance_run,
    factor_run,
    heartbeat_run,
    ingest_run,
    make_run,
    make_trial,
    proof_of,
    tutorial_run,
)
from tests.core.charts.figures import texts

if TYPE_CHECKING:
    import plotly.graph_objects as go

pytestmark = pytest.mark.portable

Draw = Callable[[Shown], "go.Figure"]


CHARTS: dict[str, tuple[Draw, Callable[[], Run]]] = {
    "claim": (claim, tutorial_run),
    "waiting": (waiting, tutorial_run),
    "factor": (factor, factor_run),
    "near": (near, distance_run),
    "distance": (distance, distance_run),
    "cost": (cost, bounded_run),
    "frozen": (frozen, heartbeat_run),
    "ingest": (ingest, ingest_run),
}
each = pytest.mark.parametrize("name", CHARTS)


def test_every_scene_has_its_chart_here() -> None:
    assert {scene.name: scene.draw for scene in SCENES} == {name: draw for name, (draw, _) in CHARTS.items()}


@each
def test_chart_has_the_size_of_the_stage_and_large_type(name: str) -> None:
    draw, make = CHARTS[name]
    figure = draw(Shown(recorded=make()))
    assert (figure.layout.width, figure.layout.height) == (WIDTH_PX, HEIGHT_PX)
    assert figure.data
    sizes = [note.font.size for note in figure.layout.annotations if note.font.size]
    assert min([figure.layout.font.size, *sizes]) >= 20


@each
def test_chart_without_a_record_says_so(name: str) -> None:
    draw, _ = CHARTS[name]
    assert "Run it here" in texts(draw(Shown(recorded=None)))


@each
def test_chart_shows_what_was_measured_here_beside_what_was_recorded(name: str) -> None:
    draw, make = CHARTS[name]
    alone, both = draw(Shown(recorded=make())), draw(Shown(recorded=make(), here=make()))
    assert len(both.to_json()) > len(alone.to_json())
    axes = [axis.title.text or "" for axis in both.select_xaxes()]
    labels = [str(trace.y) for trace in both.data]
    symbols = [getattr(trace.marker, "symbol", None) for trace in both.data]
    assert "here" in texts(both) + str(axes) + str(labels) or HERE_SYMBOL in symbols


@each
def test_guess_is_drawn_and_what_was_guessed_is_hidden_until_it_is_revealed(name: str) -> None:
    draw, make = CHARTS[name]
    run = make()
    hidden = draw(Shown(recorded=run, guess=4, is_hidden=True))
    revealed = draw(Shown(recorded=run, guess=4))
    for figure in (hidden, revealed):
        (tag,) = [note for note in figure.layout.annotations if "guess 4" in (note.text or "")]
        assert tag.bgcolor == GUESS_COLOR
    assert len(hidden.to_json()) < len(revealed.to_json())


@each
def test_reveal_moves_no_axis(name: str) -> None:
    draw, make = CHARTS[name]
    run = make()
    hidden, revealed = (draw(Shown(recorded=run, guess=4, is_hidden=hides)) for hides in (True, False))
    for axes in ("select_xaxes", "select_yaxes"):
        ranges = [[axis.range for axis in getattr(figure, axes)()] for figure in (hidden, revealed)]
        assert ranges[0] == ranges[1]
    assert hidden.layout.margin == revealed.layout.margin


@pytest.mark.parametrize("guess", [1e-6, 1e6])
@each
def test_guess_that_is_far_off_leaves_room_for_the_rest(name: str, guess: float) -> None:
    draw, make = CHARTS[name]
    run = make()
    plain, guessed = draw(Shown(recorded=run)), draw(Shown(recorded=run, guess=guess))
    for before, after in zip(plain.select_xaxes(), guessed.select_xaxes(), strict=True):
        if before.range and before.type != "log":
            assert after.range[1] <= 3 * before.range[1]


def test_recorded_runs_draw_every_chart_that_has_one() -> None:
    for name, (draw, _) in CHARTS.items():
        recording = {"claim": "tutorial", "waiting": "tutorial", "near": "distance", "cost": "concurrency",
                     "frozen": "heartbeat"}.get(name, name)  # fmt: skip
        assert "Run it here" not in texts(draw(Shown(recorded=recorded_run(recording))))


def failed(run: Run) -> Run:
    """The same, but async's searches found other ids than sync's."""
    checks = tuple(proof_of(trial, passed=trial.lane == "sync") for trial in run.trials)
    return replace(run, checks=checks, summary=summarize(replace(run, checks=checks)))


def test_lane_that_failed_its_check_has_no_speed_here() -> None:
    claimed = texts(claim(Shown(recorded=None, here=failed(tutorial_run()))))
    assert "40.0x" not in claimed and "0.50 s" not in claimed
    beside = near(Shown(recorded=None, here=failed(distance_run())))
    assert not any(trace.y and "async" in str(trace.y) for trace in beside.data)
    far = texts(distance(Shown(recorded=distance_run(), here=failed(distance_run()))))
    assert "here, now" not in far


def test_factor_within_noise_or_of_failed_operations_is_no_plain_factor() -> None:
    times_s = {"sync": (1.0, 1.0, 1.1), "async": (1.0, 0.9, 1.1)}
    trials = [
        make_trial(lane, time_s, repeat=repeat)
        for lane, of_lane in times_s.items()
        for repeat, time_s in enumerate(of_lane)
    ]
    assert "1.04x</b>, no detectable difference" in texts(claim(Shown(recorded=None, here=make_run(*trials))))
    failing = [replace(trial, num_ok=9, num_failed=1) if trial.lane == "async" else trial for trial in trials]
    assert "x</b>" not in texts(claim(Shown(recorded=None, here=make_run(*failing))))
    assert "1.02x</b>, no detectable difference" in texts(
        distance(Shown(recorded=distance_run(), called_ms=0))
    )

"""core.charts.tour: one chart a scene, with what is recorded, what is measured here, and the hall's guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.bench.plan.conditions import Case
from core.bench.recorded import recorded_run
from core.bench.records.run import Run
from core.charts.tour.canvas import GUESS_COLOR, HEIGHT_PX, HERE_SYMBOL, WIDTH_PX, Shown
from core.charts.tour.claim import claim
from core.charts.tour.cost import cost
from core.charts.tour.distance import at, distance
from core.charts.tour.factor import factor
from core.charts.tour.frozen import frozen
from core.charts.tour.ingest import ingest
from core.charts.tour.near import near
from core.charts.tour.waiting import waiting
from core.tour.scenes import SCENES
from tests.bench_runs import (
    concurrency_run,
    distance_run,
    factor_run,
    heartbeat_run,
    ingest_run,
    make_run,
    make_trial,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

pytestmark = pytest.mark.portable

Draw = Callable[[Shown], "go.Figure"]


def tutorial_run() -> Run:
    """Ten searches take 2 s one by one and 0.25 s at once; a hundred 20 s and 0.5 s."""
    times_s = (("sync", 10, 2.0), ("async", 10, 0.25), ("sync", 100, 20.0), ("async", 100, 0.5))
    return make_run(*(make_trial(lane, elapsed_s, count=count) for lane, count, elapsed_s in times_s))


def bounded_run() -> Run:
    """The sweep over concurrency, of the one lane that the Tour shows."""
    run = concurrency_run()
    return replace(run, trials=tuple(trial for trial in run.trials if trial.lane == "async-bounded"))


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


def texts(figure: go.Figure) -> str:
    """All that is written on a chart."""
    found = [note.text for note in figure.layout.annotations]
    for trace in figure.data:
        found += [trace.text] if isinstance(trace.text, str) else list(trace.text or ())
    return " | ".join(map(str, found))


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


def test_claim_has_the_published_times_beside_ours() -> None:
    written = texts(claim(Shown(recorded=tutorial_run())))
    for part in ("3.29 s", "0.55 s", "30.8 s", "1.39 s", "2.00 s", "0.25 s", "20.0 s", "0.50 s"):
        assert part in written
    assert "<b>22.2x</b>" in written
    assert "<b>40.0x</b>" in written
    hidden = texts(claim(Shown(recorded=tutorial_run(), is_hidden=True)))
    assert "40.0x" not in hidden
    assert "22.2x" in hidden


def test_waiting_can_be_played_for_as_long_as_the_slower_lane_took() -> None:
    figure = waiting(Shown(recorded=tutorial_run()))
    assert figure.layout.meta["play"] == [{"axis": "xaxis", "until_s": 2.0}]
    staircase, stack = figure.data
    assert stack.x[-1] == 0.25
    assert set(waiting(Shown(recorded=tutorial_run(), is_hidden=True)).data[1].x) == {0.0}
    assert list(staircase.base) == sorted(staircase.base)
    assert set(stack.base) == {0.0}
    assert len(waiting(Shown(recorded=tutorial_run(), here=tutorial_run())).layout.meta["play"]) == 2


def test_waiting_shows_the_most_typical_repeat_and_says_so() -> None:
    times_s = {"sync": (2.6, 2.0, 1.9), "async": (0.4, 0.25, 0.2)}
    trials = [
        make_trial(lane, elapsed_s, count=10, repeat=repeat)
        for lane, of_lane in times_s.items()
        for repeat, elapsed_s in enumerate(of_lane)
    ]
    figure = waiting(Shown(recorded=make_run(*trials, settings={"repeats": 3})))
    assert figure.layout.meta["play"] == [{"axis": "xaxis", "until_s": 2.0}]
    written = texts(figure)
    assert "<b>2.00 s</b>" in written and "<b>0.25 s</b>" in written
    titles = [axis.title.text for axis in figure.select_xaxes() if axis.title.text]
    assert titles == ["seconds, recorded, the most typical of 3 repeats"]


def test_claim_says_that_published_times_have_first_calls_inside() -> None:
    apart, inside = tutorial_run(), make_run(*tutorial_run().trials, settings={"first_calls": "included"})
    assert "published with first calls, ours without" in claim(Shown(recorded=apart)).layout.xaxis.title.text
    assert "first calls" not in claim(Shown(recorded=inside)).layout.xaxis.title.text


def test_simulated_distance_is_marked_with_a_star() -> None:
    run = make_run(settings={"rtt_ms": 60, "target": "http://m:19530"})
    case = run.plan.cases[0][0]
    trials = [make_trial(lane, 1.0, case=case) for lane in ("sync", "async")]
    here = make_run(*trials, settings={"rtt_ms": 60, "target": "http://m:19530"})
    figure = waiting(Shown(recorded=tutorial_run(), here=here))
    assert any("60 ms away*" in (axis.title.text or "") for axis in figure.select_xaxes())


def test_knee_that_was_measured_at_a_distance_says_so() -> None:
    near = bounded_run()
    far = tuple(replace(trial, case=replace(trial.case, rtt_ms=60)) for trial in near.trials)
    here = replace(near, plan=replace(near.plan, rtt_ms=60), trials=far)
    notes = [each.text for each in cost(Shown(recorded=near, here=here)).layout.annotations]
    assert next(text for text in notes if "knee here" in text).endswith(" at once, 60 ms away*</b>")
    assert not any("away" in text for text in notes if "here" not in text)


def test_what_was_called_out_is_on_the_chart_however_far_it_was() -> None:
    recorded = distance_run()
    far = Case(rtt_ms=900, consistency="Bounded")
    slow = [
        make_trial(lane, elapsed_s, count=100, case=far)
        for lane, elapsed_s in (("sync", 150.0), ("async", 2.0))
    ]
    here = make_run(*slow, settings={"rtt_ms": 900, "consistency": "Bounded"}, summary=())
    figure = distance(Shown(recorded=recorded, here=here, called_ms=200))
    assert figure.layout.yaxis.range[1] > 100.0 and figure.layout.xaxis.range[1] > 900


def test_difference_within_noise_is_no_gain() -> None:
    assert "1.02x</b>, no detectable difference" in texts(near(Shown(recorded=distance_run())))


def test_value_between_two_distances_lies_between_theirs() -> None:
    line = {0: 1.0, 100: 3.0}
    assert (at(line, 0), at(line, 50), at(line, 100), at(line, 101)) == (1.0, 2.0, 3.0, None)


def test_distance_that_was_called_out_has_its_factor() -> None:
    written = texts(distance(Shown(recorded=distance_run(), called_ms=60)))
    assert "<b>11.0x</b>" in written
    assert "between" in texts(distance(Shown(recorded=distance_run(), called_ms=55)))


def test_recorded_runs_draw_every_chart_that_has_one() -> None:
    for name, (draw, _) in CHARTS.items():
        recording = {"claim": "tutorial", "waiting": "tutorial", "near": "distance", "cost": "concurrency",
                     "frozen": "heartbeat"}.get(name, name)  # fmt: skip
        assert "Run it here" not in texts(draw(Shown(recorded=recorded_run(recording))))

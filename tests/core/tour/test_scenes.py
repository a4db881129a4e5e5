"""core.tour: the scenes, what stands beside a chart, and a run that goes on."""

from __future__ import annotations

import pytest

from core.bench.recorded import RECORDINGS, recorded_run
from core.charts.tour.canvas import Shown
from core.errors import PlanError
from core.tour.scenes import SCENES, Scene, scene_number
from tests.bench_runs import SERVER

pytestmark = pytest.mark.portable

each = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)


def test_there_are_eight_scenes_each_with_a_sentence_that_fits_a_line() -> None:
    assert len(SCENES) == 8
    assert len({scene.name for scene in SCENES}) == 8
    assert max(len(scene.sentence) for scene in SCENES) <= 64


@each
def test_scene_has_notes_a_question_and_a_chart(scene: Scene) -> None:
    assert len(scene.notes) >= 2
    assert scene.question.text.endswith("?")
    assert scene.question.unit in {"x", "s", "ms", ""}
    assert scene.draw(Shown(recorded=recorded_run(scene.recording))).layout.width


@each
@pytest.mark.parametrize("target", ["lite", SERVER, "https://far.example:443"])
def test_scene_can_be_run_wherever_milvus_is(scene: Scene, target: str) -> None:
    plan = scene.plan(target, 35)
    assert plan.target in {target, "lite"}
    assert plan.num_trials <= 60
    if scene.asks_distance:
        assert plan.sweep_values == (35,)
    if plan.target == "lite" and scene.name in {"claim", "waiting", "frozen", "cost"}:
        assert plan.rtt_ms == 60


def test_scene_without_distance_runs_on_milvus_lite() -> None:
    near = next(scene for scene in SCENES if scene.name == "near")
    plan = near.plan(SERVER, 60)
    assert (plan.target, plan.rtt_ms, plan.needs_proxy) == ("lite", 0, False)


def test_distance_is_measured_with_as_many_searches_as_were_recorded() -> None:
    scene = next(scene for scene in SCENES if scene.asks_distance)
    recorded = recorded_run(scene.recording)
    assert recorded is not None
    plan = scene.plan("lite", 60)
    assert (plan.counts, plan.dim, plan.consistency) == (
        recorded.plan.counts,
        recorded.plan.dim,
        recorded.plan.consistency,
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("0", 1), ("99", 8), ("", 1), ("x", 1), ("-1", 1), ("³", 1), ("1e9", 1), ("9" * 5000, 1)],
)
def test_address_leads_to_a_scene_whatever_stands_in_it(text: str, number: int) -> None:
    assert scene_number(text) == number


def test_every_record_of_a_scene_is_one_that_comes_with_overlap() -> None:
    names = {recording.name for recording in RECORDINGS}
    assert {scene.recording for scene in SCENES} <= names


def test_scene_that_nothing_can_measure_is_refused_in_a_sentence() -> None:
    scene = next(scene for scene in SCENES if scene.name == "cost")
    with pytest.raises(PlanError):
        scene.plan("no address", 60)

"""core.tour: the scenes, what stands beside a chart, and a run that goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.bench.plan.conditions import Case
from core.bench.plan.presets import preset_plan
from core.bench.progress import LaneProgress, Round, Snapshot
from core.bench.recorded import RECORDINGS, recorded_run
from core.bench.records.codec import write_run
from core.charts.tour.canvas import Shown
from core.errors import PlanError
from core.tour.about import SIMULATED, about
from core.tour.live import run_so_far
from core.tour.scenes import SCENES, Scene, scene_number
from tests.bench_runs import SERVER, make_run, make_trial

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


def test_what_stands_beside_a_chart_says_when_where_how_often_and_how_sure() -> None:
    run = make_run(
        *(make_trial(lane, time_s * (1 + repeat / 50), repeat=repeat)
          for lane, time_s in (("sync", 4.0), ("async", 1.0)) for repeat in range(5)),
        environment={"cpu": "Xeon", "cores": 4},
        target=SERVER,
    )  # fmt: skip
    text = about(run, is_recorded=True)
    for part in (
        "recorded on 22 Nov 2026",
        "Xeon, 4 cores",
        "Milvus server",
        "Strong",
        "5 repeats",
        "4.0 times as fast (95 %)",
        "1 of 1 checks passed",
    ):
        assert part in text
    assert "times as fast" not in about(run, is_recorded=True, with_factor=False)
    assert about(run, is_recorded=False).startswith("measured here, now")
    assert SIMULATED not in text


def test_chunks_of_an_ingest_are_not_called_operations_that_are_under_way_at_once() -> None:
    run = recorded_run("ingest")
    assert run is not None
    text = about(run, is_recorded=True)
    assert " · 85 chunks · 3 repeats · " in text and "times as fast (95 %)" in text
    assert "operations" not in text and "at once" not in text


def test_one_repeat_and_a_simulated_distance_are_said() -> None:
    case = Case(rtt_ms=60)
    trials = [make_trial(lane, 1.0, case=case) for lane in ("sync", "async")]
    run = make_run(*trials, settings={"rtt_ms": 60, "target": SERVER})
    assert "1 repeat · no uncertainty known" in about(run, is_recorded=False)
    assert SIMULATED not in about(run, is_recorded=False, shows_distance=False)
    assert about(run, is_recorded=False).endswith(SIMULATED)


def snapshot(lane: str, repeat: int, done: int, elapsed_s: float) -> Snapshot:
    current = Round(operation="search", count=10, repeat=repeat, is_warmup=False, case=Case())
    progress = LaneProgress(
        lane=lane, count=10, done=done, failed=0, elapsed_s=elapsed_s, ops_per_s=done / elapsed_s
    )
    return Snapshot(state="running", round=current, lanes={lane: progress}, measured=lane)


def test_run_that_goes_on_grows_with_the_trial_that_is_under_way(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    plan = preset_plan("tutorial")
    run = run_so_far(path, plan, snapshot("sync", 0, 4, 0.8))
    assert [(trial.lane, trial.elapsed_s, trial.num_ok) for trial in run.measured] == [("sync", 0.8, 4)]
    saved = make_run(make_trial("sync", 2.0), summary=())
    write_run(saved, path)
    later = run_so_far(path, plan, snapshot("async", 0, 3, 0.1))
    assert [(trial.lane, trial.elapsed_s) for trial in later.measured] == [("sync", 2.0), ("async", 0.1)]


def test_later_repeat_that_is_not_finished_pulls_no_mean_down(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_run(replace(make_run(make_trial("sync", 2.0), summary=()), status="complete"), path)
    run = run_so_far(path, preset_plan("tutorial"), snapshot("sync", 1, 1, 0.1))
    assert [trial.elapsed_s for trial in run.measured] == [2.0]


def test_scene_that_nothing_can_measure_is_refused_in_a_sentence() -> None:
    scene = next(scene for scene in SCENES if scene.name == "cost")
    with pytest.raises(PlanError):
        scene.plan("no address", 60)

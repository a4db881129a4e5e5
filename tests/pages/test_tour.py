"""The Tour: its scenes, the speaker's notes, what is run here and what falls back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.bench.plan.plan import Plan
from core.bench.records.codec import write_run
from core.bench.records.run import Run
from core.bench.supervisor import STOP_CLICKED, BenchProcess, runs
from core.config.settings import Settings
from core.tour.scenes import SCENES
from pages.state.talk import Talk, forget_talk, talk_of
from pages.views.tour.measuring import begin, run_here, settle, target_here
from tests.bench_runs import make_run, make_trial
from tests.pages.conftest import html, texts
from tests.pages.page_test import page_test

WAIT_S = 60.0
SAYS = """print('{"event": "finished", "status": "STATUS", "path": "x", "note": "NOTE"}')"""


@pytest.fixture(autouse=True)
def clean_slate() -> Iterator[None]:
    runs.forget()
    forget_talk("")
    yield
    if runs.current is not None:
        runs.current.stop(STOP_CLICKED)
        runs.current.wait(WAIT_S)
    runs.forget()
    forget_talk("")


def open_tour(**parameters: str) -> AppTest:
    page = page_test("tour")
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


@pytest.mark.parametrize("number", range(1, len(SCENES) + 1))
def test_every_scene_opens_by_its_number_with_its_sentence(number: int) -> None:
    page = open_tour(scene=str(number))
    assert page.title[0].value == SCENES[number - 1].sentence
    assert len(page.slider) == SCENES[number - 1].asks_distance


def test_figures_stand_beside_when_and_where_they_were_measured() -> None:
    about = html(open_tour(scene="1"))
    assert "recorded on " in about
    assert "checks passed" in about


def test_tour_without_a_number_joins_the_talk_that_goes_on(settings: Settings) -> None:
    assert open_tour().title[0].value == SCENES[0].sentence
    talk_of(settings).go(4)
    assert open_tour().title[0].value == SCENES[3].sentence


def test_address_that_is_still_the_last_scenes_does_not_move_the_talk_back(settings: Settings) -> None:
    page = open_tour(scene="2")
    talk_of(settings).go(3)
    # What a browser sends while the third scene is on its way to it.
    page.query_params["scene"] = "2"
    page.run()
    assert page.title[0].value == SCENES[2].sentence
    assert talk_of(settings).scene == 3


def test_predicting_asks_first_and_shows_after_the_reveal(settings: Settings) -> None:
    page = open_tour(scene="1")
    page.toggle(key="tour_predict").set_value(True).run()
    assert page.title[0].value == SCENES[0].question.text
    assert "times as fast" not in html(page)
    page.number_input(key="tour_guess_1").set_value(3.0).run()
    assert talk_of(settings).guesses == {1: 3.0}
    page.button(key="reveal").click().run()
    assert not page.exception
    assert page.title[0].value == SCENES[0].sentence
    assert "times as fast" in html(page)
    assert [button.key for button in page.button if button.key == "reveal"] == []


def test_notes_show_the_scene_the_next_one_and_the_time_used(settings: Settings) -> None:
    talk = talk_of(settings)
    talk.go(2)
    assert talk.begun_s is not None
    talk.begun_s -= 125
    page = open_tour(notes="1")
    assert page.title[0].value.startswith("2 of 8")
    said = texts(page).replace("\\", "")
    assert SCENES[1].notes[0] in said
    assert f"Next: {SCENES[2].sentence}" in said
    assert "<b>2:0" in html(page)
    page.button(key="tour_again").click().run()
    assert "<b>0:0" in html(page)


def test_last_scene_has_no_next_one(settings: Settings) -> None:
    talk_of(settings).go(8)
    assert "This is the last scene." in texts(open_tour(notes="1"))


def started(
    talk: Talk, settings: Settings, status: str, run: Run | None, number: int = 1, note: str = ""
) -> BenchProcess:
    """A run of the scene whose process has ended like that, with that record."""
    plan = SCENES[number - 1].plan("lite", 60)
    path = settings.runs_dir / "20261127T000000Z-0a1b2c.json"
    if run is not None:
        write_run(run, path)
    argv = [sys.executable, "-c", SAYS.replace("STATUS", status).replace("NOTE", note)]
    process = runs.start(lambda: BenchProcess(argv, env=os.environ, run_path=path, plan=plan))
    process.wait(WAIT_S)
    talk.measuring = (number, plan)
    return process


def test_what_was_measured_here_is_laid_beside_what_was_recorded(settings: Settings) -> None:
    talk = talk_of(settings)
    started(talk, settings, "complete", make_run())
    about = html(open_tour(scene="1"))
    assert "measured here, now" in about
    assert "recorded on " in about
    assert run_here(1, talk) is not None
    assert "measured here, now" not in html(open_tour(scene="3"))


def test_run_that_fails_falls_back_to_the_record_with_its_mark_and_one_sentence(settings: Settings) -> None:
    failed = make_run(trials=(), checks=(), summary=(), status="failed", note="Milvus at <x> is gone.")
    started(talk_of(settings), settings, "failed", failed)
    about = html(open_tour(scene="1"))
    assert "The run here failed. Milvus at &lt;x&gt; is gone. What you see was recorded." in about
    assert "Recorded on 20" in about
    assert "measured here, now" not in about


def test_run_in_which_operations_failed_is_not_shown(settings: Settings) -> None:
    talk = talk_of(settings)
    run = make_run(make_trial("sync", 1.0), make_trial("async", 1.0, num_ok=7, num_failed=3))
    started(talk, settings, "complete", run)
    assert "3 operations did" in html(open_tour(scene="1"))
    assert run_here(1, talk) is None


def test_run_that_was_stopped_leaves_the_scene_as_it_was(settings: Settings) -> None:
    talk = talk_of(settings)
    started(talk, settings, "stopped", None, note=STOP_CLICKED)
    settle(1, settings, talk)
    assert (talk.here, talk.failed, talk.measuring) == ({}, {}, None)


def test_run_that_the_presenter_did_not_stop_says_why_it_was(settings: Settings) -> None:
    talk = talk_of(settings)
    started(talk, settings, "stopped", None, note="It took too long.")
    settle(1, settings, talk)
    assert talk.failed == {1: "The run here was stopped. It took too long. What you see was recorded."}


def test_run_that_can_not_be_started_is_said_and_the_record_stays(settings: Settings) -> None:
    talk = talk_of(settings)
    busy = [sys.executable, "-c", "import signal; signal.pause()"]
    runs.start(lambda: BenchProcess(busy, env=os.environ, run_path=Path("x.json"), plan=Plan(counts=(10,))))
    begin(SCENES[0], 1, settings, talk)
    about = html(open_tour(scene="1"))
    assert "Another benchmark is running" in about
    assert "What you see was recorded." in about


def test_run_is_made_at_the_server_that_is_there(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert target_here(settings) == "lite"
    monkeypatch.setenv("MILVUS_URI", "http://127.0.0.1:19999")
    assert target_here(Settings.from_env()) == "http://127.0.0.1:19999"

"""What a scene measures here: started, kept for the talk, and said where it fails."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from core.bench.plan.plan import Plan
from core.bench.supervisor import STOP_CLICKED, BenchProcess, runs
from core.config.settings import Settings
from core.tour.scenes import SCENES
from pages.state.talk import talk_of
from pages.views.tour.measuring import begin, run_here, settle, target_here
from tests.bench_runs import make_run, make_trial
from tests.pages.conftest import html
from tests.pages.touring import open_tour, started

pytestmark = pytest.mark.usefixtures("no_talk_left")


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

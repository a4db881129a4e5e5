"""A scene on the stage: where the talk is, and what is asked before it is shown."""

from __future__ import annotations

import pytest

from core.bench.run_progress import Snapshot, advance
from core.config.settings import Settings
from core.tour.scenes import SCENES
from pages.state.talk import talk_of
from pages.views.tour.stage import _known, _lane
from tests.bench_events import progress_event
from tests.bench_runs import make_run, make_trial
from tests.pages.conftest import html
from tests.pages.touring import open_tour

pytestmark = pytest.mark.usefixtures("no_talk_left")


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


def test_lane_that_is_measured_says_how_far_it_is() -> None:
    assert _lane(Snapshot()) == "getting ready"
    snapshot = advance(Snapshot(), progress_event(count=1000, done=400))
    assert _lane(snapshot) == "sync 400 of 1,000"
    ended = advance(snapshot, progress_event(event="trial", done=1000))
    assert _lane(ended) == "trial 1 of 4"


def test_run_that_grew_is_another_one_to_draw() -> None:
    run = make_run()
    assert _known(None) == ()
    assert _known(run) == _known(make_run())
    assert _known(run) != _known(make_run(status="stopped"))
    assert _known(run) != _known(make_run(make_trial("sync", 4.0), make_trial("async", 2.0)))

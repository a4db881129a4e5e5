"""The speaker's window."""

from __future__ import annotations

import pytest

from core.config.settings import Settings
from core.tour.scenes import SCENES
from pages.state.talk import talk_of
from tests.pages.conftest import html, texts
from tests.pages.touring import open_tour

pytestmark = pytest.mark.usefixtures("no_talk_left")


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

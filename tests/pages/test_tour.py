"""The Tour: its scenes, the speaker's notes, what is run here and what falls back."""

from __future__ import annotations

import pytest

from core.config.settings import Settings
from core.tour.scenes import SCENES
from pages.state.talk import talk_of
from tests.pages.conftest import html
from tests.pages.touring import open_tour

pytestmark = pytest.mark.usefixtures("no_talk_left")


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

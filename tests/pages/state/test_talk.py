"""pages.state.talk: where a talk is, for all windows of who gives it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from core.config.settings import Settings
from core.hosting.identity import visitor_of_browser
from pages.state.talk import OVER_AFTER_S, Talk, forget_talk, talk_of


@pytest.fixture(autouse=True)
def no_talk() -> Iterator[None]:
    forget_talk("")
    yield
    forget_talk("")


def test_clock_starts_with_the_first_move_to_another_scene() -> None:
    talk = Talk()
    talk.go(1)
    assert (talk.begun_s, talk.used_s) == (None, 0.0)
    talk.go(2)
    assert talk.begun_s is not None
    begun_s = talk.begun_s
    talk.go(3)
    assert talk.begun_s == begun_s
    assert (talk.scene, talk.moves) == (3, 3)


def test_what_is_predicted_is_hidden_in_each_scene_until_it_is_revealed() -> None:
    talk = Talk()
    assert not talk.is_hidden
    talk.is_predicting = True
    assert talk.is_hidden
    talk.reveal()
    assert not talk.is_hidden
    talk.go(2)
    assert talk.is_hidden
    talk.go(1)
    assert not talk.is_hidden
    talk.guesses[1] = 4.0
    talk.begin_again()
    assert talk.is_hidden
    assert talk.guesses == {}


def test_windows_of_one_visitor_share_a_talk_and_others_have_their_own(settings: Settings) -> None:
    mine, others = (settings.for_visitor(visitor_of_browser(name * 32)) for name in "ab")
    talk = talk_of(mine)
    assert talk_of(mine) is talk
    assert talk_of(others) is not talk
    forget_talk(mine.visitor)
    assert talk_of(mine) is not talk


def test_talk_of_yesterday_is_over(settings: Settings) -> None:
    talk = talk_of(settings)
    talk.go(8)
    talk.moved_s = time.monotonic() - OVER_AFTER_S - 1
    assert talk_of(settings).scene == 1

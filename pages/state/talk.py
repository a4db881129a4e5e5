"""Where a talk is: its scene, what was revealed and measured in it, and since when it goes on.

Kept here and not in a session, so that the speaker's second window follows the first one and moves it,
and a reload in the middle of a talk loses nothing. A talk belongs to a browser, or to the visitor of a
shared app.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import streamlit as st

from core.bench.plan.plan import Plan
from core.config.settings import Settings

# Streamlit's own cookie against forged requests: each browser has another one.
BROWSER_COOKIE = "_streamlit_xsrf"
MAX_TALKS = 200


@dataclass(slots=True)
class Talk:
    """scene: from 1. moves: how often it changed, by which another window sees that it did.

    begun_s: the clock's start, in s since 1970; None before the first move. measuring: the scene and the
    plan that "Run it here" started last. here: by scene, the record of what was measured in this talk.
    failed: by scene, the sentence on a run that did not come to its end.
    """

    scene: int = 1
    moves: int = 0
    begun_s: float | None = None
    is_predicting: bool = False
    revealed: set[int] = field(default_factory=set)
    measuring: tuple[int, Plan] | None = None
    here: dict[int, Path] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)

    def go(self, scene: int) -> None:
        """Show that scene in every window of the talk. The clock starts with the first move."""
        if scene != self.scene and self.begun_s is None:
            self.begun_s = time.time()
        self.scene = scene
        self.moves += 1

    def begin_again(self) -> None:
        """Set the clock to nought and hide again what was revealed."""
        self.begun_s = time.time()
        self.revealed.clear()
        self.moves += 1

    @property
    def used_s(self) -> float:
        """Seconds since the talk began; 0 before."""
        return 0.0 if self.begun_s is None else time.time() - self.begun_s


_talks: OrderedDict[str, Talk] = OrderedDict()
_lock = Lock()


def talk_of(settings: Settings) -> Talk:
    """The talk of whoever looks at the page."""
    who = settings.visitor or st.context.cookies.get(BROWSER_COOKIE, "")
    with _lock:
        talk = _talks.setdefault(who, Talk())
        _talks.move_to_end(who)
        while len(_talks) > MAX_TALKS:
            _talks.popitem(last=False)
        return talk

"""Where a talk is: its scene, what was revealed and measured in it, and since when it goes on.

Kept here and not in a session, so that the speaker's second window follows the first one and moves it,
and a reload in the middle of a talk loses nothing. An app of one's own has one talk, a shared app one for
each visitor.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from cachetools import LRUCache

from core.bench.plan.conditions import TUTORIAL_RTT_MS
from core.bench.plan.plan import Plan
from core.config.settings import Settings

MAX_TALKS = 200
# After so long without a move, who opens the Tour begins a new talk.
OVER_AFTER_S = 3600.0


@dataclass(slots=True)
class Talk:
    """A talk that is being given, in whatever windows it is watched.

    Attributes:
        scene: From 1.
        moves: How often it changed, by which another window sees that it did.
        moved_s: When that was.
        begun_s: The clock's start, with the first move to another scene. Both are seconds of
            `time.monotonic`: a laptop may set its clock in the middle of a talk.
        guesses: The hall's, by scene.
        called_ms: The distance that it called out.
        measuring: The scene and the plan that "Run it here" started last.
        here: By scene, the record of what was measured in this talk.
        failed: By scene, the sentence on a run that did not come to its end.
    """

    scene: int = 1
    moves: int = 0
    moved_s: float = field(default_factory=time.monotonic)
    begun_s: float | None = None
    is_predicting: bool = False
    guesses: dict[int, float] = field(default_factory=dict)
    called_ms: int = TUTORIAL_RTT_MS
    revealed: set[int] = field(default_factory=set)
    measuring: tuple[int, Plan] | None = None
    here: dict[int, Path] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)

    def go(self, scene: int) -> None:
        """Show that scene in every window of the talk."""
        if scene != self.scene and self.begun_s is None:
            self.begun_s = time.monotonic()
        self.scene = scene
        self.changed()

    def reveal(self) -> None:
        """Show what was guessed in this scene."""
        self.revealed.add(self.scene)
        self.changed()

    def changed(self) -> None:
        """Tell the other windows that there is something new to draw."""
        self.moves += 1
        self.moved_s = time.monotonic()

    def begin_again(self) -> None:
        """Set the clock to nought and hide again what was revealed."""
        self.begun_s = time.monotonic()
        self.revealed.clear()
        self.guesses.clear()
        self.changed()

    @property
    def is_hidden(self) -> bool:
        """Whether what the scene's question asks for is not to be seen yet."""
        return self.is_predicting and self.scene not in self.revealed

    @property
    def is_over(self) -> bool:
        """Whether it has not moved for `OVER_AFTER_S`, so that the next window begins a new talk."""
        return time.monotonic() - self.moved_s > OVER_AFTER_S

    @property
    def used_s(self) -> float:
        """Seconds since the talk began; 0 before."""
        return 0.0 if self.begun_s is None else time.monotonic() - self.begun_s


_talks: LRUCache[str, Talk] = LRUCache(MAX_TALKS)
_lock = Lock()


def forget_talk(visitor: str) -> None:
    """Let go of a visitor's talk, whose data are about to be deleted."""
    with _lock:
        _talks.pop(visitor, None)


def talk_of(settings: Settings) -> Talk:
    """The talk of whoever looks at the page: the one that goes on, or a new one."""
    with _lock:
        talk = _talks.get(settings.visitor)
        if talk is None or talk.is_over:
            talk = _talks[settings.visitor] = Talk()
        return talk

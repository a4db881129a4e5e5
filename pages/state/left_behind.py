"""What a page in a browser leaves behind, for whoever loads it anew.

A session of Streamlit ends with its page: after a reload, or once a laptop has slept, the same visitor is
another session, which has nothing of the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

import streamlit as st
from cachetools import TTLCache

from core.config.settings import Settings, is_key_of
from pages.state.presence import Presence

T = TypeVar("T")

MAX_KEPT = 200
KEPT_S = 12 * 3600.0


@dataclass(frozen=True, slots=True)
class _Held(Generic[T]):
    """What a page holds, whose it is, and whether that page is still open."""

    key: str
    value: T
    is_open: Presence


class LeftBehind(Generic[T]):
    """What open pages hold; that of a closed one is handed to the next page of the same visitor.

    Thread-safe. The least lately held goes where there are more than `MAX_KEPT`, and what was not held for
    `KEPT_S`.
    """

    def __init__(self) -> None:
        self._held: TTLCache[int, _Held[T]] = TTLCache(MAX_KEPT, KEPT_S)
        self._lock = Lock()

    def hold(self, key: str, value: T, is_open: Presence) -> None:
        """From now on `value` is found under `key` when its page is not open any more."""
        with self._lock:
            self._held.pop(id(value), None)
            self._held[id(value)] = _Held(key, value, is_open)

    def take(self, key: str) -> T | None:
        """What was held last by a page that is closed now; it is not found again."""
        with self._lock:
            for number, held in reversed(list(self._held.items())):
                if held.key == key and not held.is_open():
                    del self._held[number]
                    return held.value
        return None

    def forget_visitor(self, visitor: str) -> None:
        """Let go of all that was a visitor's, whose data are about to be deleted."""
        with self._lock:
            for number, held in list(self._held.items()):
                if is_key_of(visitor, held.key):
                    del self._held[number]


# Conversations: those of pages/views/ask/chat.py.
left_chats: LeftBehind[Any] = LeftBehind()


def browser_key(settings: Settings) -> str:
    """Names the visitor, the Milvus that they work with, and the kind of browser."""
    return f"{settings.target.key}|{st.context.headers.get('User-Agent', '')}"

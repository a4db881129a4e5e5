"""How much of what was uploaded a shared app holds until it is added, and no more."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from core.config.shared_limits import SharedLimits
from core.hosting.quotas import DOCUMENTS, switched_off
from core.runtime.words import MB

HeldBytes = Callable[[], Mapping[str, int]]


class Held:
    """Uploads that wait in memory, by visitor and all together. Thread-safe."""

    def __init__(self, limits: SharedLimits, held_bytes: HeldBytes) -> None:
        """Begin with nothing held.

        Args:
            limits: Of the shared app; `held_mb` of a visitor and `total_held_mb` of all count here.
            held_bytes: How many bytes each session, a page in a browser, has in memory now.
        """
        self._limits, self._held_bytes = limits, held_bytes
        self._lock = threading.Lock()
        self._visitors: dict[str, str] = {}  # whose a session is
        self._coming: defaultdict[str, int] = defaultdict(int)  # bytes by session

    @contextmanager
    def room_for(self, visitor: str, session: str, size_bytes: int) -> Iterator[str]:
        """Keep room for an upload while it comes; yields why there is none, else "".

        Args:
            visitor: Whose upload it is; a session stays with the visitor who has uploaded in it first.
            session: The page in a browser that uploads.
            size_bytes: Of the upload.
        """
        with self._lock:
            refusal = self._refusal(visitor, session, size_bytes)
            if not refusal:
                self._coming[session] += size_bytes
        try:
            yield refusal
        finally:
            if not refusal:
                with self._lock:
                    self._coming[session] -= size_bytes

    def _refusal(self, visitor: str, session: str, size_bytes: int) -> str:
        held = self._held_bytes()
        coming = {of: size for of, size in self._coming.items() if size or of in held}
        self._coming = defaultdict(int, coming)
        self._visitors = {of: who for of, who in self._visitors.items() if of in held or of in coming}
        owner = self._visitors.setdefault(session, visitor)
        waits = {of: held.get(of, 0) + coming.get(of, 0) for of in {*held, *coming}}
        if not self._limits.held_mb or not self._limits.total_held_mb:
            return switched_off(DOCUMENTS)
        if size_bytes + sum(waits.values()) > self._limits.total_held_mb * MB:
            return "This app holds as many uploads as it can. Try again in a few minutes."
        own = sum(size for of, size in waits.items() if self._visitors.get(of) == owner)
        if size_bytes + own > self._limits.held_mb * MB:
            return (
                f"This app holds up to {self._limits.held_mb:,} MB that are uploaded and not added. "
                "Add them, or remove some."
            )
        return ""

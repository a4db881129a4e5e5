"""Files on their way from a browser to the page that they were chosen for."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

# A browser sends few files at a time, so of many the last ones begin late; some never do.
PROMISED_S = 600.0
# Once it is here the browser tells the page, which may be at work for a while.
ARRIVED_S = 60.0
MAX_REFUSALS = 1000


class Uploads:
    """Which files have yet to reach their page. Thread-safe.

    A session is a page in a browser; a file's id is the server's.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with no file waited for.

        Args:
            clock: Seconds that never go back.
        """
        self._clock = clock
        self._lock = threading.Lock()
        # By session: until when a file is waited for.
        self._until_s: defaultdict[str, dict[str, float]] = defaultdict(dict)
        # By session, the oldest first: anybody can name a session.
        self._refusals: dict[str, str] = {}

    def promise(self, session: str, file: str) -> None:
        """The browser has been told where to send a file."""
        self._wait(session, file, PROMISED_S)

    @contextmanager
    def coming(self, session: str, file: str) -> Iterator[None]:
        """While the file is being received."""
        self._wait(session, file, math.inf)
        try:
            yield
        finally:
            if file in self.pending(session):  # else it was refused, or is not wanted any more
                self._wait(session, file, ARRIVED_S)

    def settle(self, session: str, files: Iterable[str]) -> None:
        """These need no more waiting for: the page has them, or they are not wanted any more."""
        with self._lock:
            for file in files:
                self._until_s[session].pop(file, None)

    def refuse(self, session: str, file: str, why: str) -> None:
        """The file will not come, which its page does not hear of from the browser."""
        self.settle(session, [file])
        with self._lock:
            self._refusals[session] = why
            if len(self._refusals) > MAX_REFUSALS:
                del self._refusals[next(iter(self._refusals))]

    def refusal(self, session: str) -> str:
        """Why a file of the session was refused; "" the next time, or when none was."""
        with self._lock:
            return self._refusals.pop(session, "")

    def pending(self, session: str) -> set[str]:
        """The ids of files that have yet to reach the session's page."""
        with self._lock:
            self._forget_old()
            return set(self._until_s.get(session, ()))

    def _wait(self, session: str, file: str, time_s: float) -> None:
        with self._lock:
            self._forget_old()
            self._until_s[session][file] = self._clock() + time_s

    def _forget_old(self) -> None:
        now_s = self._clock()
        for session, files in list(self._until_s.items()):
            left = {file: until_s for file, until_s in files.items() if until_s > now_s}
            if left:
                self._until_s[session] = left
            else:
                del self._until_s[session]


# Of this process: the guard sees the requests, pages see what has come of them.
uploads = Uploads()

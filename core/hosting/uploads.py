"""Files on their way from browsers to the app, and how much the app holds of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A browser that was told where to send a file begins at once; one that never does is not waited for.
PROMISED_S = 5.0


class Uploads:
    """Who is uploading what just now. Thread-safe.

    A session is a page in a browser; the file's id is the server's.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds that never go back."""
        self._clock = clock
        self._lock = threading.Lock()
        self._promised: dict[tuple[str, str], float] = {}
        self._under_way: Counter[str] = Counter()

    def promise(self, session: str, file: str) -> None:
        """The browser has been told where to send a file."""
        with self._lock:
            now_s = self._clock()
            kept = {key: at_s for key, at_s in self._promised.items() if now_s - at_s < PROMISED_S}
            self._promised = {**kept, (session, file): now_s}

    @contextmanager
    def coming(self, session: str, file: str) -> Iterator[None]:
        """While the file is being received."""
        with self._lock:
            self._promised.pop((session, file), None)
            self._under_way[session] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[session] -= 1
                self._under_way += Counter()  # drops those that are 0

    def is_under_way(self, session: str) -> bool:
        """Whether a file that was chosen on the session's page has yet to arrive."""
        with self._lock:
            now_s = self._clock()
            return self._under_way[session] > 0 or any(
                of == session and now_s - at_s < PROMISED_S for (of, _), at_s in self._promised.items()
            )


# Of this process: requests are seen by the guard, answers to them are used by pages.
uploads = Uploads()

"""The log for whoever runs the app: start, work and its outcome, refusals, errors with their cause.

Never the text of a document, a question or an answer, nor a file's name: what people bring is theirs. So of
an error only the kinds are written, its own and those of its causes.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from typing import TextIO

LEVELS = ("debug", "info", "warning", "error")
OURS = ("core", "pages", "overlap")
# Streamlit tells at "info" of every part of a page that has been drawn anew in between, which is no news.
CHATTY = "streamlit.runtime.app_session"
REPEATED_AFTER_S = 60.0
MAX_KEPT = 1000
# As much of a visitor's name as tells a few hundred apart.
_VISITOR_CHARS = 8


class Seldom(logging.Filter):
    """Lets the same line through once a minute: pages ask a server that is away twice a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said_s: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a line that was let through less than `REPEATED_AFTER_S` ago."""
        line, now_s = record.getMessage(), self._clock()
        if now_s - self._said_s.get(line, -REPEATED_AFTER_S) < REPEATED_AFTER_S:
            return False
        if len(self._said_s) >= MAX_KEPT:
            self._said_s.clear()
        self._said_s[line] = now_s
        return True


def begin(level: str, stream: TextIO | None = None) -> None:
    """Write what this app says from now on, from `level` on; to the standard error stream when None."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(Seldom())
    for name in OURS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level.upper())
        logger.propagate = False
    logging.getLogger(CHATTY).setLevel(logging.WARNING)


def kinds(exc: BaseException) -> str:
    """An error and what caused it, by their kinds: "StoreUnavailableError from MilvusException 2"."""
    return " from ".join(_chain(exc))


def kinds_and_places(exc: BaseException) -> str:
    """`kinds` of a failure that nobody has foreseen, and where in the code it was; none of its texts."""
    places = traceback.extract_tb(exc.__traceback__)
    return "\n".join([kinds(exc), *(f"  {at.filename}:{at.lineno} in {at.name}" for at in places)])


def who(visitor: str) -> str:
    """A visitor of a shared app for a line; "" where the app is not shared."""
    return f" of visitor {visitor[:_VISITOR_CHARS]}" if visitor else ""


def _chain(exc: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    found: BaseException | None = exc
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        code = getattr(found, "code", None) if not isinstance(found, OSError) else found.errno
        yield f"{type(found).__name__} {code}" if isinstance(code, int) else type(found).__name__
        found = found.__cause__

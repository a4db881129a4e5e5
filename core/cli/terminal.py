"""Progress on standard error: one line that is redrawn on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import re
import sys
import time
import unicodedata
from collections.abc import Callable
from typing import TextIO

from core.runtime.console import plain

# In a file or a pipe a line that differs from the last one in its numbers only is told so often.
REPEATED_EVERY_S = 5.0
# Of a terminal that does not tell.
USUAL_COLUMNS = 80
_NUMBERS = re.compile(r"[\d.,]+")


class StatusLines:
    """Which lines of progress are worth a line of their own.

    Args:
        clock: Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: tuple[str, float] | None = None

    def is_news(self, line: str) -> bool:
        """Whether it says more than that some numbers have grown, or that is some time ago."""
        kind, now_s = _NUMBERS.sub("", line), self._clock()
        if self._last is not None and kind == self._last[0] and now_s - self._last[1] < REPEATED_EVERY_S:
            return False
        self._last = kind, now_s
        return True


_told = StatusLines()


def fitted(line: str, terminal: TextIO) -> str:
    """As much of a line as fits into one of the terminal: what goes on below would not be drawn over."""
    width, kept = 0, 0
    most = _columns(terminal) - 1
    for sign in line:
        width += 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if width > most:
            break
        kept += 1
    return line[:kept]


def _columns(terminal: TextIO) -> int:
    told = os.environ.get("COLUMNS", "")
    if told.isdigit() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(terminal.fileno()).columns or USUAL_COLUMNS
    except (OSError, ValueError):
        return USUAL_COLUMNS


def print_status(line: str) -> None:
    """Show how far a command is; on a terminal in place of what was shown before."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{fitted(plain(line), sys.stderr)}", end="", file=sys.stderr, flush=True)
    elif _told.is_news(line):
        print(plain(line), file=sys.stderr, flush=True)


def print_message(line: str) -> None:
    """Show what is to stay on a terminal too."""
    clear_status()
    print(plain(line), file=sys.stderr, flush=True)


def clear_status() -> None:
    """Take the line of progress away from a terminal, before a result is printed."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def print_download(done_bytes: int, total_bytes: int | None) -> None:
    """Show how much of the embedding model is here; `total_bytes` is None while unknown."""
    total = "" if total_bytes is None else f" of {total_bytes / 1e6:.0f}"
    print_status(f"downloading the embedding model: {done_bytes / 1e6:.0f}{total} MB")

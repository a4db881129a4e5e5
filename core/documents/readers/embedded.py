"""Pictures that are written into a text in base64: no words for people."""

from __future__ import annotations

import re

from core.runtime.words import counted

_DATA_URI = re.compile(
    r"data:[\w.+/-]*(?:;[\w.=+-]+)*;base64,[A-Za-z0-9+/=_\-\s%]*?(?=[^A-Za-z0-9+/=_\-\s%]|\Z)"
)
_MARK = ";base64,"
# No word is as long; a sequence of genes has no small letters.
_LONG_RUN = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{400,}={0,2}")
_LONG_CHARS = 400
_STEP_OF_RUN = re.compile(r"[A-Za-z0-9+/]{200}")


def without_pictures(text: str) -> tuple[str, int]:
    """The text without what stands in base64 in it, and how many pieces those were."""
    num_found = 0

    def drop(found: re.Match[str]) -> str:
        nonlocal num_found
        run = found[0]
        if not run.startswith("data:") and (run.isupper() or run.islower() or run.isdigit()):
            return run
        num_found += 1
        return ""

    if _MARK in text:
        text = _DATA_URI.sub(drop, text)
    if _has_long_run(text):
        text = _LONG_RUN.sub(drop, text)
    return text, num_found


def _has_long_run(text: str) -> bool:
    """Whether there may be one: of its twice as many characters, it would fill one of these steps."""
    step = _LONG_CHARS // 2
    return any(_STEP_OF_RUN.match(text, at) for at in range(0, len(text) - step, step))


def picture_note(num_found: int) -> tuple[str, ...]:
    """What is said of them."""
    return (counted(num_found, "embedded picture", "not read"),) if num_found else ()

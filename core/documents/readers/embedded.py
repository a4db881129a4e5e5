"""Pictures that are written into a text in base64: no words for people."""

from __future__ import annotations

import re

_DATA_URI = re.compile(
    r"data:[\w.+/-]*(?:;[\w.=+-]+)*;base64,[A-Za-z0-9+/=_\-\s%]*?(?=[^A-Za-z0-9+/=_\-\s%]|\Z)"
)
_MARK = ";base64,"
# No word is as long; a sequence of genes has no small letters.
_LONG_RUN = re.compile(r"[A-Za-z0-9+/]{1000,}={0,2}")
_LONG_CHARS = 1000


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
    if len(text) > _LONG_CHARS:
        text = _LONG_RUN.sub(drop, text)
    return text, num_found


def picture_note(num_found: int) -> tuple[str, ...]:
    """What is said of them."""
    if not num_found:
        return ()
    return ("1 embedded picture not read" if num_found == 1 else f"{num_found:,} embedded pictures not read",)

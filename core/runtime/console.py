"""Text of strangers on a terminal: without what would steer it."""

from __future__ import annotations

import re

# Control characters (a terminal takes 0x9b for the start of a command, as it takes escape), and the marks
# that turn the writing round, so that a line reads as another one than it is. Line breaks and tabs are text.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def plain(text: str) -> str:
    """`text` for a terminal: what would steer it is shown as "\\x1b" and the like."""
    return _STEERING.sub(_shown, text)


def plain_json(text: str) -> str:
    """JSON for a terminal or a file: the same value, with such characters written as escapes."""
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"

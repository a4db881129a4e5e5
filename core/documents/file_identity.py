"""What a file is called here, and what tells its content from that of others."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

MAX_NAME_CHARS = 120
# A longer "suffix" is a sentence with a full stop in it, not a file type.
MAX_SUFFIX_CHARS = 16

# Control characters, line separators, and the invisible marks that can make "exe.pdf" out of "fdp.exe".
# U+200C and U+200D stay: Persian words and emoji are made with them.
_UNSAFE_IN_NAMES = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def document_id(data: bytes) -> str:
    """The first 32 hexadecimal digits of the bytes' SHA-256; the name plays no part."""
    return hashlib.sha256(data).hexdigest()[:32]


def clean_file_name(name: str) -> str:
    """The name without folders and invisible marks, at most 120 characters, never empty.

    A longer name is shortened in the middle, so that its beginning and its suffix stay readable.
    """
    # One name that looks the same is the same, however its accents are put together.
    visible = unicodedata.normalize("NFC", _UNSAFE_IN_NAMES.sub("", name))
    last = re.split(r"[/\\]", visible)[-1].strip()
    if last in {"", ".", ".."}:
        return "unnamed"
    if len(last) <= MAX_NAME_CHARS:
        return last
    suffix = PurePosixPath(last).suffix
    if len(suffix) > MAX_SUFFIX_CHARS:
        suffix = ""
    stem = last.removesuffix(suffix)
    room = MAX_NAME_CHARS - len(suffix) - 1
    tail = room // 3
    return f"{stem[: room - tail]}…{stem[-tail:]}{suffix}"


def clean_line(text: str, max_chars: int) -> str:
    """The text on one line, without invisible marks, at most `max_chars` long.

    For what a document tells of itself: names of sheets, chapters and attachments may hold anything.
    """
    line = " ".join(_UNSAFE_IN_NAMES.sub(" ", text).split())
    return line if len(line) <= max_chars else f"{line[: max_chars - 1]}…"

"""Where sentences end, for chunk borders and extractive answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

# After a full stop (with closing quotes or brackets) and white space, or at an empty line; in
# scripts written without spaces right after the full stop.
_BREAK = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|[。！？]+[」』”’]*\s*|\n\s*\n\s*")
# A full stop behind these, or behind a single letter, seldom ends a sentence.
_ABBREVIATION = re.compile(
    r"(?:\b[A-Za-z]|\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|al|cf|Fig|No|Inc|Ltd|Co|e\.g|i\.e|z\.B|bzw))\.$"
)
_ABBREVIATION_CHARS = 8


def sentence_breaks(text: str) -> list[int]:
    """Character positions at which a sentence may start, ascending, without 0 and len(text)."""
    return list(_breaks(text))


def _breaks(text: str) -> Iterator[int]:
    for match in _BREAK.finditer(text):
        before = text[max(0, match.start() - _ABBREVIATION_CHARS) : match.start()]
        is_end = "\n\n" in match.group().replace(" ", "") or not _ABBREVIATION.search(before)
        if is_end and 0 < match.end() < len(text):
            yield match.end()


def split_sentences(text: str) -> list[str]:
    """The sentences of `text`, stripped, with white space folded; empty ones are left out."""
    borders = [0, *sentence_breaks(text), len(text)]
    parts = (" ".join(text[start:end].split()) for start, end in pairwise(borders))
    return [part for part in parts if part]

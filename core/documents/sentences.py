"""Where sentences end, for chunk borders and extractive answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

# After a full stop (with closing quotes or brackets) and white space, or at an empty line; in
# scripts written without spaces right after the full stop.
_BREAK = re.compile(r"(?<=[.!?…؟۔।॥])[\"'”’»)\]]*\s+|[。！？]+[」』”’]*\s*|\n\s*\n\s*")
# A full stop behind these, or behind a single letter, seldom ends a sentence.
_ABBREVIATION = re.compile(
    r"(?:\b[A-Za-z]|\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|al|cf|Fig|No|Inc|Ltd|Co|e\.g|i\.e|z\.B|bzw))\.$"
)
_ABBREVIATION_CHARS = 8
# Lines that are no prose: rows of tables, items of lists, headings, and a name with its value.
_OWN_LINE = re.compile(
    r"[ ]*(?:[-*+•‣–]\s|\d{1,3}[.)]\s|#{1,6}\s|>|.*(?:\||\t)|[^.!?:。！？।؟]{1,60}[:：](?:\s|$))"
)
# A sentence in Thai, or a long one in Chinese, is cut where it pauses: it would be a whole paragraph.
LONG_CHARS = 300
_PAUSE = re.compile(r"[，、；;,،]\s*|\s+")


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


@dataclass(frozen=True, slots=True)
class Statement:
    """What can stand as an answer.

    Attributes:
        is_prose: A sentence among others, not a row, an item or a heading.
    """

    text: str
    is_prose: bool


def statements(text: str) -> list[Statement]:
    """The sentences of prose, and each row, item and heading by itself, with white space folded."""
    found = []
    for block, is_prose in _blocks(text):
        borders = [0, *sentence_breaks(block), len(block)] if is_prose else [0, len(block)]
        parts = (" ".join(block[start:end].split()) for start, end in pairwise(borders))
        found += [Statement(piece, is_prose) for part in parts for piece in _pieces(part) if piece]
    return found


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Prose, whose lines may be wrapped anywhere, and lines that stand for themselves."""
    prose: list[str] = []
    for line in text.splitlines():
        if _OWN_LINE.match(line):
            yield "\n".join(prose), True
            prose = []
            yield line, False
        else:
            prose.append(line)
    yield "\n".join(prose), True


def _pieces(sentence: str) -> Iterator[str]:
    while len(sentence) > LONG_CHARS:
        pauses = [match.end() for match in _PAUSE.finditer(sentence, LONG_CHARS // 3, LONG_CHARS)]
        end = pauses[-1] if pauses else LONG_CHARS
        yield sentence[:end].rstrip()
        sentence = sentence[end:]
    yield sentence

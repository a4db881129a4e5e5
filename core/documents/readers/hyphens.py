"""Words that are divided at a line's end, put together again; hyphens that belong to a word stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

# PDFium marks a hyphen at a line's end with one of the first two and leaves the line break out.
_DIVIDED = re.compile("[\x02\ufffe]\\s*|[-\u2010\u00ad]\r?\n(?=\\w)|\u00ad")
_SOFT = "\u00ad"
_WORD_END = re.compile(r"\w+$")
_WORD_START = re.compile(r"\w+")
# "short- and long-term", "Vor- und Nachteile": the hyphen stands for what comes with the next word.
_CONJUNCTIONS = frozenset({"and", "or", "und", "oder", "bzw", "sowie"})
# Longer than any word.
_WORD_CHARS = 30


def join_divided(texts: Sequence[str]) -> list[str]:
    """A document's texts with its divided words in one piece.

    "docu-" and "ment" become a word; QX-4471, COVID-19 and Jean-Paul keep their hyphen, and so does what
    the document writes with one elsewhere and nowhere without.
    """
    written = _Written(texts)
    return ["".join(_pieces(text, written)) if _DIVIDED.search(text) else text for text in texts]


class _Written:
    """How a document writes words where no line ends in them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    @cached_property
    def _hyphenated(self) -> frozenset[tuple[str, str]]:
        return frozenset(pair for text in self._texts for pair in _pairs(text))

    def with_hyphen(self, first: str, second: str) -> bool:
        return (first.lower(), second.lower()) in self._hyphenated

    def in_one(self, word: str) -> bool:
        return any(word in text for text in self._texts)


def _pieces(text: str, written: _Written) -> Iterator[str]:
    end = 0
    for mark in _DIVIDED.finditer(text):
        yield text[end : mark.start()]
        end = mark.end()
        before = _WORD_END.search(text, max(0, mark.start() - _WORD_CHARS), mark.start())
        after = _WORD_START.match(text, mark.end())
        first, second = before[0] if before else "", after[0] if after else ""
        yield _between(mark[0], first, second, written)
    yield text[end:]


def _between(mark: str, first: str, second: str, written: _Written) -> str:
    """What stands between two halves of a word: nothing, or the hyphen that is part of it."""
    if mark == _SOFT:
        return ""
    if not first:
        # A minus sign at the line's end, or a dash.
        return "-" if second[:1].isdigit() or mark[0] not in "-‐" else mark
    if not second or first[-1].isdigit() or second[0].isdigit():
        return "-"
    is_name = second[0].isupper() and not first.isupper()  # Jean-Paul
    is_acronym = len(first) > 1 and first.isupper() and not second.isupper()  # USB-stick
    if written.with_hyphen(first, second):
        between = "-"
    elif second in _CONJUNCTIONS:
        between = "- "
    else:
        between = "-" if is_name or is_acronym else ""
    return "" if between and written.in_one(first + second) else between


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """What stands before and after each hyphen within a line."""
    for left, right in pairwise(text.split("-")):
        before = _WORD_END.search(left, max(0, len(left) - _WORD_CHARS))
        after = _WORD_START.match(right)
        if before and after:
            yield before[0].lower(), after[0].lower()

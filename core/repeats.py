"""Passages that say the same twice: in two copies of a document, or in two versions of it.

A passage may be left out for another one only when nothing is lost by that:

- Of two passages one of which stands in the other, word for word in one run, and is at least 4/5 of it, the
  longer is enough. Case, punctuation and white space make no difference. A word more or less in the middle
  does: "is allowed" and "is not allowed" are two facts, as are two contracts that differ by a name.
- A passage of an older version is superseded by one of the newer that shares 4/5 of its pairs of neighbouring
  words (by Dice's coefficient) and has exactly its numbers. Where the numbers differ, or it shares 3/5 only,
  it is another fact, which stays, but behind the newer one. Numbers do not count in these shares.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

# Shorter parts are found in too much, and a longer one is then no repetition of them.
LEAST_SHARE = 0.8
# Shares of pairs of words. One word in ten that was changed costs two pairs in ten.
SUPERSEDED, REVISED = 0.8, 0.6

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_SEPARATORS = "\\s.,;:!?\"'()\\[\\]{}…«»„“”‘’–—\\-_*#|\\\\`~•·▪◦‣"
# Numbers with what stands inside of them; single characters of scripts without spaces; all other runs. What
# can change a fact, such as a sign or "%", stays.
_WORDS = re.compile(rf"[-−+]?\d+(?:[.,:'’–-]\d+)*|[{_CJK}]|(?:(?![{_CJK}\d])[^{_SEPARATORS}])+")
_NUMBER = "#"


@dataclass(frozen=True)
class Passage:
    """A text, and what else counts here. document: the same for all versions of one."""

    text: str
    document: str
    is_older: bool = False

    @cached_property
    def words(self) -> list[str]:
        return _WORDS.findall(unicodedata.normalize("NFC", self.text).casefold())

    @cached_property
    def numbers(self) -> list[str]:
        return [word for word in self.words if _has_digit(word)]

    @cached_property
    def _run(self) -> str:
        return f" {' '.join(self.words)} "

    @cached_property
    def _pairs(self) -> frozenset[tuple[tuple[str, str], int]]:
        """The pairs of neighbouring words, each time that one occurs with its number."""
        words = ["", *(_NUMBER if _has_digit(word) else word for word in self.words), ""]
        seen: Counter[tuple[str, str]] = Counter()
        pairs = []
        for pair in pairwise(words):
            pairs.append((pair, seen[pair]))
            seen[pair] += 1
        return frozenset(pairs)

    def stands_for(self, other: Passage) -> bool:
        """Whether `other` may be left out where this one is shown."""
        if self._revised_share(other) >= SUPERSEDED and self.numbers == other.numbers:
            return True
        if self.is_older and not other.is_older:
            return False
        is_long_enough = len(self.words) * LEAST_SHARE <= len(other.words) <= len(self.words)
        return bool(other.words) and is_long_enough and other._run in self._run

    def is_revision_of(self, other: Passage) -> bool:
        """Whether it is the same place of a newer version, whatever became of its numbers."""
        return self._revised_share(other) >= REVISED

    def _revised_share(self, other: Passage) -> float:
        if self.is_older or not other.is_older or self.document != other.document:
            return 0.0
        return 2 * len(self._pairs & other._pairs) / (len(self._pairs) + len(other._pairs))


def _has_digit(word: str) -> bool:
    return any(char.isdigit() for char in word)


def without_repeats(passages: Sequence[Passage]) -> list[tuple[int, list[int]]]:
    """The indices of those to show, in their order, each with the indices of those left out for it."""
    shown: list[tuple[int, list[int]]] = []
    for index, passage in enumerate(passages):
        if (slot := next((s for s in shown if passages[s[0]].stands_for(passage)), None)) is not None:
            slot[1].append(index)
            continue
        # Where it stands for earlier ones, it has the place of the first of them.
        repeated = [slot for slot in shown if passage.stands_for(passages[slot[0]])]
        place = shown.index(repeated[0]) if repeated else len(shown)
        left_out = [each for slot in repeated for each in (slot[0], *slot[1])]
        shown = [slot for slot in shown if slot not in repeated]
        shown.insert(place, (index, left_out))
    return shown


def newer_first(passages: Sequence[Passage]) -> list[int]:
    """The indices in their order, except that a revised passage comes before its older version."""
    order = list(range(len(passages)))
    for older in [index for index in order if passages[index].is_older]:
        place = order.index(older)
        for newer in [index for index in order[place:] if passages[index].is_revision_of(passages[older])]:
            order.remove(newer)
            order.insert(place, newer)
            place += 1
    return order

"""Passages that say the same twice: in two copies of a document, or in two versions of it.

A passage may be left out only when nothing is lost by that:

- It stands in another, word for word in one run. Case, punctuation and white space make no difference. A
  word more or less in the middle does: "is allowed" and "is not allowed" are two facts, as are two contracts
  that differ by a name. Shorter than 2/3 of the other, it may mean something else by itself, and stays.
- Its beginning stands so in one and its end in another, and these two parts share some words: copies of a
  text are not always cut into passages at the same places.
- It is of an older version, one of the newer shares 4/5 of its pairs of neighbouring words with it (Dice's
  coefficient, in which all numbers are alike), and their numbers are the same. Where those differ, or it is
  only 3/5 of the pairs, it is another fact, which stays, but behind the newer one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

LEAST_SHARE = 2 / 3
# How many words beginning and end must share, so that nothing is put together that nobody wrote.
LEAST_SHARED_WORDS = 5
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
    """A text, and what else counts here.

    Attributes:
        document: The same for all versions of one.
    """

    text: str
    document: str
    is_older: bool = False

    @cached_property
    def words(self) -> list[str]:
        """All words of the text in order, case folded, repeated as they stand there."""
        return _WORDS.findall(unicodedata.normalize("NFC", self.text).casefold())

    @cached_property
    def numbers(self) -> list[str]:
        """Those of `words` that have a digit, in order."""
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
        is_long_enough = bool(other.words) and len(self.words) * LEAST_SHARE <= len(other.words)
        return is_long_enough and self._may_hold(other) and other._run in self._run

    def _may_hold(self, other: Passage) -> bool:
        return other.is_older or not self.is_older

    def holder(self, others: Sequence[Passage]) -> int | None:
        """Which of `others` has the larger part of it, where two of them have all of it together."""
        able = [(index, other._run) for index, other in enumerate(others) if other._may_hold(self)]
        beginning = _longest(len(self.words), able, lambda num_words: self.words[:num_words])
        if beginning is None:
            return None
        end = _longest(len(self.words), able, lambda num_words: self.words[-num_words:])
        if end is None or end[1] == beginning[1]:
            return None
        is_whole = beginning[0] + end[0] >= len(self.words) + LEAST_SHARED_WORDS
        return max(beginning, end)[1] if is_whole else None

    def is_revision_of(self, other: Passage) -> bool:
        """Whether it is `other`'s place in a newer version of the document; its numbers may have changed."""
        return self._revised_share(other) >= REVISED

    def _revised_share(self, other: Passage) -> float:
        if self.is_older or not other.is_older or self.document != other.document:
            return 0.0
        return 2 * len(self._pairs & other._pairs) / (len(self._pairs) + len(other._pairs))


def _longest(
    num_words: int, runs: Sequence[tuple[int, str]], part: Callable[[int], list[str]]
) -> tuple[int, int] | None:
    """The number of words of the longest part that stands in one of `runs`, and the number of that run."""
    found = None
    low, high = LEAST_SHARED_WORDS, num_words
    # Where a part is found, all shorter ones are.
    while low <= high:
        middle = low if found is None else (low + high + 1) // 2
        wanted = f" {' '.join(part(middle))} "
        index = next((index for index, run in runs if wanted in run), None)
        if index is not None:
            found, low = (middle, index), middle + 1
        elif found is None:
            return None
        else:
            high = middle - 1
    return found


def _has_digit(word: str) -> bool:
    return any(char.isdigit() for char in word)


def without_repeats(passages: Sequence[Passage]) -> list[tuple[int, list[int]]]:
    """The indices of those to show, in their order, each with the indices of those left out for it."""
    shown: list[tuple[int, list[int]]] = []
    for index, passage in enumerate(passages):
        earlier = [passages[each] for each, _ in shown]
        standing = next((at for at, each in enumerate(earlier) if each.stands_for(passage)), None)
        repeated = [at for at, each in enumerate(earlier) if passage.stands_for(each)]
        if standing is None and not repeated:
            standing = passage.holder(earlier)
        if standing is not None:
            shown[standing][1].append(index)
            continue
        # Where it stands for earlier ones, it has the place of the first of them.
        left_out = [each for at in repeated for each in (shown[at][0], *shown[at][1])]
        place = repeated[0] if repeated else len(shown)
        shown = [slot for at, slot in enumerate(shown) if at not in repeated]
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

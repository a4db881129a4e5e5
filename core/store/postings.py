"""Which passage has which term how often, and what that is worth by BM25: arrays, quick for many passages."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from core.documents.terms import is_identifier, is_name

if TYPE_CHECKING:
    import numpy as np

# The usual constants of BM25: how soon more of the same word adds nothing, and how much length counts.
K1, B = 1.2, 0.75
# A few passages don't tell how rare a word is.
LEAST_PASSAGES = 20
# What more passages than this have says little, and takes most of the time.
COMMON_SHARE = 0.25
# Of a term with digits beside a word that is as rare: a part's number, a section or a year is what a question
# is about, where "What happened in" is not. Chosen by tests/performance/exact_names.py and languages.py.
EXACT_WEIGHT = 2.0
# The same of a whole name, such as 8.14.0: without it, a passage is about another one. Where no passage has
# it, only of one that can't be written in another way.
NAME_WEIGHT = 8.0

# The number of a passage, the numbers of its tokens, and how often it has each.
Counted: TypeAlias = "tuple[int, np.ndarray, np.ndarray]"


class Postings:
    """One sort of terms: which passage has which how often."""

    def __init__(self) -> None:
        self._term_ids: dict[str, int] = {}
        self._of_tokens: list[Sequence[int]] = []
        self._segments: list[_Segment] = []
        self._num_passages = 0

    def learn(self, terms: Sequence[str]) -> None:
        """What the next token counts as."""
        known = self._term_ids
        self._of_tokens.append([known.setdefault(term, len(known)) for term in terms])

    def append(self, passages: Sequence[Counted], num_passages: int) -> None:
        """Add passages. Segments of like size become one, so that few stay."""
        self._num_passages = num_passages
        self._segments.append(_Segment.of_passages(passages, self._of_tokens))
        while len(self._segments) > 1 and self._segments[-2].size < 2 * self._segments[-1].size:
            right, left = self._segments.pop(), self._segments.pop()
            self._segments.append(_Segment.of_both(left, right))

    def passages_of(self, term: str) -> np.ndarray:
        """The numbers of those that have a term."""
        import numpy as np

        found = [numbers for numbers, _ in self._occurrences(frozenset((term,)))]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int32)

    def scores(self, groups: Iterable[frozenset[str]], num_passages: int) -> tuple[np.ndarray, np.ndarray]:
        """For each passage BM25, as a share of the most that it could be, and the weighted share of terms.

        Args:
            groups: The question's terms; those of a group are forms of one word.
            num_passages: All of the index, those without any term of this sort too.
        """
        import numpy as np

        bm25 = np.zeros(self._num_passages, dtype=np.float32)
        share = np.zeros(self._num_passages, dtype=np.float32)
        total = 0.0
        for group in filter(None, groups):
            found = self._occurrences(group)
            weight = _weight(sum(len(numbers) for numbers, _ in found), num_passages)
            weight *= _exactness(group, is_there=bool(found))
            if not weight:
                continue
            total += weight
            for numbers, saturation in found:
                bm25[numbers] += weight * saturation
                share[numbers] += weight
        return (bm25 / total, np.minimum(share / total, 1)) if total else (bm25, share)

    def _occurrences(self, group: frozenset[str]) -> list[tuple[np.ndarray, np.ndarray]]:
        ids = [self._term_ids[term] for term in group if term in self._term_ids]
        return [found for each in ids for segment in self._segments if len((found := segment.of(each))[0])]


@dataclass(frozen=True)
class _Segment:
    """Passages by term: sorted by term.

    Attributes:
        saturation: Of BM25, by the lengths of its own passages.
    """

    starts: np.ndarray
    terms: np.ndarray
    numbers: np.ndarray
    saturation: np.ndarray

    @property
    def size(self) -> int:
        return len(self.numbers)

    @classmethod
    def of_passages(cls, passages: Sequence[Counted], of_tokens: Sequence[Sequence[int]]) -> _Segment:
        """Passages as they were counted, sorted by term.

        Args:
            passages: Each with its number, its tokens, and how often it has each of them.
            of_tokens: The terms of each token, by the token's number.
        """
        import numpy as np

        tokens, of_token = np.unique(
            np.concatenate([tokens for _, tokens, _ in passages]), return_inverse=True
        )
        numbers = np.repeat([number for number, _, _ in passages], [len(each) for _, each, _ in passages])
        counts = np.concatenate([counts for _, _, counts in passages])
        terms, repeats = _terms_of_each([of_tokens[token] for token in tokens], of_token)
        return cls._saturated(*_summed(terms, np.repeat(numbers, repeats), np.repeat(counts, repeats)))

    @classmethod
    def _saturated(cls, terms: np.ndarray, numbers: np.ndarray, counts: np.ndarray) -> _Segment:
        import numpy as np

        passages, of_passage = np.unique(numbers, return_inverse=True)
        lengths = np.bincount(of_passage, counts, len(passages))
        damping = K1 * (1 - B + B * lengths / (lengths.mean() if len(lengths) else 1.0))
        return cls._sorted(terms, numbers.astype(np.int32), counts / (counts + damping[of_passage]))

    @classmethod
    def of_both(cls, left: _Segment, right: _Segment) -> _Segment:
        import numpy as np

        return cls._sorted(
            np.concatenate([np.repeat(each.terms, np.diff(each.starts)) for each in (left, right)]),
            np.concatenate([left.numbers, right.numbers]),
            np.concatenate([left.saturation, right.saturation]),
        )

    @classmethod
    def _sorted(cls, terms: np.ndarray, numbers: np.ndarray, saturation: np.ndarray) -> _Segment:
        import numpy as np

        order = np.argsort(terms, kind="stable")
        unique, starts = np.unique(terms[order], return_index=True)
        starts = np.append(starts, len(terms)).astype(np.int64)
        return cls(starts, unique, numbers[order], saturation[order].astype(np.float32))

    def of(self, term: int) -> tuple[np.ndarray, np.ndarray]:
        """The passages that have a term, and how much."""
        at = int(self.terms.searchsorted(term))
        if at == len(self.terms) or self.terms[at] != term:
            return self.numbers[:0], self.saturation[:0]
        part = slice(self.starts[at], self.starts[at + 1])
        return self.numbers[part], self.saturation[part]


def _exactness(group: frozenset[str], *, is_there: bool) -> float:
    """How much more than a word that is as rare a term is worth.

    Args:
        group: Forms of one word.
        is_there: Whether any passage has it.
    """
    if any(is_name(term) and (is_there or is_identifier(term)) for term in group):
        return NAME_WEIGHT
    return EXACT_WEIGHT if any(char.isdigit() for term in group for char in term) else 1.0


def _weight(num_with: int, num_passages: int) -> float:
    """How much it says that a passage has a term which `num_with` of them have; 0 for a common one."""
    n = max(num_passages, LEAST_PASSAGES)
    if num_with > n * COMMON_SHARE and n > LEAST_PASSAGES * 10:
        return 0.0
    num_with = min(n, num_with)
    return math.log(1 + (n - num_with + 0.5) / (num_with + 0.5))


def _terms_of_each(of_tokens: Sequence[Sequence[int]], of_token: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each occurrence of a token as one of each of its terms, and how many these are.

    Args:
        of_tokens: The terms of each token.
        of_token: Which token each occurrence is of.
    """
    import numpy as np

    sizes = np.asarray([len(terms) for terms in of_tokens], dtype=np.int64)
    terms = np.fromiter(chain.from_iterable(of_tokens), np.int64)
    repeats = sizes[of_token]
    begins = np.repeat((np.cumsum(sizes) - sizes)[of_token], repeats)
    places = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    return terms[begins + places], repeats


def _summed(
    terms: np.ndarray, numbers: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each term of each passage once, with how often it occurs in all."""
    import numpy as np

    key = terms * (int(numbers.max(initial=0)) + 1) + numbers
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    counts = np.add.reduceat(counts[order], first) if len(first) else counts
    return terms[order][first], numbers[order][first], counts

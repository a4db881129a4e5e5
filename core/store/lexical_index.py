"""Which passages share words with a question, ranked by BM25, in memory.

Milvus' own text search can't do it for all: servers before 2.5 have none, Milvus Lite has no analyzer but
one that cuts at spaces, and an analyzer can't be changed for chunks that are in.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from core.documents.sentences import split_sentences
from core.documents.terms import Analyzer

if TYPE_CHECKING:
    import numpy as np

# The usual constants of BM25: how soon more of the same word adds nothing, and how much length counts.
K1, B = 1.2, 0.75
# A few passages don't tell how rare a word is.
LEAST_PASSAGES = 20
# What more passages than this have says little, and takes most of the time.
COMMON_SHARE = 0.25
# What stands before and after a passage tells too whether a document is about the question.
NEIGHBOUR_WEIGHT = 0.4
# So many sentences are kept to see how much of a question unrelated passages have by chance.
MAX_SAMPLES = 128
SAMPLE_WORDS, SAMPLE_CHARS = 10, 24
# So many of the best are seen with their neighbours.
LOOKED_AT = 100
# So many passages are made searchable at a time: more would take memory.
FROZEN_AT_ONCE = 1000
# Fewer documents may all be about the same.
LEAST_DOCUMENTS = 5
UNRELATED_SHARE = 0.85

# The number of a passage, the numbers of its tokens, and how often it has each.
Counted: TypeAlias = "tuple[int, np.ndarray, np.ndarray]"


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A passage to index. position: among its document's. language: None where it is unknown."""

    id: str
    document_id: str
    position: int
    text: str
    language: str | None


@dataclass(frozen=True)
class WordMatches:
    """How much of a question each passage has.

    best: the ids of the best passages, the best first.
    evidence: 0 to 1, the most that a passage with its neighbours has of it.
    chance: how much an unrelated passage may have; None where there is nothing to tell from.
    languages: of the documents; None among them where one's is unknown.
    language_of: that of a passage by its id.
    """

    best: tuple[str, ...]
    evidence: float
    chance: float | None
    languages: frozenset[str | None]
    numbers: dict[str, int]
    scores: np.ndarray
    language_of: Callable[[str], str | None]

    def score(self, chunk_id: str) -> float:
        """How much of the question's words a passage has, 0 to 1; 0 for one that is not known."""
        number = self.numbers.get(chunk_id)
        return float(self.scores[number]) if number is not None and number < len(self.scores) else 0.0


class LexicalIndex:
    """Passages by their words. Not for several threads at once."""

    def __init__(self) -> None:
        self._analyzers: dict[str | None, Analyzer] = {}
        # The numbers of the tokens of each language.
        self._known: dict[str | None, dict[str, int]] = {}
        self._num_tokens = 0
        # Passages that were added since the last search: their tokens, and how often they have each.
        self._new: list[Counted] = []
        self._chunks: list[IndexedChunk | None] = []
        self._numbers: dict[str, int] = {}
        self._by_document: dict[str, dict[int, int]] = {}
        self._fields = _Field(), _Field()
        self._samples: list[tuple[str, str]] = []
        self._sample_every = 1
        self._chance: tuple[int, float | None] = 0, None

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def documents(self) -> dict[str, int]:
        """The documents in it, with how many passages of each are."""
        return {name: len(numbers) for name, numbers in self._by_document.items()}

    def add(self, chunks: Iterable[IndexedChunk]) -> None:
        """Add passages; those whose ids it has are left as they are."""
        for chunk in chunks:
            if chunk.id in self._numbers:
                continue
            beside = self._by_document.setdefault(chunk.document_id, {})
            if chunk.position in beside:
                self._remove(beside[chunk.position])  # the document was read anew
            number = len(self._chunks)
            self._count(number, chunk)
            self._sample(number, chunk)
            # The text is in Milvus; here it would take memory.
            self._chunks.append(IndexedChunk(chunk.id, chunk.document_id, chunk.position, "", chunk.language))
            self._numbers[chunk.id] = number
            beside[chunk.position] = number
            if len(self._new) == FROZEN_AT_ONCE:
                self._freeze()

    def remove_document(self, document_id: str) -> None:
        """Take out every passage of a document."""
        for number in self._by_document.pop(document_id, {}).values():
            self._remove(number)
        self._samples = [sample for sample in self._samples if sample[0] != document_id]

    def remove_chunks(self, chunk_ids: Iterable[str]) -> None:
        """Take out these passages; nothing happens for those that it does not have."""
        for number in [self._numbers[chunk_id] for chunk_id in chunk_ids if chunk_id in self._numbers]:
            chunk = self._chunks[number]
            self._remove(number)
            if chunk is not None:
                del self._by_document[chunk.document_id][chunk.position]

    def _remove(self, number: int) -> None:
        chunk = self._chunks[number]
        if chunk is not None:
            del self._numbers[chunk.id]
            self._chunks[number] = None

    def search(self, question: str, top: int, *, document_ids: Sequence[str] = ()) -> WordMatches:
        """The `top` passages that have most of the question's words. document_ids: only of these."""
        import numpy as np

        allowed = self._allowed(document_ids)
        scores = np.where(allowed, self.scores(question), 0.0)
        best = np.argsort(-scores, kind="stable")[:top]
        evidence = self._with_neighbours(scores)
        return WordMatches(
            best=tuple(chunk.id for n in best if scores[n] > 0 and (chunk := self._chunks[n]) is not None),
            evidence=float(evidence.max()) if len(evidence) else 0.0,
            chance=self._by_chance(),
            languages=self._languages_of(document_ids),
            numbers=self._numbers,
            scores=scores,
            language_of=self._language_of,
        )

    def _language_of(self, chunk_id: str) -> str | None:
        number = self._numbers.get(chunk_id)
        chunk = None if number is None else self._chunks[number]
        return None if chunk is None else chunk.language

    def _languages_of(self, document_ids: Sequence[str]) -> frozenset[str | None]:
        numbers = (self._by_document.get(name) for name in document_ids or self._by_document)
        first = (self._chunks[next(iter(each.values()))] for each in numbers if each)
        return frozenset(chunk.language for chunk in first if chunk is not None)

    def _count(self, number: int, chunk: IndexedChunk) -> None:
        import numpy as np

        language = chunk.language
        if language not in self._analyzers:
            self._analyzers[language], self._known[language] = Analyzer(language), {}
        analyzer, known = self._analyzers[language], self._known[language]
        tokens = Counter(analyzer.tokens(chunk.text))
        for token in (token for token in tokens if token not in known):
            known[token] = self._num_tokens
            self._num_tokens += 1
            for field, terms in zip(self._fields, analyzer.terms(token), strict=True):
                field.learn(terms)
        numbers = np.fromiter((known[token] for token in tokens), np.int32, len(tokens))
        self._new.append((number, numbers, np.fromiter(tokens.values(), np.float32, len(tokens))))

    def _freeze(self) -> None:
        """Make what was added since searchable."""
        if self._new:
            for field in self._fields:
                field.append(self._new, len(self._chunks))
            self._new = []

    def _allowed(self, document_ids: Sequence[str]) -> np.ndarray:
        import numpy as np

        allowed = np.zeros(len(self._chunks), dtype=bool)
        for name in document_ids or self._by_document:
            allowed[list(self._by_document.get(name, {}).values())] = True
        return allowed

    def scores(self, question: str) -> np.ndarray:
        """How much of a question each passage has, 0 to 1, in the order in which they were added.

        It is the mean of BM25 of words, the share of words, and BM25 of their pieces.
        """
        import numpy as np

        self._freeze()
        # A word has other stems in other languages: any of them counts as the word.
        analyzers = list(self._analyzers.values())
        tokens = {token: None for analyzer in analyzers for token in analyzer.tokens(question)}
        ways = [[analyzer.terms(token) for analyzer in analyzers] for token in tokens]
        words, pieces = self._fields
        of_words, share = words.scores(
            {frozenset(w for words, _ in way for w in words) for way in ways}, len(self)
        )
        of_pieces, _ = pieces.scores(
            {frozenset((p,)) for way in ways for _, ps in way for p in ps}, len(self)
        )
        size = len(self._chunks)
        return np.asarray((of_words + share + of_pieces)[:size] / 3)

    def _with_neighbours(self, scores: np.ndarray) -> np.ndarray:
        import numpy as np

        whole = scores.copy()
        for number in np.argsort(-scores)[:LOOKED_AT]:
            chunk = self._chunks[number]
            if chunk is not None:
                numbers = self._by_document[chunk.document_id]
                beside = (numbers.get(chunk.position - 1), numbers.get(chunk.position + 1))
                whole[number] += NEIGHBOUR_WEIGHT * sum(scores[n] for n in beside if n is not None)
        return whole

    def _sample(self, number: int, chunk: IndexedChunk) -> None:
        """Keep a sentence of every so many passages."""
        if number % self._sample_every:
            return
        sentences = [each for each in split_sentences(chunk.text) if len(each) >= SAMPLE_CHARS]
        if not sentences:
            return
        words = sentences[len(sentences) // 2].split()
        has_spaces = len(words) > 3
        text = " ".join(words[:SAMPLE_WORDS]) if has_spaces else " ".join(words)[:SAMPLE_CHARS]
        self._samples.append((chunk.document_id, text))
        if len(self._samples) > MAX_SAMPLES:
            self._samples = self._samples[::2]
            self._sample_every *= 2

    def _by_chance(self) -> float | None:
        """What most sentences of other documents have less of in common with any passage.

        Found anew when the index has grown by a quarter.
        """
        import numpy as np

        counted, chance = self._chance
        if counted and 0.8 * counted <= len(self) <= 1.25 * counted:
            return chance
        found = []
        for document_id, sentence in self._samples:
            scores = self.scores(sentence)
            scores[list(self._by_document[document_id].values())] = 0.0
            found.append(float(self._with_neighbours(scores).max()))
        is_enough = len(self._by_document) >= LEAST_DOCUMENTS and len(found) >= LEAST_PASSAGES
        self._chance = len(self), float(np.quantile(found, UNRELATED_SHARE)) if is_enough else None
        return self._chance[1]


class _Field:
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

    def scores(self, groups: Iterable[frozenset[str]], num_passages: int) -> tuple[np.ndarray, np.ndarray]:
        """For each passage BM25, as a share of the most that it could be, and the weighted share of terms.

        groups: the question's terms; those of a group are forms of one word.
        """
        import numpy as np

        bm25 = np.zeros(self._num_passages, dtype=np.float32)
        share = np.zeros(self._num_passages, dtype=np.float32)
        total = 0.0
        n = max(num_passages, LEAST_PASSAGES)
        for group in groups:
            if not group:
                continue
            found = self._occurrences(group)
            num_with = min(n, sum(len(numbers) for numbers, _ in found))
            weight = math.log(1 + (n - num_with + 0.5) / (num_with + 0.5))
            if num_with > n * COMMON_SHARE and n > LEAST_PASSAGES * 10:
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
    """Passages by term: sorted by term. saturation: of BM25, by the lengths of its own passages."""

    starts: np.ndarray
    terms: np.ndarray
    numbers: np.ndarray
    saturation: np.ndarray

    @property
    def size(self) -> int:
        return len(self.numbers)

    @classmethod
    def of_passages(cls, passages: Sequence[Counted], of_tokens: Sequence[Sequence[int]]) -> _Segment:
        """of_tokens: the terms of each token."""
        import numpy as np

        tokens, of_token = np.unique(
            np.concatenate([tokens for _, tokens, _ in passages]), return_inverse=True
        )
        sizes = np.asarray([len(of_tokens[token]) for token in tokens], dtype=np.int64)
        terms = np.fromiter(chain.from_iterable(of_tokens[token] for token in tokens), np.int64)
        # Each occurrence of a token becomes one of each of its terms.
        repeats = sizes[of_token]
        begins = np.repeat((np.cumsum(sizes) - sizes)[of_token], repeats)
        places = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        numbers = np.repeat([number for number, _, _ in passages], [len(each) for _, each, _ in passages])
        numbers = np.repeat(numbers, repeats)
        counts = np.repeat(np.concatenate([counts for _, _, counts in passages]), repeats)
        return cls._saturated(*_summed(terms[begins + places], numbers, counts))

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

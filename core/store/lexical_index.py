"""Which passages share words with a question, ranked by BM25, in memory.

Milvus' own text search can't do it for all: servers before 2.5 have none, Milvus Lite has no analyzer but
one that cuts at spaces, and an analyzer can't be changed for chunks that are in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from core.documents.dates import dates_in_digits
from core.documents.languages import share_letters
from core.documents.sentences import split_sentences
from core.documents.terms import Analyzer, is_identifier, is_long_number, same_as
from core.store.postings import LEAST_PASSAGES, Counted, Postings

if TYPE_CHECKING:
    import numpy as np

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


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A passage to index.

    Attributes:
        position: Among its document's.
        language: None where it is unknown.
    """

    id: str
    document_id: str
    position: int
    text: str
    language: str | None


@dataclass(frozen=True)
class WordMatches:
    """How much of a question each passage has.

    Attributes:
        best: The ids of the best passages, the best first.
        evidence: By language 0 to 1, the most that one of its passages has with its neighbours; of the
            languages that the best passages are in.
        unrelated: How much an unrelated passage may have; None where there is nothing to tell from.
        lacks_names: The question has names that are written in one way only, and no passage has any of them.
        has_names: It has such names, or long numbers, and a passage has one of them.
        languages: Of the documents; None among them where one's is unknown.
        language_of: That of a passage by its id.
        has_word: Whether a document that was searched, by its id, has a word; for None, whether any has.
    """

    best: tuple[str, ...]
    evidence: Mapping[str | None, float]
    unrelated: float | None
    lacks_names: bool
    has_names: bool
    languages: frozenset[str | None]
    numbers: dict[str, int]
    scores: np.ndarray
    language_of: Callable[[str], str | None]
    has_word: Callable[[str, str | None], bool]

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
        self._fields = Postings(), Postings()
        self._samples: list[tuple[str, str]] = []
        self._sample_every = 1
        # With how many passages it was found.
        self._unrelated: tuple[int, float | None] = 0, None
        self._num_in: Counter[str | None] = Counter()

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
            self._num_in[chunk.language] += 1
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
            self._num_in[chunk.language] -= 1
            self._chunks[number] = None

    def search(
        self, question: str, top: int, *, language: str | None = None, document_ids: Sequence[str] = ()
    ) -> WordMatches:
        """The `top` passages that have most of the question's words.

        Args:
            question: In any words.
            top: The most passages in `best`; scores are given for all passages.
            language: Of the question; None where it is unknown.
            document_ids: Search only in these documents; empty for all.
        """
        import numpy as np

        allowed = self._allowed(document_ids)
        scores = np.where(allowed, self.scores(question, language), 0.0)
        tokens = {token for analyzer in self._analyzers.values() for token in analyzer.tokens(question)}
        names = {token for token in tokens if is_identifier(token)}
        numbers = {token for token in tokens if is_long_number(token)}
        best = np.argsort(-scores, kind="stable")[:top]
        return WordMatches(
            best=tuple(chunk.id for n in best if scores[n] > 0 and (chunk := self._chunks[n]) is not None),
            evidence=self._evidence(scores),
            unrelated=self._of_unrelated(),
            lacks_names=bool(names) and not self._are_there(names, allowed),
            has_names=self._are_there(names | numbers, allowed),
            languages=self._languages_of(document_ids),
            numbers=self._numbers,
            scores=scores,
            language_of=self._language_of,
            has_word=partial(self._has_word, allowed),
        )

    def _are_there(self, names: Iterable[str], allowed: np.ndarray) -> bool:
        """Whether one of the passages has one of these tokens."""
        words, _ = self._fields
        return any(allowed[words.passages_of(name)].any() for name in names)

    def _has_any(self, tokens: Iterable[str]) -> bool:
        words, _ = self._fields
        return any(len(words.passages_of(token)) for token in tokens)

    def _has_word(self, allowed: np.ndarray, word: str, document_id: str | None) -> bool:
        word = word.casefold()
        # A stem alone may be another word's: Titanic is not the Titans.
        if not any(word in tokens for tokens in self._known.values()):
            return False
        if document_id is not None:
            allowed = allowed & self._allowed([document_id])
        terms = {term for each in self._analyzers.values() for term in each.terms(word)[0]}
        return self._are_there(terms, allowed)

    def _language_of(self, chunk_id: str) -> str | None:
        number = self._numbers.get(chunk_id)
        chunk = None if number is None else self._chunks[number]
        return None if chunk is None else chunk.language

    def _languages_of(self, document_ids: Sequence[str]) -> frozenset[str | None]:
        numbers = (self._by_document.get(name) for name in document_ids or self._by_document)
        first = (self._chunks[next(iter(each.values()))] for each in numbers if each)
        return frozenset(chunk.language for chunk in first if chunk is not None)

    def _count(self, number: int, chunk: IndexedChunk) -> None:
        """Note which tokens it has how often."""
        import numpy as np

        analyzer, known = self._of_language(chunk.language)
        tokens = Counter(analyzer.tokens(chunk.text))
        for token in (token for token in tokens if token not in known):
            known[token] = self._num_tokens
            self._num_tokens += 1
            for field, terms in zip(self._fields, analyzer.terms(token), strict=True):
                field.learn(terms)
        numbers = np.fromiter((known[token] for token in tokens), np.int32, len(tokens))
        self._new.append((number, numbers, np.fromiter(tokens.values(), np.float32, len(tokens))))

    def _of_language(self, language: str | None) -> tuple[Analyzer, dict[str, int]]:
        """What finds the tokens of a language, and those that are known."""
        if language not in self._analyzers:
            self._analyzers[language], self._known[language] = Analyzer(language), {}
        return self._analyzers[language], self._known[language]

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

    def scores(self, question: str, language: str | None = None) -> np.ndarray:
        """How much of a question in `language` each passage has, 0 to 1, in the order of their adding.

        It is the mean of BM25 of words, the share of words, and BM25 of their pieces.
        """
        import numpy as np

        self._freeze()
        wanted_words, wanted_pieces = self._terms_of(question, language)
        words, pieces = self._fields
        num_passages = self._num_comparable(language)
        of_words, share = words.scores(wanted_words, num_passages)
        of_pieces, _ = pieces.scores(wanted_pieces, num_passages)
        size = len(self._chunks)
        return np.asarray((of_words + share + of_pieces)[:size] / 3)

    def _num_comparable(self, language: str | None) -> int:
        """How many passages may have the words of a question in `language`.

        Beside as many in other languages every word of it would seem to be rare.
        """
        own = [each for each in self._num_in if each and language and share_letters(each, language)]
        return sum(self._num_in[each] for each in (*own, None)) if own else len(self)

    def _terms_of(
        self, question: str, language: str | None
    ) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
        """Its words, each in all of its forms, and the pieces of its words.

        A word has other stems in other languages: any of them counts as the word.
        """
        analyzers = list(self._analyzers.values())
        # To another language its stop words are words like others, and they would be missed in every passage.
        judges = [self._analyzers[language]] if language in self._analyzers else analyzers
        tokens = dict.fromkeys(
            token
            for analyzer in analyzers
            for token in analyzer.tokens(question)
            if not any(judge.is_stop_word(token) for judge in judges)
        )
        forms = [[analyzer.terms(token) for analyzer in analyzers] for token in tokens]
        words = {
            frozenset(word for words, _ in form for word in words) | self._same_as(token)
            for token, form in zip(tokens, forms, strict=True)
        }
        dates = [date for date in dates_in_digits(question) if self._has_any(date)]
        # In whichever way the question writes it, it is one date.
        words = {word for word in words if not any(word <= date for date in dates)}.union(dates)
        pieces = {frozenset((piece,)) for form in forms for _, pieces in form for piece in pieces}
        return words, pieces

    def _same_as(self, token: str) -> set[str]:
        """The words that mean the same as a token."""
        others = [(each, other) for each in self._analyzers.values() for other in same_as(token)]
        return {word for analyzer, other in others for word in analyzer.terms(other)[0]}

    def _evidence(self, scores: np.ndarray) -> dict[str | None, float]:
        """By language the most that one of the best passages has with its neighbours."""
        import numpy as np

        most: dict[str | None, float] = {}
        for number in np.argsort(-scores)[:LOOKED_AT]:
            chunk = self._chunks[number]
            if chunk is not None:
                numbers = self._by_document[chunk.document_id]
                beside = (numbers.get(chunk.position - 1), numbers.get(chunk.position + 1))
                whole = scores[number] + NEIGHBOUR_WEIGHT * sum(scores[n] for n in beside if n is not None)
                most[chunk.language] = max(most.get(chunk.language, 0.0), float(whole))
        return most

    def _sample(self, number: int, chunk: IndexedChunk) -> None:
        """Keep a sentence of every so many passages."""
        text = "" if number % self._sample_every else _sample_of(chunk.text)
        if not text:
            return
        self._samples.append((chunk.document_id, text))
        if len(self._samples) > MAX_SAMPLES:
            self._samples = self._samples[::2]
            self._sample_every *= 2

    def _of_unrelated(self) -> float | None:
        """How much of a question a passage may have that has nothing to do with it.

        Sentences of each document are asked as questions of the other documents: `UNRELATED_SHARE` of them
        find less than this. Found anew when the index has grown by a quarter.
        """
        import numpy as np

        counted, unrelated = self._unrelated
        if counted and 0.8 * counted <= len(self) <= 1.25 * counted:
            return unrelated
        found = []
        for document_id, sentence in self._samples:
            own = self._by_document[document_id]
            first = self._chunks[next(iter(own.values()))]
            scores = self.scores(sentence, None if first is None else first.language)
            scores[list(own.values())] = 0.0
            found.append(max(self._evidence(scores).values(), default=0.0))
        is_enough = len(self._by_document) >= LEAST_DOCUMENTS and len(found) >= LEAST_PASSAGES
        self._unrelated = len(self), float(np.quantile(found, UNRELATED_SHARE)) if is_enough else None
        return self._unrelated[1]


def _sample_of(text: str) -> str:
    """The beginning of a sentence in its middle; "" where none is long enough."""
    sentences = [each for each in split_sentences(text) if len(each) >= SAMPLE_CHARS]
    if not sentences:
        return ""
    words = sentences[len(sentences) // 2].split()
    has_spaces = len(words) > 3
    return " ".join(words[:SAMPLE_WORDS]) if has_spaces else " ".join(words)[:SAMPLE_CHARS]

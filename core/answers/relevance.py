"""How relevant a passage is, 0 to 1, and whether one is relevant enough for an answer.

Its evidence is what it shares with the question in words and in meaning. An unrelated passage has some of
that too, by chance: with just as much a passage has relevance 0.5, with twice as much 0.67, with none 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from core.documents.languages import is_latin, share_letters

if TYPE_CHECKING:
    from llama_index.core.schema import NodeWithScore

    from core.embedding.model import Embedder
    from core.store.lexical_index import WordMatches

# All numbers here were chosen by tests/performance/languages.py and tests/performance/retrieval.py.
# What one standard deviation of similarity is worth, beside the share of the question's words (0 to 1). It
# counts less in a language that the model was not made for, and less still in another alphabet.
MEANING_WEIGHT = 0.05
OTHER_LANGUAGE, OTHER_LETTERS = 0.6, 0.2
# Of these such a model's tokenizer has no entry for most characters: what it compares is the rest.
UNKNOWN_LETTERS = frozenset(
    ("am", "gu", "hy", "ka", "km", "kn", "lo", "ml", "pa", "si", "ta", "te", "th", "zh")
)
# The nearest of some hundred unrelated passages lies so many standard deviations above the mean, by chance.
# With a model of many languages those of one language lie nearer together.
CHANCE_DEVIATIONS, CHANCE_DEVIATIONS_MULTILINGUAL = 3.0, 5.0
# From so many on, a passage is relevant enough without a word in common.
SIMILAR_ENOUGH, SIMILAR_ENOUGH_MULTILINGUAL = 3.4, 6.5
# How much of a question's words an unrelated passage has: what is taken where the knowledge base can't tell,
# and the least and most that it may tell.
CHANCE_OF_WORDS, LEAST_CHANCE, MOST_CHANCE = 0.24, 0.2, 0.3
# Once one passage is relevant enough, others need only this share of it: they are often the answer.
OTHERS_SHARE = 0.4

# A passage and its relevance.
Ranked: TypeAlias = "tuple[NodeWithScore, float]"
# Whether the documents say it. "unclear": they are in other languages than the question.
Verdict = Literal["found", "not_found", "unclear"]


@dataclass(frozen=True, slots=True)
class Relevance:
    """Tells for one question how relevant passages are.

    Attributes:
        words: What they have of its words; None where only the meaning counts.
        unrelated: How much evidence an unrelated passage may have.
    """

    embedder: Embedder
    words: WordMatches | None
    unrelated: float

    @classmethod
    def of(cls, embedder: Embedder, words: WordMatches | None) -> Relevance:
        """For one question, by what its words found; without them (None) only the meaning counts."""
        if words is None:
            by_chance = CHANCE_DEVIATIONS_MULTILINGUAL if _is_multilingual(embedder) else CHANCE_DEVIATIONS
            return cls(embedder, None, MEANING_WEIGHT * by_chance)
        own = CHANCE_OF_WORDS if words.unrelated is None else words.unrelated
        return cls(embedder, words, min(max(own, LEAST_CHANCE), MOST_CHANCE))

    def ranked(self, hits: Sequence[NodeWithScore]) -> list[Ranked]:
        """`hits` with their relevance, 0 to 1, the most relevant first."""
        weighed = [(hit, self._weight(hit)) for hit in hits]
        return [(hit, self._relevance(weight)) for hit, weight in sorted(weighed, key=lambda each: -each[1])]

    def near_enough(self, ranked: Sequence[Ranked], min_relevance: float) -> list[Ranked]:
        """The first, and of the others those with `OTHERS_SHARE` of the relevance that one must have."""
        return [*ranked[:1], *(each for each in ranked[1:] if each[1] >= min_relevance * OTHERS_SHARE)]

    def verdict(self, hits: Sequence[NodeWithScore], language: str | None, min_relevance: float) -> Verdict:
        """Whether one of `hits` fits a question in `language` well enough."""
        if min_relevance <= 0 and hits:
            return "found"
        if hits and self.words is not None and self.words.has_names:
            return "found"
        if self.words is not None and self.words.lacks_names:
            # What is said of other ones of its kind is no answer.
            return "not_found"
        if hits and self._relevance(self._evidence(hits)) >= min_relevance:
            return "found"
        if hits and self._is_compared_across(language):
            return "found"
        return self.without_answer(language) if hits else "not_found"

    def without_answer(self, language: str | None) -> Verdict:
        """The verdict where no passage that can be compared with a question in `language` answers it."""
        return "unclear" if self._is_across(language) else "not_found"

    def _weight(self, hit: NodeWithScore) -> float:
        deviations = self._deviations(hit)
        if self.words is None:
            return MEANING_WEIGHT * deviations
        chunk_id = hit.node.node_id
        trust = trust_in(self.embedder, self.words.language_of(chunk_id))
        return self.words.score(chunk_id) + MEANING_WEIGHT * trust * deviations

    def _deviations(self, hit: NodeWithScore) -> float:
        mean, deviation = self.embedder.unrelated_similarity
        return ((hit.score or 0.0) - mean) / deviation

    def _evidence(self, hits: Sequence[NodeWithScore]) -> float:
        """What the best passage has, beyond what the nearest of many unrelated ones has by chance."""
        words = self.words
        if words is None:
            return max(self._weight(hit) for hit in hits)
        readable = [hit for hit in hits if self._is_readable(words.language_of(hit.node.node_id))]
        by_words = max(
            (most for language, most in words.evidence.items() if not self._is_readable(language)),
            default=0.0,
        )
        if not readable:
            return by_words
        by_chance, enough = CHANCE_DEVIATIONS, SIMILAR_ENOUGH
        if _is_multilingual(self.embedder):
            by_chance, enough = CHANCE_DEVIATIONS_MULTILINGUAL, SIMILAR_ENOUGH_MULTILINGUAL
        nearest = max(self._deviations(hit) for hit in readable)
        own = max(
            (most for language, most in words.evidence.items() if self._is_readable(language)), default=0.0
        )
        return max(by_words, own + MEANING_WEIGHT * (nearest - by_chance), self.unrelated * nearest / enough)

    def _is_readable(self, language: str | None) -> bool:
        return trust_in(self.embedder, language) == 1.0

    def _is_across(self, language: str | None) -> bool:
        """Whether some of the documents are in another language, which the model can't compare."""
        if self.words is None or language is None:
            return False
        others = {each for each in self.words.languages if each and not share_letters(each, language)}
        return any(self.embedder.reads(each) is False for each in (*others, language)) and bool(others)

    def _is_compared_across(self, language: str | None) -> bool:
        """Whether words tell nothing, since no document is in the question's language, but the model can."""
        if self.words is None or language is None or None in self.words.languages:
            return False
        is_own = any(each and share_letters(each, language) for each in self.words.languages)
        return not is_own and not self._is_across(language)

    def _relevance(self, weight: float) -> float:
        weight = max(weight, 0.0)
        return weight / (weight + self.unrelated)


def trust_in(embedder: Embedder, language: str | None) -> float:
    """How far the model's similarities are to be trusted in a language, 0 to 1."""
    if language is None or embedder.reads(language) is not False:
        return 1.0
    if language in UNKNOWN_LETTERS:
        return 0.0
    return OTHER_LANGUAGE if is_latin(language) else OTHER_LETTERS


def _is_multilingual(embedder: Embedder) -> bool:
    return embedder.reads("en") is True and embedder.reads("zh") is True

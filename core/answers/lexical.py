"""How many of a question's words a passage has: a second look at it, beside its meaning."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORDS = re.compile(rf"([{_CJK}]+)|((?:(?![{_CJK}])[^\W_])+)")
# Words that nearly every English question and passage has say nothing about either.
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been being but by can could did do does for from had has have how i "
        "if in into is it its may might must my no not of on one or our out shall should so such "
        "than that the their them then there these they this those to too us was we were what when "
        "where which while who whom whose why will with would you your",
    )
)
# One or two passages don't tell how rare a word is.
LEAST_PASSAGES = 20
# A stem keeps the beginning of its word, so most words of a passage need not be stemmed to be told apart.
_PREFIX = 2


def word_shares(question: str, passages: Sequence[str]) -> list[float] | None:
    """For each passage the share, 0 to 1, of the question's words that it has; None without such words.

    Words are compared by their English stems, in any case; Chinese, Japanese and Korean by pairs of
    characters. A word counts the more the fewer of the `passages` have it: by the inverse document
    frequency of BM25, ln(1 + (N - n + 0.5) / (n + 0.5)), N being at least `LEAST_PASSAGES`.
    """
    import snowballstemmer

    # It keeps the word that it works on, so threads can't share one.
    stem = snowballstemmer.stemmer("english").stemWord
    wanted = {stem(word) for word in _words(question) if word not in _STOP_WORDS}
    if not wanted:
        return None
    prefixes = {word[:_PREFIX] for word in wanted}
    found = [
        wanted & {stem(word) for word in set(_words(passage)) if word[:_PREFIX] in prefixes}
        for passage in passages
    ]
    weights = {}
    num_passages = max(len(passages), LEAST_PASSAGES)
    for word in wanted:
        num_with = sum(word in words for words in found)
        weights[word] = math.log(1 + (num_passages - num_with + 0.5) / (num_with + 0.5))
    total = math.fsum(weights.values())
    return [math.fsum(weights[word] for word in words) / total for words in found]


def _words(text: str) -> list[str]:
    words = []
    for match in _WORDS.finditer(text.casefold()):
        run = match[1]
        if run is None:
            words.append(match[2])
        else:
            words += [run[i : i + 2] for i in range(max(1, len(run) - 1))]
    return words

"""The numbers in square brackets by which an answer names its passages."""

from __future__ import annotations

import re

# [1], [2, 3], [1][2] and, as some models write it, [passage 1]; footnote-like [^1] too.
_CITATION = re.compile(r"\[\^?(?:passages?\s+)?(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\](?!\()", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
# Takes no room and is not to be seen.
WORD_JOINER = "\u2060"


def cited_numbers(text: str, num_sources: int) -> tuple[int, ...]:
    """The passages that `text` names, in the order in which it first does; only those that exist."""
    numbers = (int(number) for match in _CITATION.finditer(text) for number in _NUMBER.findall(match[1]))
    return tuple(dict.fromkeys(number for number in numbers if 1 <= number <= num_sources))


def without_invented(text: str, num_sources: int) -> str:
    """`text` with one bracket per passage, and without numbers of passages that were never given.

    "[1, 9]" of two passages becomes "[1]". What is left names the same passages as `text` did.
    """
    named = cited_numbers(text, num_sources)
    kept = _without_invented(text, num_sources, gap="")
    if cited_numbers(kept, num_sources) != named:
        # "[[9]1]": what stood around the invented number would close up to a citation.
        kept = _without_invented(text, num_sources, gap=WORD_JOINER)
    return kept


def _without_invented(text: str, num_sources: int, *, gap: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        numbers = [int(number) for number in _NUMBER.findall(match[1])]
        return "".join(f"[{number}]" for number in numbers if 1 <= number <= num_sources) or gap

    while (shorter := _CITATION.sub(replaced, text)) != text:
        text = shorter
    return text


def as_quotation(text: str) -> str:
    """`text` of a document, whose own [3] is not to be taken for one of ours; it looks the same."""
    return _CITATION.sub(lambda match: f"[{WORD_JOINER}{match[0][1:]}", text)

"""Passages and rules reach a model of a small window whole, in as few requests as it needs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from core.answers.models import Source
from core.answers.packing import needed_tokens, packed, token_counter
from core.answers.prompts import REFINE_QUESTION, RULES

pytestmark = pytest.mark.portable

QUESTION = "How high is the lighthouse?"
PASSAGE = re.compile(r'<passage number="\[(\d+)\]" from="a\.md">\n(.*?)\n</passage>', re.DOTALL)
# Some 512 tokens of a passage.
LONG = "The lighthouse keeper lit the lamp again. " * 57


def sources(*texts: str) -> list[Source]:
    return [
        Source(number=n, file="a.md", page=None, score=0.5, text=text, chunk_id=str(n), document_id="d")
        for n, text in enumerate(texts, start=1)
    ]


def _passages(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [found for text in texts for found in PASSAGE.findall(text)]


def test_five_passages_of_512_tokens_are_one_request_of_4096() -> None:
    assert len(packed(sources(*[LONG] * 5), QUESTION, 4096, token_counter())) == 1


@pytest.mark.parametrize("window", [2048, 4096])
def test_passages_over_the_window_stay_whole_and_each_request_fits(window: int) -> None:
    count = token_counter()
    texts = packed(given := sources(*[f"{n} {LONG}" for n in range(12)]), QUESTION, window, count)
    assert 1 < len(texts) < 12 or window == 2048
    assert _passages(texts) == [(str(source.number), source.text) for source in given]
    for text in texts:
        assert PASSAGE.sub("", text).strip() == ""
        assert count(RULES + REFINE_QUESTION + QUESTION) + count(text) + 1024 <= window


def test_passage_over_the_window_is_shortened_inside_of_its_quotation() -> None:
    count = token_counter()
    texts = packed(sources(LONG * 9, "Short."), QUESTION, 2048, count)
    (_, first), (_, last) = _passages(texts)
    assert (LONG * 9).startswith(first) and len(first) > 500
    assert all(count(RULES + REFINE_QUESTION + QUESTION) + count(text) + 1024 <= 2048 for text in texts)
    assert last == "Short."


def test_window_of_any_size_gives_every_passage() -> None:
    assert len(_passages(packed(sources(*["Short."] * 9), QUESTION * 900, 2048, token_counter()))) == 9


def test_what_is_needed_grows_with_the_question() -> None:
    count = token_counter()
    assert needed_tokens(sources(LONG), QUESTION * 99, count) > needed_tokens(sources(LONG), QUESTION, count)

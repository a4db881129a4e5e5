"""Words that a question and a passage share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.answers.lexical import word_shares

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("Which queries were batched?", "A batch of QUERY vectors."),
        ("What does flushing cost?", "A flush costs little."),
        ("Über Zürich", "zürich, über allem"),
        ("東京の天気", "東京の天気は晴れ"),
        ("Wetter in 서울특별시", "서울특별시 Wetter"),
    ],
)
def test_all_words_are_found_in_another_form(question: str, passage: str) -> None:
    assert word_shares(question, [passage, "Bread is baked."]) == [pytest.approx(1), 0]


def test_two_passages_do_not_make_a_missing_word_outweigh_a_found_one() -> None:
    assert (word_shares("lighthouse height", ["A lighthouse.", "The lighthouse."]) or [])[0] > 0.35


def test_rare_word_counts_more_than_one_that_most_passages_have() -> None:
    passages = ["Milvus stores vectors.", "Milvus flushes.", "Milvus searches.", "A time tick."]
    by_rare, by_common = (word_shares("Milvus tick", passages) or [])[3], 0.5
    assert by_rare > by_common


@pytest.mark.parametrize("question", ["What is it?", "?!", ""])
def test_question_without_words_of_its_own_can_not_be_compared(question: str) -> None:
    assert word_shares(question, ["It is what it is."]) is None


def test_same_beginning_is_not_the_same_word() -> None:
    assert word_shares("consistency", ["A constant content."]) == [0]


@given(st.text(max_size=40), st.lists(st.text(max_size=80), max_size=5))
def test_shares_are_between_0_and_1_whatever_the_text(question: str, passages: list[str]) -> None:
    shares = word_shares(question, passages)
    assert shares is None or all(0 <= share <= 1.000001 for share in shares)
    assert shares is None or len(shares) == len(passages)

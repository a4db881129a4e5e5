from __future__ import annotations

import pytest

from core.answers.models import Answer
from pages.views.ask.timing_strip import receipt_parts


def answer(**timings_s: float) -> Answer:
    return Answer(text="x", mode="llm", sources=(), timings_s=timings_s)


def test_parts_add_up_to_the_total() -> None:
    parts = receipt_parts(answer(condense=0.5, embed=0.01, search=0.04, first_token=1.0, total=3.0))
    assert parts == pytest.approx(
        {
            "understand the follow-up": 0.5,
            "embed the question": 0.01,
            "search Milvus": 0.04,
            "until the first word": 0.45,
            "rest of the answer": 2.0,
        }
    )
    assert sum(parts.values()) == pytest.approx(3.0)


def test_answer_without_a_word_has_no_first_word() -> None:
    parts = receipt_parts(answer(embed=0.01, search=0.04, total=0.05))
    assert list(parts) == ["embed the question", "search Milvus"]

"""Numbers in sentences."""

from __future__ import annotations

import pytest

from core.runtime.words import counted

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("number", "words", "told"),
    [
        (1, ["page"], "1 page"),
        (0, ["page"], "0 pages"),
        (12000, ["more document"], "12,000 more documents"),
        (1, ["chart", "without data"], "1 chart without data"),
        (2, ["chart", "without data"], "2 charts without data"),
    ],
)
def test_noun_agrees_with_its_number(number: int, words: list[str], told: str) -> None:
    assert counted(number, *words) == told

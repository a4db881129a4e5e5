"""What stands around a passage."""

from __future__ import annotations

import pytest

from pages.components.document_text import MAX_LINES_BEFORE, end_of

LINES = "".join(f"line {n}\n" for n in range(20))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("Short.", "Short."),
        ("One two three four.", "… four."),
        (LINES, "… " + "".join(f"line {n}\n" for n in range(20 - MAX_LINES_BEFORE, 20))),
        ("", ""),
    ],
)
def test_before_a_passage_are_the_last_words_and_of_short_lines_only_the_last(text: str, end: str) -> None:
    assert end_of(text, 10 if text.startswith("One") else 600) == end

"""Sentences of Markdown files in answers: as a reader sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.answers.extractive import extract, without_marks
from core.answers.models import Source
from core.embedding.model import Embedder

SENTENCE = "A *coroutine* hands control back to the **event loop** at `await`."


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (SENTENCE, "A coroutine hands control back to the event loop at await."),
        ("It gives ***both*** and __this__ and _that_.", "It gives both and this and that."),
        ("**Use `await` here**, not `a * b`.", "Use await here, not a * b."),
        ("See [the guide](https://a.example/x) and ![a map](map.png).", "See the guide and a map."),
        ("> - Keep it *short*.", "Keep it short."),
        ("3. Third, *wait*.", "Third, wait."),
        ("## What it is", "What it is"),
        (
            "The option snake_case_name stays, 2 * 3 * 4 too.",
            "The option snake_case_name stays, 2 * 3 * 4 too.",
        ),
        ("Pass **kwargs to it.", "Pass **kwargs to it."),
        ("An unclosed `tick stays.", "An unclosed `tick stays."),
        ("Ticks in ``a ` b`` stay.", "Ticks in a ` b stay."),
    ],
)
def test_marks_of_markdown_are_read_and_not_shown(written: str, read: str) -> None:
    assert without_marks(written) == read


@given(st.text(alphabet="ab *_`[]()!\x000>#-1.", max_size=60))
def test_no_text_is_lost_with_the_marks(sentence: str) -> None:
    letters = [char for char in without_marks(f"x{sentence}") if char in "ab"]
    # What a link points to is not read either.
    assert len(letters) <= sum(char in "ab" for char in sentence)
    if "(" not in sentence:
        assert letters == [char for char in sentence if char in "ab"]


@pytest.mark.parametrize(
    ("file", "answer"),
    [
        ("loop.md", "A coroutine hands control back to the event loop at await. [1]"),
        ("loop.txt", f"{SENTENCE} [1]"),
    ],
)
async def test_answer_shows_markdown_read_and_other_texts_as_they_are(
    embedder: Embedder, file: str, answer: str
) -> None:
    source = Source(number=1, file=file, page=None, score=0.8, text=SENTENCE, chunk_id="c", document_id="d")
    parts = [part async for part in extract("Who gets control back?", [source], embedder)]
    assert "".join(parts).strip() == answer

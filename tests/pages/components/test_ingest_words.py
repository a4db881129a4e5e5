"""How far a file is and what became of it, in words."""

from __future__ import annotations

from typing import Any

import pytest

from core.ingest.progress import FileProgress, Stage
from pages.components.ingest_words import (
    language_told,
    line_at_work,
    outcome_words,
    seconds_told,
    share_in,
    stopped_line,
)


def progress(stage: Stage, **values: Any) -> FileProgress:
    return FileProgress(file="a_b.pdf", stage=stage, size_bytes=9, **values)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            progress(Stage.DONE, num_pages=3, chunks_added=1, elapsed_s=2.345, notes=("one chart",)),
            "3 pages, 1 chunk added, searchable after 2.35 s. one chart.",
        ),
        (progress(Stage.DONE, chunks_added=1200), "1,200 chunks added."),
        (progress(Stage.PRESENT, warning="Page 2 is damaged."), "was already there. Page 2 is damaged."),
        (progress(Stage.STOPPED, chunks_done=7), "was stopped after 7 chunks, which are kept."),
        (progress(Stage.FAILED, error="a_b.pdf is damaged."), "a_b.pdf is damaged."),
        (progress(Stage.FAILED), "failed"),
        (progress(Stage.EMBEDDING, num_chunks=9), ""),
    ],
)  # fmt: skip
def test_what_became_of_a_file_is_told_without_markup(file: FileProgress, said: str) -> None:
    assert outcome_words(file) == said


def test_line_of_a_file_at_work_says_what_is_known_of_it_so_far() -> None:
    reading = progress(Stage.READING, num_pages=1200, pages_done=30, pages_per_s=15.4)
    assert line_at_work(reading) == "**a\\_b\\.pdf** · reading · page 30 of 1,200 · 15 pages/s"
    embedding = progress(Stage.EMBEDDING, num_chunks=100, chunks_done=25, chunks_per_s=12.5, eta_s=6.0)
    assert (
        line_at_work(embedding)
        == "**a\\_b\\.pdf** · embedding · 25 of 100 chunks · 12 chunks/s · about 6 s left"
    )
    assert line_at_work(progress(Stage.WAITING)) == "**a\\_b\\.pdf** · waiting"


def test_share_that_is_in_is_known_once_the_chunks_are() -> None:
    files = [progress(Stage.EMBEDDING, num_chunks=total, chunks_done=5) for total in (None, 0, 10, 4)]
    shares = [share_in(file) for file in files]
    assert shares == [0.0, 0.0, 0.5, 1.0]


def test_stopped_file_says_whether_anything_of_it_is_kept() -> None:
    assert stopped_line(progress(Stage.STOPPED)) == (
        "**a\\_b\\.pdf** was stopped before anything of it was in."
    )
    assert stopped_line(progress(Stage.STOPPED, chunks_done=7, num_chunks=1000)) == (
        "**a\\_b\\.pdf** was stopped after 7 of 1,000 chunks, which are kept. Try again to go on from there."
    )


def test_language_is_told_where_it_is_worth_a_word() -> None:
    assert language_told(progress(Stage.DONE, language="en")) == ""
    assert language_told(progress(Stage.DONE, language="ru", unknown_share=0.4)) == (
        " · Russian · 40 % of it unknown to the model"
    )


@pytest.mark.parametrize(("time_s", "told"), [(0.004, "0.00 s"), (9.994, "9.99 s"), (1234.5, "1,234 s")])
def test_seconds_have_digits_where_they_are_few(time_s: float, told: str) -> None:
    assert seconds_told(time_s) == told

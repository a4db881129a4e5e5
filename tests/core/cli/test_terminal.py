"""Lines of progress where nobody draws them anew: in a file and in a pipe."""

from __future__ import annotations

import io

import pytest

from core.cli.terminal import REPEATED_EVERY_S, StatusLines, fitted

pytestmark = pytest.mark.portable


def test_line_with_other_numbers_only_is_told_now_and_then() -> None:
    now_s = 0.0
    lines = StatusLines(lambda: now_s)
    assert lines.is_news("[0/1 files] a.pdf: page 1/90")
    now_s = 1.0
    assert not lines.is_news("[0/1 files] a.pdf: page 30/90")
    now_s = REPEATED_EVERY_S
    assert lines.is_news("[0/1 files] a.pdf: page 60/90")
    now_s += 1.0
    assert not lines.is_news("[0/1 files] a.pdf: page 80/90")


def test_line_that_says_something_else_is_told_at_once() -> None:
    lines = StatusLines(lambda: 0.0)
    told = [
        "[0/2 files] a.pdf: page 1/90",
        "[0/2 files] a.pdf: embedding, 0/12 chunks",
        "[0/2 files] a.pdf: embedding, 3/12 chunks, 40 chunks/s",
        "[1/2 files] b.pdf: page 1/2",
    ]
    assert [line for line in told if lines.is_news(line)] == told


@pytest.mark.parametrize(
    ("line", "shown"), [("[1/2] abc", "[1/2] abc"), ("[1/2] 報告書.pdf", "[1/2] 報"), ("", "")]
)
def test_line_is_cut_at_the_end_of_the_terminal(
    monkeypatch: pytest.MonkeyPatch, line: str, shown: str
) -> None:
    """Signs of Chinese and its neighbours are as wide as two others."""
    monkeypatch.setenv("COLUMNS", "10")
    assert fitted(line, io.StringIO()) == shown


def test_terminal_that_does_not_tell_its_width_has_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert len(fitted("x" * 200, io.StringIO())) == 79

"""Lines of progress where nobody draws them anew: in a file and in a pipe."""

from __future__ import annotations

import pytest

from core.cli.terminal import REPEATED_EVERY_S, StatusLines

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

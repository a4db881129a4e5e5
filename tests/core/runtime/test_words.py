"""Numbers and names in sentences."""

from __future__ import annotations

import pytest

from core.runtime.words import counted, duration, file_size, listed

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


@pytest.mark.parametrize(
    ("num_names", "told"),
    [(1, "a"), (2, "a, a"), (3, "a, a and 1 more"), (2000, "a, a and 1,998 more")],
)
def test_of_many_names_the_others_are_a_number(num_names: int, told: str) -> None:
    assert listed(["a"] * num_names, most=2) == told


@pytest.mark.parametrize(
    ("num_bytes", "told"),
    [
        (1, "1 byte"),
        (410, "410 bytes"),
        (12 * 1024 + 300, "12.3 kB"),
        (1536 * 1024, "1.5 MB"),
        # As the uploader and the limits count: not 209.7.
        (200 * 1024 * 1024, "200 MB"),
        (1234 * 1024 * 1024, "1,234 MB"),
    ],
)
def test_size_of_a_file_counts_as_uploader_and_limits_do(num_bytes: int, told: str) -> None:
    assert file_size(num_bytes) == told


@pytest.mark.parametrize(
    ("value_s", "text"),
    [
        (0.2, "1 s"), (19.4, "19 s"), (42.0, "40 s"), (118.0, "120 s"), (130.0, "2 min"), (5_000.0, "83 min"),
        (4_568.0, "76 min"), (7_200.0, "2 h"), (9_000.0, "2 h 30 min"), (9_100.0, "2 h 30 min"),
    ],
)  # fmt: skip
def test_duration_is_in_figures_that_an_estimate_can_stand_for(value_s: float, text: str) -> None:
    assert duration(value_s) == text

"""What stands on one line of a page, and raised digits as what they are."""

from __future__ import annotations

import pytest

from tests.drawn_pages import TABLE, by_row, read_drawn

pytestmark = pytest.mark.portable


def test_raised_digits_are_superscripts() -> None:
    text = read_drawn([(72, 700, "Mass: 10"), (120, 700, "^6"), (126, 700, "tonnes")])
    assert "10⁶" in text
    assert "106" not in text


def test_raised_digits_beside_a_table_are_superscripts_too() -> None:
    drawn = [(72, 740, "Mass: 10"), (120, 740, "^6"), (126, 740, "tonnes"), *by_row(TABLE)]
    assert read_drawn(drawn).startswith("Mass: 10⁶ tonnes")

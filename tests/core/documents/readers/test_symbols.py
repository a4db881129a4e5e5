"""Characters of symbol fonts are read as what the fonts show."""

from __future__ import annotations

import pytest

from core.documents.readers.symbols import in_font, symbol

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("font", "code", "char"),
    [
        ("Symbol", 0xF0B1, "±"), ("Symbol", 0xB1, "±"), ("symbol", 0x61, "α"), ("Symbol", 0x57, "Ω"),
        ("Symbol", 0x31, "1"), ("Symbol", 0xE5, "∑"), ("Wingdings", 0xF0FC, "✓"), ("Wingdings", 0xFE, "☑"),
        # What is not known is nothing, rather than a letter that nobody sees.
        ("Wingdings", 0x31, ""), ("Symbol", 0xFF, ""), ("Webdings", 0xF041, ""),
        ("Arial", 0x41, "A"), ("Arial", 0xF041, ""), ("Arial", 0x07, ""), ("Arial", 0x110000, ""),
    ],
)  # fmt: skip
def test_code_is_the_character_that_its_font_shows(font: str, code: int, char: str) -> None:
    assert symbol(font, code) == char


def test_text_keeps_its_own_characters_and_those_of_the_font_become_theirs() -> None:
    assert in_font("5 \uf0b1 1 µm", "Symbol") == "5 ± 1 µm"
    assert in_font("5 \uf0b1 1", "") == "5 ± 1", "a font that is not told is taken for the usual one"
    assert in_font("\uf0fc done", "Wingdings") == "✓ done"
    assert in_font("plain é", "Symbol") == "plain é"

"""Characters of symbol fonts, which Word stores by their number in the font."""

from __future__ import annotations

_PRIVATE = 0xF000

_SYMBOL = {
    0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "∗", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥",
    **dict(zip(range(0x41, 0x5B), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True)),
    **dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)),
    **dict(zip(range(0xA0, 0xC0), "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵", strict=True)),
    **dict(zip(range(0xC0, 0xE6), "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑", strict=True)),
    0xF1: "〉", 0xF2: "∫",
}  # fmt: skip
_WINGDINGS = {
    0x28: "☎", 0x2A: "✉", 0x4A: "☺", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x72: "❒",
    0x76: "❖", 0x9F: "•", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓",
    0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}


def symbol(font: str, code: int) -> str:
    """The character that a font shows for a code; "" where that is not known."""
    is_private = _PRIVATE <= code < _PRIVATE + 256
    low = code - _PRIVATE if is_private else code
    table = _FONTS.get(font.lower())
    if table is not None:
        return table.get(low) or (chr(low) if 0x20 <= low < 0x7F and table is _SYMBOL else "")
    return "" if is_private or not 0x20 <= code < 0x110000 else chr(code)


def in_font(text: str, font: str) -> str:
    """Text whose private characters are those of a symbol font."""
    if text.isascii() or not any(_PRIVATE <= ord(char) < _PRIVATE + 256 for char in text):
        return text
    return "".join(
        symbol(font or "symbol", ord(char)) if _PRIVATE <= ord(char) < _PRIVATE + 256 else char
        for char in text
    )

"""Raised and lowered letters, so that 10⁶ is not read as 106, nor 5½ as 51/2."""

from __future__ import annotations

import re
import unicodedata

# Stand around raised and lowered text until all of a paragraph is there; no text has these code points.
UP, DOWN, END = "\ufdd1", "\ufdd2", "\ufdd3"

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_CAN_BE_RAISED = frozenset("0123456789+-−=()ni")
_BETWEEN = frozenset(" ,;.–*†‡")
_ORDINALS = frozenset(["st", "nd", "rd", "th", "er", "re", "ère", "ème", "ième", "nde", "os", "as", "º", "ª"])
_VULGAR = {
    (1, 2): "½", (1, 3): "⅓", (2, 3): "⅔", (1, 4): "¼", (3, 4): "¾", (1, 5): "⅕", (2, 5): "⅖", (3, 5): "⅗",
    (4, 5): "⅘", (1, 6): "⅙", (5, 6): "⅚", (1, 8): "⅛", (3, 8): "⅜", (5, 8): "⅝", (7, 8): "⅞", (1, 10): "⅒",
}  # fmt: skip
_PIECE = re.compile(f"([{UP}{DOWN}{END}])")
_FRACTION = re.compile(rf"(.?){UP}\s*(\d+)\s*{END}\s*[/\u2044\u2215]\s*{DOWN}\s*(\d+)\s*{END}", re.DOTALL)
_SCRIPT = re.compile(rf"(.?)([{UP}{DOWN}])([^{UP}{DOWN}{END}]*){END}", re.DOTALL)


def up(text: str) -> str:
    """Raised text, for `finished`."""
    return f"{UP}{text}{END}" if text.strip() else text


def down(text: str) -> str:
    """Lowered text, for `finished`."""
    return f"{DOWN}{text}{END}" if text.strip() else text


def finished(text: str) -> str:
    """Text with `up` and `down` in it as plain characters: "10⁶", "km²", "5½", "21st", "H2O"."""
    if END not in text:
        return text
    text = _SCRIPT.sub(_written, _FRACTION.sub(_as_fraction, _merged(text)))
    return _PIECE.sub("", text)


def fraction(above: str, below: str, before: str) -> str:
    """A fraction behind the character `before`, which may be a whole number's last: "½", " 7/16"."""
    if not (above.isdecimal() and below.isdecimal()):
        return f"{above}/{below}"
    found = _VULGAR.get((int(above), int(below)))
    return found or f"{' ' if before.isdigit() else ''}{above}/{below}"


def raised(text: str) -> str:
    """Raised text behind a letter or a digit: "²", "^(a+b)"."""
    inner = text.strip()
    if all(char in _CAN_BE_RAISED or char in _BETWEEN for char in inner):
        return inner.translate(_RAISED)
    if inner.startswith(("[", "(", "^")):
        return inner
    return f"^{inner}" if len(inner) == 1 else f"^({inner})"


def _merged(text: str) -> str:
    """Neighbouring pieces of one kind made one."""
    out: list[str] = []
    kind = ""
    for part in _PIECE.split(text):
        if part and part == kind and out[-1] == END:
            out.pop()
        elif part:
            out.append(part)
        kind = part if part in {UP, DOWN} else kind
    return "".join(out)


def _as_fraction(found: re.Match[str]) -> str:
    return found[1] + fraction(found[2], found[3], found[1])


def _written(found: re.Match[str]) -> str:
    before, mark, inner = found[1], found[2], found[3]
    if mark == DOWN:
        # "H₂O" is looked for as "H2O"; only behind a digit it would be read as one number.
        return f"{before}_{inner}" if before.isdigit() and inner[:1].isdigit() else before + inner
    text = inner.strip()
    if not before or before.isspace() or text.lower() in _ORDINALS or _is_sign(text):
        return before + inner
    # A word that is only written higher, such as a trade mark.
    if len(text) > 1 and not before.isdigit() and all(char.isalpha() or _is_sign(char) for char in text):
        return before + inner
    return before + raised(text) + (" " if inner[-1:].isspace() else "")


def _is_sign(text: str) -> bool:
    return all(unicodedata.category(char) in {"So", "Sk", "Po"} for char in text)

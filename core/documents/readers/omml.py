"""Equations of Word and PowerPoint as readable text: "E=mc²", "(a+b)/(2c)", "√(x)"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.documents.readers.ooxml import local
from core.documents.readers.scripts import fraction, raised

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SIMPLE = 1


def math_text(element: Any) -> str:
    """The text of an equation, or of any part of one."""
    parts: list[str] = []
    for child in element:
        name = local(child)
        write = _WRITERS.get(name)
        if write is not None:
            text = write(child)
        elif name.endswith("Pr") or name in {"del", "delText", "moveFrom"}:
            continue
        elif name == "t":
            text = child.text or ""
        else:
            text = math_text(child)
        if name == "f":
            before = parts[-1][-1:] if parts else ""
            text = _fraction(child, before)
        parts.append(text)
    return "".join(parts)


def _part(element: Any, name: str) -> str:
    child = element.find(f"{MATH}{name}")
    return "" if child is None else math_text(child).strip()


def _property(element: Any, properties: str, name: str, default: str) -> str:
    found = element.find(f"{MATH}{properties}/{MATH}{name}")
    return default if found is None else found.get(f"{MATH}val", found.get("val", default))


def _grouped(text: str) -> str:
    return text if text.isalnum() or len(text) <= _SIMPLE else f"({text})"


def _fraction(element: Any, before: str = "") -> str:
    above, below = _part(element, "num"), _part(element, "den")
    if above.isdecimal() and below.isdecimal():
        return fraction(above, below, before)
    return f"{_grouped(above)}/{_grouped(below)}"


def _power(element: Any) -> str:
    return f"{_grouped(_part(element, 'e'))}{raised(_part(element, 'sup'))}"


def _index(element: Any) -> str:
    return f"{_part(element, 'e')}_{_grouped(_part(element, 'sub'))}"


def _both(element: Any) -> str:
    return f"{_index(element)}{raised(_part(element, 'sup'))}"


def _root(element: Any) -> str:
    degree = _part(element, "deg")
    return f"{raised(degree) if degree else ''}√({_part(element, 'e')})"


def _sum(element: Any) -> str:
    sign = _property(element, "naryPr", "chr", "∫")
    low, high = _part(element, "sub"), _part(element, "sup")
    limits = (f"_({low})" if low else "") + (f"^({high})" if high else "")
    return f"{sign}{limits} {_part(element, 'e')}"


def _brackets(element: Any) -> str:
    begin = _property(element, "dPr", "begChr", "(")
    end = _property(element, "dPr", "endChr", ")")
    between = _property(element, "dPr", "sepChr", "|")
    inner = between.join(math_text(child).strip() for child in element.iterchildren(f"{MATH}e"))
    return f"{begin}{inner}{end}"


def _matrix(element: Any) -> str:
    rows = (
        ", ".join(math_text(cell).strip() for cell in row.iterchildren(f"{MATH}e"))
        for row in element.iterchildren(f"{MATH}mr")
    )
    return f"[{'; '.join(rows)}]"


def _lines(element: Any) -> str:
    return "; ".join(math_text(child).strip() for child in element.iterchildren(f"{MATH}e"))


def _function(element: Any) -> str:
    return f"{_part(element, 'fName')} {_part(element, 'e')}"


def _limit(element: Any) -> str:
    return f"{_part(element, 'e')}_({_part(element, 'lim')})"


def _upper_limit(element: Any) -> str:
    return f"{_part(element, 'e')}^({_part(element, 'lim')})"


def _accent(element: Any) -> str:
    return _part(element, "e") + _property(element, "accPr", "chr", "\u0302")


_WRITERS: dict[str, Callable[[Any], str]] = {
    "f": _fraction,
    "sSup": _power,
    "sSub": _index,
    "sSubSup": _both,
    "rad": _root,
    "nary": _sum,
    "d": _brackets,
    "m": _matrix,
    "eqArr": _lines,
    "func": _function,
    "limLow": _limit,
    "limUpp": _upper_limit,
    "acc": _accent,
}

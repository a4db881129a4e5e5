"""Formulas of web pages as readable text."""

from __future__ import annotations

from core.documents.readers.html_tree import NEVER_SHOWN, Node
from core.documents.readers.scripts import fraction, raised

MAX_DEEP = 100


def mathml_text(node: Node, depth: int = 0) -> str:
    """The text of a formula, or of any part of one."""
    if depth > MAX_DEEP:
        return " ".join(node.text().split())
    parts = [child for child in node.children if not isinstance(child, str) and child.tag not in NEVER_SHOWN]
    if not parts:
        return " ".join(node.text().split())
    texts: list[str] = []
    for part in parts:
        text = mathml_text(part, depth + 1)
        if part.tag == "mfrac" and texts:
            text = _fraction(part, depth + 1, texts[-1][-1:])
        texts.append(text)
    if node.tag == "mfrac" and len(parts) == 2:
        return _fraction(node, depth, "")
    return _written(node.tag, texts)


def _fraction(node: Node, depth: int, before: str) -> str:
    parts = [mathml_text(child, depth + 1) for child in node.children if not isinstance(child, str)]
    if len(parts) != 2:
        return "".join(parts)
    if parts[0].isdecimal() and parts[1].isdecimal():
        return fraction(parts[0], parts[1], before)
    return f"{_grouped(parts[0])}/{_grouped(parts[1])}"


def _written(tag: str, texts: list[str]) -> str:
    if tag in {"msup", "mover"} and len(texts) == 2:
        return f"{_grouped(texts[0])}{raised(texts[1])}"
    if tag in {"msub", "munder"} and len(texts) == 2:
        return f"{texts[0]}_{_grouped(texts[1])}"
    if tag in {"msubsup", "munderover"} and len(texts) == 3:
        return f"{texts[0]}_{_grouped(texts[1])}{raised(texts[2])}"
    if tag == "msqrt":
        return f"√({''.join(texts)})"
    if tag == "mroot" and len(texts) == 2:
        return f"{raised(texts[1])}√({texts[0]})"
    if tag == "mtr":
        return ", ".join(texts)
    if tag == "mtable":
        return f"[{'; '.join(texts)}]"
    if tag == "semantics":
        return texts[0]
    return "".join(texts)


def _grouped(text: str) -> str:
    return text if text.isalnum() or len(text) < 2 else f"({text})"

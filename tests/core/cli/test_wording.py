"""What the code says to a person, as the command line says it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cli.wording import ELSEWHERE, in_a_terminal
from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.portable

# Packages whose sentences are shown in the app alone, or in what it exports.
OF_THE_APP = {"charts", "export", "hosting", "tour"}
# What a terminal does not have.
OF_A_PAGE = re.compile(
    r"\b[Uu]pload (?!is\b)|\b(?:Ask|System|Documents|Evaluate|Runs|Benchmark) page\b|\bon the page\b"
    r"|\bcommand line add\b|\banother tab\b|\b[Pp]ress\b|\bclick\b"
)
# The app is running then, and it is said what to do without it too.
ALLOWED = {"The app's System page checks it; close the app to have it checked here."}


def _texts(path: Path) -> Iterator[str]:
    """Every text of a file that is no docstring; what is put into it as "{}"."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | told:
            yield node.value


TEXTS = [
    text
    for path in sorted((REPOSITORY / "core").rglob("*.py"))
    if path.relative_to(REPOSITORY / "core").parts[0] not in OF_THE_APP and path.name != "wording.py"
    for text in _texts(path)
]


def test_no_sentence_of_a_terminal_speaks_of_the_app() -> None:
    said = {in_a_terminal(text) for text in TEXTS}
    assert [text for text in said - ALLOWED if OF_A_PAGE.search(text)] == []


def test_each_sentence_that_is_told_otherwise_is_said_somewhere() -> None:
    assert [said for said, _ in ELSEWHERE if not any(said in text for text in TEXTS)] == []


def test_file_is_used_and_its_name_stays() -> None:
    name = "How to upload a file.pdf"
    error = f"{name} is damaged. Upload a new copy of it, or save it and upload that."
    assert in_a_terminal(error, names=[name]) == (
        f"{name} is damaged. Use a new copy of it, or save it and use that."
    )

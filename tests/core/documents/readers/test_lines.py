"""Texts whose places are line numbers."""

from __future__ import annotations

import pytest

from core.documents.readers.reader import read_document
from tests.documents import labels

pytestmark = pytest.mark.portable


@pytest.mark.parametrize("name", ["a.py", "a.log", "a.yaml", "a.yml", "a.rst", "a.tex", "a.wiki", "a.sql"])
def test_text_with_line_numbers_is_read_as_it_is(name: str) -> None:
    document = read_document(name, b"first\n  second\n")
    assert document.pages[0].text == "first\n  second"
    assert labels(document) == ["lines 1–3"]


def test_places_of_code_end_at_gaps_between_what_is_not_indented() -> None:
    code = "import os\n\n"
    code += "\n".join(f"def f{number}():\n    a = 1\n\n    return a\n" for number in range(30))
    document = read_document("a.py", code.encode())
    assert all(page.text.startswith("def ") for page in document.pages[1:])
    assert "\n\n".join(page.text for page in document.pages).split() == code.split()
    assert labels(document) == ["lines 1–57", "lines 58–117", "lines 118–152"]

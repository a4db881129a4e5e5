"""What the parts of a document are called."""

from __future__ import annotations

import pytest

from core.documents.part_names import part_name, parts_counted

pytestmark = pytest.mark.portable


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("report.PDF", "page"),
        ("scan.tiff", "page"),
        ("talk.pptx", "slide"),
        ("talk.odp", "slide"),
        ("costs.xlsm", "sheet"),
        ("costs.ods", "sheet"),
        ("novel.epub", "chapter"),
        ("server.log", "part"),
        ("mail.eml", "part"),
        ("README", "part"),
    ],
)
def test_part_is_called_as_its_format_does(file: str, name: str) -> None:
    assert part_name(file) == name


def test_parts_are_counted_where_there_are_any() -> None:
    assert parts_counted("talk.pptx", 12) == "12 slides"
    assert parts_counted("costs.xlsx", 1) == "1 sheet"
    assert parts_counted("notes.docx", None) == ""

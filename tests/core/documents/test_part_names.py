"""What the parts of a document are called."""

from __future__ import annotations

from contextlib import suppress

import pytest

from core.documents.formats import FORMAT_OF, FORMATS
from core.documents.models import Page
from core.documents.part_names import part_name, parts_counted
from core.documents.readers.reader import read_document
from core.errors import DocumentError
from tests.fuzz.files import READ_SUFFIXES, file_seeds

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
        ("novel.epub", "section"),
        ("server.log", "part"),
        ("mail.eml", "part"),
        ("README", "part"),
    ],
)
def test_part_is_called_as_its_format_does(file: str, name: str) -> None:
    assert part_name(file) == name


# Places of what has no name for its parts, and the title of one in the fuzz tests' book.
OTHER_PLACES = {"One", "attachment", "cell", "cells", "line", "lines", "message"}


@pytest.mark.parametrize("suffix", [each for each in READ_SUFFIXES if not FORMAT_OF[each].is_picture])
def test_part_is_called_as_its_place_is(suffix: str) -> None:
    file, pages = f"a.{suffix}", list[Page]()
    for data in file_seeds(suffix):
        with suppress(DocumentError):  # some are damaged
            pages += read_document(file, data).pages
    assert pages
    places = {page.label.split()[0] if page.label else "page" for page in pages if page.number is not None}
    assert places <= OTHER_PLACES | {part_name(file)}


def test_part_of_a_picture_is_a_page() -> None:
    assert {kind.part for kind in FORMATS if kind.is_picture} == {"page"}


def test_parts_are_counted_where_there_are_any() -> None:
    assert parts_counted("talk.pptx", 12) == "12 slides"
    assert parts_counted("costs.xlsx", 1) == "1 sheet"
    assert parts_counted("notes.docx", None) == ""

"""E-books."""

from __future__ import annotations

import pytest

from core.documents.readers.reader import read_document
from core.errors import UnsupportedFileError
from tests import documents as build
from tests.documents import labels, message_of

pytestmark = pytest.mark.portable


def test_book_has_a_page_per_chapter_with_its_title() -> None:
    book = build.build_epub(["<h1>The storm</h1><p>It rained.</p>", "<p></p>", "<h2>After</h2><p>Sun.</p>"])
    document = read_document("a.epub", book)
    assert labels(document) == ["chapter 1: The storm", "chapter 2: After"]
    assert document.pages[1].text == "After\n\nSun."


def test_book_with_copy_protection_is_refused() -> None:
    locked = (
        '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
    )
    data = build.build_epub(["<p>text"], encryption=locked)
    assert "has copy protection" in message_of("a.epub", data, UnsupportedFileError)

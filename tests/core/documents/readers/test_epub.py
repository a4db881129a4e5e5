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


def test_title_that_all_files_share_is_no_chapters() -> None:
    chapters = ["<h2>Skating</h2><p>Ice.</p>", "<p>Snow.</p>", "<h2>Curling</h2><p>Stones.</p>"]
    book = build.build_epub(chapters, head="<head><title>Winter Sports</title></head>")
    assert labels(read_document("a.epub", book)) == ["chapter 1: Skating", "chapter 2", "chapter 3: Curling"]


NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
<navPoint><navLabel><text>I. Rinks</text></navLabel><content src="chapter%200.xhtml#start"/>
<navPoint><navLabel><text>Tests</text></navLabel><content src="chapter%201.xhtml#tests"/></navPoint>
<navPoint><navLabel><text>Jumps</text></navLabel><content src="chapter%202.xhtml#jumps"/></navPoint>
</navPoint>
<navPoint><navLabel><text>II. Curling</text></navLabel><content src="chapter%202.xhtml"/></navPoint>
</navMap></ncx>"""
NAV = """<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="page-list"><ol><li><a href="chapter%200.xhtml">page 1</a></li></ol></nav>
<nav epub:type="toc"><ol><li><a href="chapter%200.xhtml"><b>I.</b> Rinks</a><ol>
<li><a href="chapter%201.xhtml#tests">Tests</a></li><li><a href="chapter%202.xhtml#j">Jumps</a></li></ol></li>
<li><a href="chapter%202.xhtml#two">II. Curling</a></li></ol></nav></body></html>"""


@pytest.mark.parametrize(
    "contents", [{"toc.ncx": NCX}, {"nav.xhtml": NAV}, {"nav.xhtml": "<", "toc.ncx": NCX}]
)
def test_chapters_have_the_titles_of_the_table_of_contents(contents: dict[str, str]) -> None:
    book = build.build_epub(["<h1>Book</h1>a", "<h1>Book</h1>b", "<p>c", "<h2>Notes</h2>"], contents=contents)
    assert labels(read_document("a.epub", book)) == [
        "chapter 1: I. Rinks",
        "chapter 2: Tests",
        "chapter 3: II. Curling",
        "chapter 4: Notes",
    ]


def test_book_with_copy_protection_is_refused() -> None:
    locked = (
        '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
    )
    data = build.build_epub(["<p>text"], encryption=locked)
    assert "has copy protection" in message_of("a.epub", data, UnsupportedFileError)

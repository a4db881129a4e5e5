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
    assert labels(document) == ["The storm", "After"]
    assert document.pages[1].text == "After\n\nSun."


def test_title_that_all_files_share_is_no_chapters() -> None:
    chapters = ["<h2>Skating</h2><p>Ice.</p>", "<p>Snow.</p>", "<h2>Curling</h2><p>Stones.</p>"]
    book = build.build_epub(chapters, head="<head><title>Winter Sports</title></head>")
    assert labels(read_document("a.epub", book)) == ["Skating", "section 2", "Curling"]


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
    assert labels(read_document("a.epub", book)) == ["I. Rinks", "I. Rinks: Tests", "II. Curling", "Notes"]


def _contents(*entries: tuple[str, str]) -> dict[str, str]:
    points = "".join(
        f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{link}"/></navPoint>'
        for title, link in entries
    )
    return {"toc.ncx": f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'}


def test_chapters_that_share_a_file_are_pages_of_their_own() -> None:
    """As Project Gutenberg cuts books: by their size, in the midst of chapters."""
    files = [
        '<p>By E. F. Benson</p><div><p><a id="one"></a>Ice is cold.</p><h3>Tools</h3><p>Skates.</p></div>',
        '<p>More of ice.</p><section id="two"><h2 id="three">Snow</h2><p>Snow is white.</p></section>',
    ]
    contents = _contents(("I. Ice", "chapter%200.xhtml#one"), ("II. Snow", "chapter%201.xhtml#three"))
    document = read_document("a.epub", build.build_epub(files, contents=contents))
    assert [(page.label, page.text) for page in document.pages] == [
        ("section 1", "By E. F. Benson"),
        ("I. Ice", "Ice is cold.\n\nTools\n\nSkates."),
        ("I. Ice", "More of ice."),
        ("II. Snow", "Snow\n\nSnow is white."),
    ]


def test_elements_around_chapters_are_around_each_of_them() -> None:
    files = ['<ul id="one"><li>a</li><li id="two">b<p id="three">c</p>d</li></ul>']
    contents = _contents(*((name, f"chapter%200.xhtml#{name}") for name in ("one", "two", "three", "none")))
    pages = read_document("a.epub", build.build_epub(files, contents=contents)).pages
    assert [(page.label, page.text) for page in pages] == [
        ("one", "a"),
        ("two", "b"),
        ("three", "c\n\nd"),
    ]


def test_title_of_a_file_is_read_with_its_first_chapter() -> None:
    book = build.build_epub(
        ['<p id="one">Ice.</p><p id="two">Snow.</p>'],
        head="<head><title>Winter</title></head>",
        contents=_contents(("Ice", "chapter%200.xhtml#one"), ("Snow", "chapter%200.xhtml#two")),
    )
    assert [page.text for page in read_document("a.epub", book).pages] == ["Winter\n\nIce.", "Snow."]


def test_number_of_a_chapter_is_the_books_own() -> None:
    links = [("Preface", "chapter%200.xhtml"), ("I", "chapter%201.xhtml"), ("2.", "chapter%202.xhtml")]
    book = build.build_epub(["<p>a", "<p>b", "<p>c"], contents=_contents(*links))
    assert labels(read_document("a.epub", book)) == ["Preface", "chapter I", "chapter 2"]


def test_book_with_copy_protection_is_refused() -> None:
    locked = (
        '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'
    )
    data = build.build_epub(["<p>text"], encryption=locked)
    assert "has copy protection" in message_of("a.epub", data, UnsupportedFileError)

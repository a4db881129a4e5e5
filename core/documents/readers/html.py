"""HTML pages, reduced to the text that a browser would show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.documents.blocks import ReadResult, clean_text
from core.documents.models import Page
from core.documents.readers.encoding import decode_text

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from bs4.element import PageElement

_SPACE = re.compile(r"[ \t\r\n\f]+")
# At the beginning only: searched for everywhere, a page of unclosed ones would take hours.
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DROPPED = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object"})
_BLOCK = re.compile(
    "address|article|aside|blockquote|body|caption|details|div|dl|fieldset|figcaption|figure|footer|"
    "form|h1|h2|h3|h4|h5|h6|header|hr|main|nav|ol|p|pre|section|summary|table|title|ul"
)
_LINES = frozenset({"li", "tr", "dt", "dd", "option", "br"})
_CELLS = frozenset({"td", "th"})
_CELL_END = "\x1f"
# Stand in for preformatted white space while all other white space is collapsed.
_KEEP_SPACE = str.maketrans(" \t", "\x01\x02")
_GIVE_SPACE_BACK = str.maketrans("\x01\x02", " \t")


def read_html(file: str, data: bytes) -> ReadResult:
    """The text that a browser would show, blocks on lines of their own, table cells apart.

    Raises: UnsupportedFileError when it is not text.
    """
    from bs4 import BeautifulSoup

    # An XHTML declaration's encoding is not true any more after decoding. The comment keeps BeautifulSoup
    # from taking a page without tags for a file name and warning about it.
    markup = _XML_DECLARATION.sub("", _decode_html(file, data))
    raw = "".join(_parts(BeautifulSoup(f"<!---->{markup}", "lxml")))
    lines = (re.sub(" +", " ", line).strip(" ") for line in raw.split("\n"))
    cells = (line.rstrip(f" {_CELL_END}").replace(_CELL_END, " | ") for line in lines)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(cells)).strip("\n")
    return ReadResult((Page(number=None, text=text.translate(_GIVE_SPACE_BACK)),))


def _parts(soup: BeautifulSoup) -> Iterator[str]:
    """Strings in document order, between them the line breaks and cell ends that a browser would draw.

    One pass with a stack: pages nested thousands of tags deep exist, and editing such a tree takes minutes.
    """
    from bs4.element import CData, NavigableString, Tag

    path: list[tuple[Tag, Iterator[PageElement]]] = [(soup, iter(soup.contents))]
    num_pre = 0
    while path:
        tag, children = path[-1]
        for child in children:
            if isinstance(child, Tag) and child.name not in _DROPPED:
                if _BLOCK.fullmatch(child.name):
                    yield "\n"
                num_pre += child.name == "pre"
                path.append((child, iter(child.contents)))
                break
            # Exactly these types: comments and the document type are subclasses.
            if isinstance(child, NavigableString) and type(child) in {NavigableString, CData}:
                yield child.translate(_KEEP_SPACE) if num_pre else _SPACE.sub(" ", child)
        else:
            path.pop()
            num_pre -= tag.name == "pre"
            if tag.name in _CELLS:
                yield _CELL_END
            elif tag.name in _LINES or _BLOCK.fullmatch(tag.name):
                yield "\n"


def _decode_html(file: str, data: bytes) -> str:
    from bs4.dammit import EncodingDetector

    declared = EncodingDetector.find_declared_encoding(data, is_html=True)
    # A page that names UTF-16 inside of bytes that could be read as ASCII is not in UTF-16.
    if declared and b"\x00" not in data and not declared.lower().startswith("utf"):
        try:
            # Browsers take "ISO-8859-1" for Windows-1252, because the pages do.
            is_latin = declared.lower() in {"iso-8859-1", "latin-1", "us-ascii", "ascii"}
            return clean_text(data.decode("cp1252" if is_latin else declared))
        # LookupError: an encoding that doesn't exist or isn't one of text.
        except (LookupError, UnicodeError):
            pass
    return decode_text(file, data)

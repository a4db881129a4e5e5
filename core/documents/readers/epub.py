"""Electronic books: a page per chapter."""

from __future__ import annotations

import posixpath
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from core.documents.blocks import BlockKind, ReadResult
from core.documents.models import Page
from core.documents.readers.container import parsing
from core.documents.readers.html import read_html
from core.documents.readers.parts import numbered
from core.documents.readers.xml import local_name, xml_root
from core.errors import DocumentError, UnsupportedFileError
from core.runtime.words import counted

MAX_TITLE_CHARS = 60
_NAV_TYPE = "{http://www.idpf.org/2007/ops}type"
_FONT_PROTECTION = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read_epub(file: str, data: bytes) -> ReadResult:
    """The chapters in reading order, those without text left out.

    Raises:
        CorruptFileError: When a part that it needs is missing or damaged.
        FileTooLargeError: When its parts unpack to more than `MAX_CONTAINER_BYTES` together.
        UnsupportedFileError: When it has copy protection.
    """
    with parsing(file, data, "an e-book program"), ZipFile(BytesIO(data)) as archive:
        _refuse_protected(file, archive)
        book = _book(archive)
        pages: list[tuple[str, Page]] = []
        num_bad = 0
        for name in book.chapters:
            try:
                page = read_html(name, archive.read(name)).pages[0]
            except (DocumentError, KeyError):
                num_bad += 1
                continue
            if page.text.strip():
                pages.append((name, page))
        notes = (counted(num_bad, "chapter", "not read"),) if num_bad else ()
        return ReadResult(numbered(_labelled(pages, _contents(archive, book))), notes)


def _refuse_protected(file: str, archive: ZipFile) -> None:
    if "META-INF/encryption.xml" not in archive.namelist():
        return
    root = xml_root(archive.read("META-INF/encryption.xml"))
    methods = [each.get("Algorithm", "") for each in root.iter() if local_name(each) == "EncryptionMethod"]
    if any(method not in _FONT_PROTECTION for method in methods):
        raise UnsupportedFileError(
            f"{file} has copy protection, so its text can't be read. Upload a copy without it."
        )


@dataclass(frozen=True, slots=True)
class _Book:
    """Names of a book's files in the archive.

    Attributes:
        chapters: What its spine lists.
        contents: Its tables of contents, that of EPUB 3 first.
    """

    chapters: list[str]
    contents: list[str]


def _book(archive: ZipFile) -> _Book:
    container = xml_root(archive.read("META-INF/container.xml"))
    package = next(each.get("full-path") for each in container.iter() if local_name(each) == "rootfile")
    root = xml_root(archive.read(package))
    items = {each.get("id"): each for each in root.iter() if local_name(each) == "item"}
    spine = [items.get(each.get("idref")) for each in root.iter() if local_name(each) == "itemref"]
    chapters = [item for item in spine if item is not None and "html" in item.get("media-type", "html")]
    contents = [item for item in items.values() if "nav" in item.get("properties", "").split()]
    contents += [item for item in items.values() if item.get("media-type") == "application/x-dtbncx+xml"]
    return _Book(
        [_target(package, item.get("href", "")) for item in chapters],
        [_target(package, item.get("href", "")) for item in contents],
    )


def _target(source: str, link: str) -> str:
    """The name of the file that a link in another one leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), unquote(link.partition("#")[0])))


def _contents(archive: ZipFile, book: _Book) -> dict[str, str]:
    """What the book's table of contents calls each file: the first of its entries of the highest level."""
    for name in book.contents:
        try:
            entries = list(_entries(xml_root(archive.read(name))))
        except (KeyError, ValueError, SyntaxError, BadZipFile, zlib.error):
            # A damaged one takes away titles, no text.
            continue
        found: dict[str, str] = {}
        for _, link, title in sorted(entries, key=lambda entry: entry[0]):
            if title:
                found.setdefault(_target(name, link), title)
        if found:
            return found
    return {}


def _entries(root: Any) -> Iterator[tuple[int, str, str]]:
    """How deep each entry of a table of contents lies, where it leads and what it says."""
    for each in root.iter():
        if local_name(each) == "navPoint":
            link = next((part.get("src", "") for part in each if local_name(part) == "content"), "")
            label = next((part for part in each if local_name(part) == "navLabel"), None)
        elif local_name(each) == "a" and _is_in_contents(each):
            link, label = each.get("href", ""), each
        else:
            continue
        depth = sum(local_name(above) in {"navPoint", "li"} for above in each.iterancestors())
        yield depth, link, "" if label is None else " ".join("".join(label.itertext()).split())


def _is_in_contents(link: Any) -> bool:
    """Whether it stands in the list of chapters, not in that of pages or landmarks."""
    nav = next((above for above in link.iterancestors() if local_name(above) == "nav"), None)
    return nav is not None and "toc" in nav.get(_NAV_TYPE, "toc").split()


def _labelled(pages: Sequence[tuple[str, Page]], contents: Mapping[str, str]) -> Iterator[Page]:
    """Each page with its title: that in the table of contents, else its first heading.

    What is the first heading of more than half of the files is the book's title, and no chapter's.
    """
    headings = [_headings(page) for _, page in pages]
    firsts = Counter(each[0] for each in headings if each)
    shared = {title for title, num in firsts.items() if num > 1 and num * 2 > len(pages)}
    for number, ((name, page), found) in enumerate(zip(pages, headings, strict=True), 1):
        own = (title for title in found if title not in shared)
        yield replace(page, label=_label(number, contents.get(name) or next(own, "")))


def _headings(page: Page) -> list[str]:
    blocks = (block for block in page.blocks if block.kind is BlockKind.HEADING)
    return [" ".join(page.text[block.start : block.end].split()) for block in blocks]


def _label(number: int, title: str) -> str:
    """ "chapter 3: The storm" """
    if not title:
        return f"chapter {number}"
    shown = title if len(title) <= MAX_TITLE_CHARS else f"{title[: MAX_TITLE_CHARS - 1]}…"
    return f"chapter {number}: {shown}"

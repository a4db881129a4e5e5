"""Electronic books: a page per chapter of the table of contents, and one per file that it does not name."""

from __future__ import annotations

import posixpath
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from core.documents.blocks import BlockKind, ReadResult
from core.documents.models import Page
from core.documents.readers.container import parsing
from core.documents.readers.html import read_html_parts
from core.documents.readers.parts import numbered
from core.documents.readers.xml import local_name, xml_root
from core.errors import DocumentError, UnsupportedFileError
from core.runtime.words import counted

MAX_TITLE_CHARS = 60
# Each takes a look at the whole file.
MAX_PARTS = 200
# Titles that are a number alone.
_NUMBER = re.compile(r"(\d{1,3}|[IVXLC]{1,8})\.?")
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
        contents = _contents(archive, book)
        parts: list[_Part] = []
        num_bad, running = 0, ""
        for name in book.chapters:
            entries = contents.get(name, [])
            anchors = [each.anchor for each in entries if each.begins]
            try:
                found = read_html_parts(name, archive.read(name), anchors[:MAX_PARTS])
            except (DocumentError, KeyError):
                num_bad += 1
                continue
            parts += _parts(found, entries, running)
            running = next((each.title for each in reversed(entries) if each.begins), running)
        notes = (counted(num_bad, "section", "not read"),) if num_bad else ()
        return ReadResult(numbered(_labelled(parts)), notes)


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


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a table of contents.

    Attributes:
        anchor: Where in its file it leads to; "" for the file's begin.
        title: With those of the entries above it, where it is of a lower level.
        begins: A part of the file begins there: it is of the level of chapters.
    """

    anchor: str
    title: str
    begins: bool


def _contents(archive: ZipFile, book: _Book) -> dict[str, list[_Entry]]:
    """The entries of the book's table of contents that lead to each file."""
    for name in book.contents:
        try:
            entries = list(_entries(xml_root(archive.read(name))))
        except (KeyError, ValueError, SyntaxError, BadZipFile, zlib.error):
            # A damaged one takes away titles, no text.
            continue
        depths = Counter(depth for depth, _, title in entries if title)
        # One entry above all others is the book's own title.
        level = min((depth for depth, num in depths.items() if num > 1), default=min(depths, default=0))
        found: dict[str, list[_Entry]] = {}
        above: dict[int, str] = {}
        for depth, link, title in entries:
            above = {each: other for each, other in above.items() if level <= each < depth} | {depth: title}
            if not title:
                continue
            anchor = unquote(link.partition("#")[2])
            entry = _Entry(anchor, ": ".join(filter(None, map(_shown, above.values()))), depth <= level)
            found.setdefault(_target(name, link), []).append(entry)
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


@dataclass(frozen=True, slots=True)
class _Part:
    """What a page is made of.

    Attributes:
        title: That of the table of contents; "" where it has none.
    """

    page: Page
    title: str


def _parts(found: Sequence[tuple[str, Page]], entries: Sequence[_Entry], running: str) -> Iterator[_Part]:
    """A file's parts with their titles, those without text left out.

    Args:
        found: Each with the anchor that it begins with.
        entries: Those that lead to the file.
        running: The title of the chapter before, which goes on up to where the next one begins.
    """
    anchors = {anchor for anchor, _ in found}
    for anchor, page in found:
        if not page.text.strip():
            continue
        # What leads to a place that is not there leads to the file.
        own = (
            each.title
            for each in entries
            if each.begins and (each.anchor if each.anchor in anchors else "") == anchor
        )
        rest = running if len(found) > 1 else next((each.title for each in entries), "")
        yield _Part(page, next(own, rest))


def _labelled(parts: Sequence[_Part]) -> Iterator[Page]:
    """Each page with its title: that in the table of contents, else its first heading.

    What is the first heading of more than half of the parts is the book's title, and no chapter's. Numbers of
    chapters are the book's own: it may count them in another way than its files.
    """
    headings = [_headings(part.page) for part in parts]
    firsts = Counter(each[0] for each in headings if each)
    shared = {title for title, num in firsts.items() if num > 1 and num * 2 > len(parts)}
    for number, (part, found) in enumerate(zip(parts, headings, strict=True), 1):
        own = (_shown(title) for title in found if title not in shared)
        yield replace(part.page, label=part.title or next(own, "") or f"section {number}")


def _headings(page: Page) -> list[str]:
    blocks = (block for block in page.blocks if block.kind is BlockKind.HEADING)
    return [" ".join(page.text[block.start : block.end].split()) for block in blocks]


def _shown(title: str) -> str:
    """ "The storm", "chapter IV" """
    if number := _NUMBER.fullmatch(title):
        return f"chapter {number[1]}"
    return title if len(title) <= MAX_TITLE_CHARS else f"{title[: MAX_TITLE_CHARS - 1]}…"

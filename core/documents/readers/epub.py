"""Electronic books: a page per chapter."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from urllib.parse import unquote
from zipfile import ZipFile

from core.documents.blocks import BlockKind, ReadResult
from core.documents.models import Page
from core.documents.readers.container import parsing
from core.documents.readers.html import read_html
from core.documents.readers.parts import numbered
from core.documents.readers.xml import local_name, xml_root
from core.errors import DocumentError, UnsupportedFileError
from core.runtime.words import counted

MAX_TITLE_CHARS = 60
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
        pages: list[Page] = []
        num_bad = 0
        for name in _chapters(archive):
            try:
                page = read_html(name, archive.read(name)).pages[0]
            except (DocumentError, KeyError):
                num_bad += 1
                continue
            if page.text.strip():
                pages.append(replace(page, label=_label(len(pages) + 1, page)))
        notes = (counted(num_bad, "chapter", "not read"),) if num_bad else ()
        return ReadResult(numbered(pages), notes)


def _refuse_protected(file: str, archive: ZipFile) -> None:
    if "META-INF/encryption.xml" not in archive.namelist():
        return
    root = xml_root(archive.read("META-INF/encryption.xml"))
    methods = [each.get("Algorithm", "") for each in root.iter() if local_name(each) == "EncryptionMethod"]
    if any(method not in _FONT_PROTECTION for method in methods):
        raise UnsupportedFileError(
            f"{file} has copy protection, so its text can't be read. Upload a copy without it."
        )


def _chapters(archive: ZipFile) -> Iterator[str]:
    """The names of the files that the book's spine lists."""
    container = xml_root(archive.read("META-INF/container.xml"))
    package = next(each.get("full-path") for each in container.iter() if local_name(each) == "rootfile")
    root = xml_root(archive.read(package))
    folder = posixpath.dirname(package)
    items = {each.get("id"): each for each in root.iter() if local_name(each) == "item"}
    for reference in root.iter():
        if local_name(reference) != "itemref":
            continue
        item = items.get(reference.get("idref"))
        if item is not None and "html" in item.get("media-type", "html"):
            yield posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))


def _label(number: int, page: Page) -> str:
    """ "chapter 3: The storm" """
    heading = next((block for block in page.blocks if block.kind is BlockKind.HEADING), None)
    if heading is None:
        return f"chapter {number}"
    title = " ".join(page.text[heading.start : heading.end].split())
    shown = title if len(title) <= MAX_TITLE_CHARS else f"{title[: MAX_TITLE_CHARS - 1]}…"
    return f"chapter {number}: {shown}"

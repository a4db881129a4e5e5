"""The files to ingest for what somebody names: paths and addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.documents.models import SameName
from core.documents.sources.folder import supported_below
from core.documents.sources.incoming import IncomingFile, origin_of
from core.documents.sources.web import web_files
from core.documents.sources.zip_archive import expanded


def files_of(
    paths: Iterable[str | Path],
    *,
    same_name: SameName = "keep",
    encoding: str = "",
    whole_pages: bool = False,
    ocr: bool = False,
) -> list[IncomingFile]:
    """The files to ingest for `paths`: files, folders, ZIP archives, and http or https addresses.

    A folder gives every file of a supported type below it, sorted, hidden ones left out. A path that does not
    exist is kept, and fails with its own sentence. An address is fetched when its turn comes.

    Args:
        paths: In the order in which they are ingested.
        same_name: What becomes of documents with the same name; see
            `core.documents.sources.incoming.IncomingFile`.
        encoding: The encoding of files of text; "" to find it out.
        whole_pages: Read the menus and banners of web addresses too.
        ocr: Recognise the text on scanned pages of PDFs; needs Tesseract.
    """
    found: list[IncomingFile] = []
    for path in paths:
        if str(path).startswith(("http://", "https://")):
            found += web_files(str(path), main_only=not whole_pages)
        elif Path(path).is_dir():
            folder = Path(path)
            found += [
                replace(_incoming(file), origin=origin_of(file.relative_to(folder).parent.as_posix()))
                for file in supported_below(folder)
            ]
        else:
            found += expanded(_incoming(Path(path)))
    return [
        replace(file, same_name=same_name, encoding=encoding, ocr=ocr and _is_pdf(file)) for file in found
    ]


def _is_pdf(file: IncomingFile) -> bool:
    return file.name.lower().endswith(".pdf")


def _incoming(path: Path) -> IncomingFile:
    try:
        size_bytes = path.stat().st_size
    except OSError:
        size_bytes = 0
    return IncomingFile(name=path.name, size_bytes=size_bytes, read=path.read_bytes)

"""Text recognition (OCR) for scanned PDFs, where Tesseract is installed. Nothing here is required."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from typing import Any

from core.documents.pdf import PDFIUM_LOCK
from core.errors import CorruptFileError, UnsupportedFileError
from core.records import Page

ENGINE = "tesseract"
HOW_TO_INSTALL = "install Tesseract (Debian: apt install tesseract-ocr, macOS: brew install tesseract)"
DPI = 200
PAGE_TIMEOUT_S = 120.0


def engine_path() -> str | None:
    """Where the engine is; None when it is not installed."""
    return shutil.which(ENGINE)


def recognise_pages(
    file: str, data: bytes, pages: Sequence[Page], *, password: str = "", on_page: Callable[[int, int], None]
) -> tuple[Page, ...]:
    """The PDF's pages, those without text with what the engine sees on their picture.

    on_page: told how many pages are done, and of how many.
    Raises: UnsupportedFileError where there is no engine, CorruptFileError when the engine fails.
    """
    import pypdfium2

    engine = engine_path()
    if engine is None:
        raise UnsupportedFileError(f"{file} is a scan. To have its text recognised, {HOW_TO_INSTALL}.")
    done: list[Page] = []
    with PDFIUM_LOCK, closing(pypdfium2.PdfDocument(data, password=password or None)) as pdf:
        for index, page in enumerate(pages):
            if not page.text.strip() and not page.is_damaged:
                page = replace(page, text=_recognise(file, engine, _picture(pdf, index)))
            done.append(page)
            on_page(len(done), len(pages))
    return tuple(done)


def _picture(pdf: Any, index: int) -> bytes:
    with closing(pdf[index]) as page:
        image = page.render(scale=DPI / 72, grayscale=True).to_pil()
    buffer = BytesIO()
    image.save(buffer, "PNG", dpi=(DPI, DPI))
    return buffer.getvalue()


def _recognise(file: str, engine: str, picture: bytes) -> str:
    try:
        done = subprocess.run(
            [engine, "stdin", "stdout"],
            input=picture,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PAGE_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise CorruptFileError(
            f"Text recognition failed on {file}. Check that Tesseract works, or upload a recognised copy."
        ) from exc
    return done.stdout.decode(errors="replace").replace("\f", "").strip()

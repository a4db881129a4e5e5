"""Text recognition (OCR) for scanned PDFs, where Tesseract is installed. Nothing here is required."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from typing import Any

from core.documents.models import Page
from core.documents.readers.pdf import PDFIUM_LOCK
from core.errors import CorruptFileError, UnsupportedFileError

ENGINE = "tesseract"
HOW_TO_INSTALL = "install Tesseract (Debian: apt install tesseract-ocr, macOS: brew install tesseract)"
DPI = 200
PAGE_TIMEOUT_S = 120.0
# Each language takes its share of the time on every page, so what somebody has chosen to install is used,
# and a bundle of all hundred is not.
MAX_LANGUAGES = 4
DEFAULT_LANGUAGE = "eng"
# Tesseract's models that are no language: page orientation, digits, formulas.
_NO_LANGUAGES = {"osd", "snum", "equ"}
# Of a word that goes on in the next line; names and numbers keep theirs.
_LINE_END_HYPHEN = re.compile(r"(?<=[^\W\d_])-\n([^\W\d_])")


def engine_path() -> str | None:
    """Where the engine is; None when it is not installed."""
    return shutil.which(ENGINE)


def recognise_pages(
    file: str, data: bytes, pages: Sequence[Page], *, password: str = "", on_page: Callable[[int, int], None]
) -> tuple[Page, ...]:
    """The PDF's pages, those without text with what the engine sees on their picture.

    Args:
        file: Its name, for messages.
        data: The PDF's bytes.
        pages: As the PDF's own text gives them, in order.
        password: Opens the PDF; "" where it needs none.
        on_page: Told how many pages are done, and of how many.

    Raises:
        UnsupportedFileError: Where there is no engine.
        CorruptFileError: When the engine fails.
    """
    engine = engine_path()
    if engine is None:
        raise UnsupportedFileError(f"{file} is a scan. To have its text recognised, {HOW_TO_INSTALL}.")
    command = [engine, "stdin", "stdout", *_language_options(engine)]
    done: list[Page] = []
    with closing(_recognise_all(file, data, password, pages, command)) as texts:
        for page in pages:
            done.append(replace(page, text=next(texts)) if _is_picture(page) else page)
            on_page(len(done), len(pages))
    return tuple(done)


def recognised_texts(file: str, pictures: Iterable[bytes]) -> list[str]:
    """What the engine sees on each picture.

    Raises:
        UnsupportedFileError: Where there is no engine.
        CorruptFileError: When it fails.
    """
    engine = engine_path()
    if engine is None:
        raise UnsupportedFileError(f"{file} is a picture. To have its text recognised, {HOW_TO_INSTALL}.")
    command = [engine, "stdin", "stdout", *_language_options(engine)]
    return [_recognise(file, command, picture) for picture in pictures]


def _is_picture(page: Page) -> bool:
    return not page.text.strip() and not page.is_damaged


def _recognise_all(
    file: str, data: bytes, password: str, pages: Sequence[Page], command: list[str]
) -> Generator[str, None, None]:
    """The text of each page without one, in order; as many are recognised at a time as there are cores."""
    import pypdfium2

    num_at_once = os.cpu_count() or 1
    waiting: deque[Future[str]] = deque()
    with (
        ThreadPoolExecutor(num_at_once) as pool,
        PDFIUM_LOCK,
        closing(pypdfium2.PdfDocument(data, password=password or None)) as pdf,
    ):
        try:
            for index, page in enumerate(pages):
                if not _is_picture(page):
                    continue
                # One picture more than are being read: a thousand would not fit into memory.
                if len(waiting) > num_at_once:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(_recognise, file, command, _picture(pdf, index)))
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()


def _language_options(engine: str) -> list[str]:
    """`-l` with the installed languages: up to MAX_LANGUAGES all of them, else Tesseract's own default."""
    try:
        listed = subprocess.run(
            [engine, "--list-langs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PAGE_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return []
    # The first line is a heading; names with a slash are models of scripts.
    names = {name for name in listed.stdout.split("\n")[1:] if name and "/" not in name} - _NO_LANGUAGES
    if not 1 <= len(names) <= MAX_LANGUAGES:
        return []
    # The first one decides where they disagree.
    return ["-l", "+".join(sorted(names, key=lambda name: (name != DEFAULT_LANGUAGE, name)))]


def _picture(pdf: Any, index: int) -> bytes:
    with closing(pdf[index]) as page:
        image = page.render(scale=DPI / 72, grayscale=True).to_pil()
    buffer = BytesIO()
    image.save(buffer, "PNG", dpi=(DPI, DPI))
    return buffer.getvalue()


def _recognise(file: str, command: list[str], picture: bytes) -> str:
    try:
        done = subprocess.run(
            command,
            input=picture,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Pages side by side are faster than several threads on one page.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            timeout=PAGE_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise CorruptFileError(
            f"Text recognition failed on {file}. Check that Tesseract works, or upload a recognised copy."
        ) from exc
    text = done.stdout.decode(errors="replace").replace("\f", "").strip()
    return _LINE_END_HYPHEN.sub(lambda found: found[0] if found[1].isupper() else found[1], text)

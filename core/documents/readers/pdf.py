"""PDF documents, read with PDFium."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from threading import Lock
from typing import Any

from core.documents.blocks import ReadResult
from core.documents.models import Page
from core.errors import CorruptFileError, EncryptedFileError

# PDFium is not thread-safe, not even for two different documents.
PDFIUM_LOCK = Lock()

# PDFium's error codes for a password that is wanted and for a way of protection it doesn't know.
_PASSWORD_ERRORS = (4, 5)

# PDFium marks the hyphen of a word that goes on in the next line with one of these.
_LINE_END_HYPHEN = re.compile("[\x02\ufffe]\\s*")
# What is left of glyphs that have no meaning as text.
_STRAY_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\uffff]")

_SAMPLE_CHARS = 200
_NOT_LETTER = re.compile(r"[\s\x00-\x1f\ufffe\uffff]+")


def read_pdf(
    file: str, data: bytes, *, password: str = "", on_page: Callable[[int, int], None] | None = None
) -> ReadResult:
    """One `Page` per page, empty and damaged ones included. An empty user password opens unasked.

    on_page: told how many pages are read, and of how many.
    Raises: EncryptedFileError, CorruptFileError when not one page can be read.
    """
    read: list[Page] = []
    with PDFIUM_LOCK, closing(_open(file, data, password)) as pdf:
        for index in range(len(pdf)):
            read.append(_read_page(pdf, index))
            if on_page is not None:
                on_page(len(read), len(pdf))
    pages = tuple(read)
    if pages and all(page.is_damaged for page in pages):
        none = (
            "its only page can't be read"
            if len(pages) == 1
            else f"none of its {len(pages):,} pages can be read"
        )
        raise CorruptFileError(f"{file} is damaged: {none}. Save or download it again and upload that.")
    return ReadResult(pages)


def _open(file: str, data: bytes, password: str) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data, password=password or None)
    except pypdfium2.PdfiumError as exc:
        if exc.err_code in _PASSWORD_ERRORS:
            raise EncryptedFileError(
                f"The password does not open {file}. Check it and try again."
                if password
                else f"{file} is protected by a password. Give the password, or save a copy without one."
            ) from exc
        raise CorruptFileError(
            f"{file} is damaged and can't be opened as a PDF. Save or download it again and upload that."
        ) from exc


def _read_page(pdf: Any, index: int) -> Page:
    import pypdfium2

    try:
        return Page(number=index + 1, text=_tidy(_page_text(pdf, index)))
    except pypdfium2.PdfiumError:
        # One page that can't be read must not cost the reader all the others.
        return Page(number=index + 1, text="", is_damaged=True)


def _page_text(pdf: Any, index: int) -> str:
    with closing(pdf[index]) as page:
        if page.get_rotation() and _runs_along_the_page(page):
            # Turned for the screen only: in the page's own direction the lines are in order.
            page.set_rotation(0)
        return _text_of(page)


def _runs_along_the_page(page: Any) -> bool:
    """Whether most of the first characters stand to the right of the one before, before any turning."""
    with closing(page.get_textpage()) as textpage:
        boxes = [textpage.get_charbox(index) for index in range(min(textpage.count_chars(), _SAMPLE_CHARS))]
    steps = [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(boxes)]
    return sum(dx > abs(dy) for dx, dy in steps) * 2 > len(steps)


def _text_of(page: Any) -> str:
    with closing(page.get_textpage()) as textpage:
        everything: str = textpage.get_text_range()
        visible: str = textpage.get_text_bounded()
    # Print-shop PDFs keep line counters and job names outside of the visible area; those are left out.
    # Where nothing is outside, the first form is better: the second loses some line breaks.
    is_trimmed = 0 < _num_letters(visible) < _num_letters(everything)
    return visible if is_trimmed else everything


def _num_letters(text: str) -> int:
    return len(_NOT_LETTER.sub("", text))


def _tidy(text: str) -> str:
    return _STRAY_CONTROL.sub("", _LINE_END_HYPHEN.sub("", text))

"""PDF documents, read with PDFium."""

from __future__ import annotations

import re
from contextlib import closing
from threading import Lock
from typing import Any

from core.errors import CorruptFileError, EncryptedFileError
from core.records import Page

# PDFium is not thread-safe, not even for two different documents.
_PDFIUM_LOCK = Lock()

# PDFium's error codes for a password that is wanted and for a way of protection it doesn't know.
_PASSWORD_ERRORS = (4, 5)

# PDFium marks the hyphen of a word that goes on in the next line with one of these.
_LINE_END_HYPHEN = re.compile("[\x02\ufffe]\\s*")
# What is left of glyphs that have no meaning as text.
_STRAY_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\uffff]")

_NOT_LETTER = re.compile(r"[\s\x00-\x1f\ufffe\uffff]+")


def read_pdf(file: str, data: bytes) -> tuple[Page, ...]:
    """One `Page` per page, empty and damaged ones included. An empty user password opens unasked.

    Raises: EncryptedFileError, CorruptFileError when not one page can be read.
    """
    with _PDFIUM_LOCK, closing(_open(file, data)) as pdf:
        pages = tuple(_read_page(pdf, index) for index in range(len(pdf)))
    if pages and all(page.is_damaged for page in pages):
        none = (
            "its only page can't be read"
            if len(pages) == 1
            else f"none of its {len(pages):,} pages can be read"
        )
        raise CorruptFileError(f"{file} is damaged: {none}. Save or download it again and upload that.")
    return pages


def _open(file: str, data: bytes) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as exc:
        if exc.err_code in _PASSWORD_ERRORS:
            raise EncryptedFileError(
                f"{file} is protected by a password. Save a copy without the password and upload that."
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
    with closing(pdf[index]) as page, closing(page.get_textpage()) as textpage:
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

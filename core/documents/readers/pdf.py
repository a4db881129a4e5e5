"""PDF documents, read with PDFium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from threading import Lock
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.models import Page
from core.documents.readers.hyphens import join_divided
from core.documents.readers.pdf_annotations import Annotations, Note, read_annotations
from core.documents.readers.pdf_layout import Layout, lay_out, outline, with_exponents
from core.documents.readers.pdf_names import blocks_of_tables
from core.documents.readers.pdf_tables import PdfTable
from core.errors import CorruptFileError, EncryptedFileError, NoTextError, UnsupportedFileError
from core.runtime.words import counted

# How a document's note says that what was read of a page is no text.
UNMAPPED = "with letters whose meaning the file does not tell: text recognition (OCR) would read them"

# PDFium is not thread-safe, not even for two different documents.
PDFIUM_LOCK = Lock()

# PDFium's error codes for a password that is wanted and for a way of protection it doesn't know.
_PASSWORD_ERRORS = (4, 5)

# What is written without spaces, punctuation among it, and the spaces in the middle of it.
_HAN = re.compile("[\u2e80-\u2fdf\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff5e\u2026]")
_SPREAD_HAN = re.compile(f"(?<={_HAN.pattern})[ \u3000]+(?={_HAN.pattern})")
LEAST_SPREAD = 5
# What is left of glyphs that have no meaning as text.
_STRAY_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\uffff]")

_SAMPLE_CHARS = 200
# A page where a larger share is no text is written in a font without a table of its characters.
_MAX_STRAY_RATIO = 0.2

# What stands in a file whose contents only the program that made it can show.
_PLACEHOLDER_CHARS = 2000
_FORM_PLACEHOLDER = re.compile(
    r"if this message is not eventually replaced|PDF viewer may not be able to display|"
    r"please wait\W{1,8}if this message|to view the full contents of this (document|form)|"
    r"(document|file|form) you are trying to (load|open) requires Adobe",
    re.IGNORECASE,
)
_SURE_PORTFOLIO = re.compile(r"open this PDF (portfolio|package)", re.IGNORECASE)
_PORTFOLIO = re.compile(r"PDF[ -](portfolio|package)", re.IGNORECASE)
_PROTECTED_PLACEHOLDER = re.compile(
    r"(microsoft|azure) (information protection|rights management)|"
    r"this (PDF )?(document|file) is protected\b.{0,200}\b(viewer|reader|open it)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _RawPage:
    """A page before divided words are joined, for which the whole document is looked at."""

    layout: Layout
    annotations: Annotations
    is_damaged: bool = False
    has_stray_letters: bool = False


def read_pdf(
    file: str,
    data: bytes,
    *,
    password: str = "",
    on_page: Callable[[int, int], None] | None = None,
    for_recognition: bool = False,
) -> ReadResult:
    """One `Page` per page, empty and damaged ones included. An empty user password opens unasked.

    Args:
        file: Its name, for messages.
        data: All of its bytes.
        password: "" where it needs none.
        on_page: Told how many pages are read, and of how many; None where nobody asks.
        for_recognition: Pages whose letters have no meaning are left empty, to be recognised as pictures are.

    Raises:
        EncryptedFileError: The file is protected by a password.
        CorruptFileError: When not one page can be read.
        UnsupportedFileError: When the pages are only a placeholder.
        NoTextError: For a form that nobody has filled in.
    """
    read: list[_RawPage] = []
    with PDFIUM_LOCK, closing(_open(file, data, password)) as pdf:
        form = _form_of(pdf)
        for index in range(len(pdf)):
            read.append(_read_page(pdf, index, form))
            if on_page is not None:
                on_page(len(read), len(pdf))
        embedded = [pdf.get_attachment(index).get_name() for index in range(pdf.count_attachments())]
    if read and all(page.is_damaged for page in read):
        what = "its only page can't" if len(read) == 1 else f"none of its {len(read):,} pages can"
        none = f"{what} be read"

        raise CorruptFileError(f"{file} is damaged: {none}. Save or download it again and upload that.")
    if for_recognition:
        read = [
            replace(page, layout=Layout(()), has_stray_letters=False) if page.has_stray_letters else page
            for page in read
        ]
    pages = _joined(read)
    _refuse_placeholder(file, pages, embedded)
    _refuse_empty_form(file, pages, read)
    return ReadResult(pages, tuple(_notes(read, embedded)))


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


def _form_of(pdf: Any) -> Any | None:
    """PDFium's handle of the document's form; None where it has none."""
    import logging

    import pypdfium2.raw as pdfium

    if pdf.get_formtype() == pdfium.FORMTYPE_NONE:
        return None
    # It warns of forms of the XFA kind, whose fields are read as far as they are in the other kind too.
    logging.getLogger("pypdfium2").setLevel(logging.ERROR)
    pdf.init_forms()
    return pdf.formenv.raw if pdf.formenv else None


def _read_page(pdf: Any, index: int, form: Any | None) -> _RawPage:
    import pypdfium2

    try:
        with closing(pdf[index]) as page:
            if page.get_rotation() and _runs_along_the_page(page):
                # Turned for the screen only: in the page's own direction the lines are in order.
                page.set_rotation(0)
            with closing(page.get_textpage()) as textpage:
                text = _text_of(textpage)
                layout = _laid_out(page, textpage, text)
                return _RawPage(
                    layout, read_annotations(page, textpage, form), has_stray_letters=_is_stray(text)
                )
    except pypdfium2.PdfiumError:
        # One page that can't be read must not cost the reader all the others.
        return _RawPage(Layout(()), Annotations(), is_damaged=True)


def _runs_along_the_page(page: Any) -> bool:
    """Whether most of the first characters stand to the right of the one before, before any turning."""
    with closing(page.get_textpage()) as textpage:
        boxes = [textpage.get_charbox(index) for index in range(min(textpage.count_chars(), _SAMPLE_CHARS))]
    steps = [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(boxes)]
    return sum(dx > abs(dy) for dx, dy in steps) * 2 > len(steps)


def _text_of(textpage: Any) -> str:
    everything: str = textpage.get_text_range()
    visible: str = textpage.get_text_bounded()
    # Print-shop PDFs keep line counters and job names outside of the visible area; those are left out.
    # Where nothing is outside, the first form is better: the second loses some line breaks.
    is_trimmed = 0 < _num_letters(visible) < _num_letters(everything)
    return visible if is_trimmed else everything


def _laid_out(page: Any, textpage: Any, text: str) -> Layout:
    """PDFium's text where it follows the lines, else what the characters' places make of it."""
    area = page.get_bbox()
    num_breaks = text.count("\n") + text.count("\x02") + text.count("\ufffe")
    found = outline(textpage, area, num_breaks)
    if found.is_plain:
        return Layout((with_exponents(textpage, text, found.raised),))
    return lay_out(page, textpage, area, text) or Layout((text,))


def _num_letters(text: str) -> int:
    return sum(map(len, text.split()))


def _is_stray(text: str) -> bool:
    return len(_STRAY_CONTROL.findall(text)) > len(text) * _MAX_STRAY_RATIO


def _joined(read: Sequence[_RawPage]) -> tuple[Page, ...]:
    """The pages with the words that were divided at a line's end in one piece."""
    layouts = list(_whole([page.layout for page in read]))
    tables = blocks_of_tables(layouts)
    pages: list[Page] = []
    for number, (page, layout) in enumerate(zip(read, layouts, strict=True), 1):
        blocks: list[Block] = []
        for part in layout.parts:
            blocks += [Block(BlockKind.PARAGRAPH, part)] if isinstance(part, str) else next(tables)
        added = list(_annotation_blocks(page.annotations))
        if len(layout.parts) == 1 and isinstance(layout.parts[0], str) and not added:
            pages.append(Page(number=number, text=layout.parts[0]))
        else:
            pages.append(page_of(number, [*blocks, *added], is_damaged=page.is_damaged))
    return tuple(pages)


def _whole(layouts: Sequence[Layout]) -> Iterator[Layout]:
    """The pages' parts with whole words, and each cell in one line."""
    texts = [text for layout in layouts for part in layout.parts for text in _texts(part)]
    whole = iter(join_divided(texts))
    for layout in layouts:
        parts: list[str | PdfTable] = []
        for part in layout.parts:
            if isinstance(part, str):
                parts.append(_tidy(next(whole)))
                continue
            rows = ([next(whole) for _ in row] for row in part.rows) if part.is_ruled else part.rows
            parts.append(replace(part, rows=tuple(tuple(map(_tidy_cell, row)) for row in rows)))
        yield replace(layout, parts=tuple(parts))


def _texts(part: str | PdfTable) -> Iterator[str]:
    """What may have words that are divided at a line's end."""
    if isinstance(part, str):
        yield part
    elif part.is_ruled:
        yield from (cell for row in part.rows for cell in row)


def _tidy_cell(cell: str) -> str:
    return " ".join(_tidy(re.sub("[\x02\ufffe]", "-", cell)).split("\n"))


def _annotation_blocks(annotations: Annotations) -> Iterator[Block]:
    for field in annotations.fields:
        yield Block(BlockKind.FORM_FIELD, f"{field.name}: {field.value}")
    for note in annotations.notes:
        yield _note_block(note)


def _note_block(note: Note) -> Block:
    if note.kind == "typed":
        return Block(BlockKind.PARAGRAPH, note.text)
    return Block(
        BlockKind.NOTE, f"Note by {note.author}: {note.text}" if note.author else f"Note: {note.text}"
    )


def _tidy(text: str) -> str:
    text = _STRAY_CONTROL.sub("", text)
    # Spread to fill its line, as print shops do; Chinese and Japanese have no spaces between words.
    num_spread = len(_SPREAD_HAN.findall(text))
    is_spread = num_spread > LEAST_SPREAD and num_spread * 2 > len(_HAN.findall(text))
    return _SPREAD_HAN.sub("", text) if is_spread else text


def _refuse_placeholder(file: str, pages: Sequence[Page], embedded: Sequence[str]) -> None:
    """Refuse pages that only say that another program is needed.

    Raises:
        UnsupportedFileError: When they do.
    """
    text = "\n".join(page.text for page in pages[:2]) if len(pages) <= 2 else ""
    if not 0 < len(text.strip()) <= _PLACEHOLDER_CHARS:
        return
    if _SURE_PORTFOLIO.search(text) or (embedded and _PORTFOLIO.search(text)):
        listed = ", ".join(embedded[:3]) + (", …" if len(embedded) > 3 else "")
        raise UnsupportedFileError(
            f"{file} is a PDF portfolio: a cover page around other files{f' ({listed})' if listed else ''}. "
            "Open it in Adobe Reader, save those files and upload them."
        )
    if _FORM_PLACEHOLDER.search(text):
        raise UnsupportedFileError(
            f"{file} is an XFA form: its page is only a placeholder for viewers other than Adobe Reader. "
            "Open it there, print it as a PDF and upload that."
        )
    if _PROTECTED_PLACEHOLDER.search(text):
        raise UnsupportedFileError(
            f"{file} is protected by rights management: its page is only a placeholder. "
            "Open it in a viewer that may show it, and save a copy without protection."
        )


def _refuse_empty_form(file: str, pages: Sequence[Page], read: Sequence[_RawPage]) -> None:
    """Refuse a form without a word; a scan it is not.

    Raises:
        NoTextError: When all of its fields are empty and no page has text.
    """
    num_empty = sum(page.annotations.num_empty for page in read)
    if num_empty and not any(page.text.strip() for page in pages):
        fields = "field is" if num_empty == 1 else f"{num_empty:,} fields are"
        raise NoTextError(
            f"{file} is a form without any text, and its {fields} empty. Fill it in and save it."
        )


def _notes(read: Sequence[_RawPage], embedded: Sequence[str]) -> Iterator[str]:
    if embedded:
        what = counted(len(embedded), "embedded file", "not read")
        yield f"{what} ({', '.join(embedded[:3])}{', …' if len(embedded) > 3 else ''})"
    stray = [str(number) for number, page in enumerate(read, 1) if page.has_stray_letters]
    if stray:
        pages = f"page {stray[0]}" if len(stray) == 1 else counted(len(stray), "page")
        yield f"{pages} {UNMAPPED}"

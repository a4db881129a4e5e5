"""One page of a PDF as a picture, with a passage marked on it."""

from __future__ import annotations

import io
import math
import re
import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from core.documents.readers.pdf import PDFIUM_LOCK
from core.documents.sentences import cells_of, is_named_row, split_sentences
from core.errors import CorruptFileError

WIDTH_PX = 1400
# A page may be as long as a wall; its picture is not.
MAX_PIXELS = 12_000_000
# Darkens like a text marker: black letters stay black. The outline shows on dark pages too.
MARKER = (255, 226, 100)
OUTLINE = (213, 94, 0)
MARGIN_PX = 3
# Others wait meanwhile: PDFium does one thing at a time.
DRAW_S = 5.0
# What stands further apart beside each other is two columns; in heights of a line.
LETTERS_APART = 2

# A row as the PDF reader writes it where no lines part the cells of a table: "Alby: Sales 10; Costs 4".
_NAMED_ROW, _CELL_BORDERS = re.compile(r"[^:;]{1,80}: [^;]+; "), re.compile(r"[:;]\s+")

# Left, top, right, bottom in pixels.
Box = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class PageImage:
    """A page as PNG.

    Attributes:
        boxes: What is marked, in its pixels; empty when the passage is not on the page.
    """

    png: bytes
    number: int
    num_pages: int
    height_px: int
    boxes: tuple[Box, ...]

    @property
    def mark_start(self) -> float | None:
        """Where the mark begins, 0 being the page's top and 1 its bottom; None without one."""
        return max(0.0, min(box[1] for box in self.boxes) / self.height_px) if self.boxes else None


def render_page(path: Path, number: int, passage: str = "", *, draw_s: float = DRAW_S) -> PageImage:
    """Page `number`, from 1, of the PDF with `passage` marked where it stands.

    Where the text is not there word for word, its sentences are looked for one by one, and of the rows of
    its tables the cells.

    Raises:
        CorruptFileError: When there is no such page, or it can't be drawn within `draw_s` seconds.
    """
    import pypdfium2

    try:
        with PDFIUM_LOCK, closing(pypdfium2.PdfDocument(path)) as pdf, closing(pdf[number - 1]) as page:
            num_pages = len(pdf)
            width, height = page.get_size()
            scale = min(WIDTH_PX / width, (MAX_PIXELS / (width * height)) ** 0.5)
            size = math.ceil(width * scale), math.ceil(height * scale)
            with closing(_drawn(page, size, draw_s)) as bitmap, closing(page.get_textpage()) as text:
                position = pypdfium2.PdfPosConv(page, (0, 0, *size, 0))
                boxes = tuple(_box(position, area) for area in _areas(text, passage))
                picture = bitmap.to_pil().convert("RGB")
    except (pypdfium2.PdfiumError, IndexError, OSError) as exc:
        raise CorruptFileError(f"Page {number} of this PDF can't be shown. Its passages are below.") from exc
    return PageImage(
        png=_png(_marked(picture, boxes)),
        number=number,
        num_pages=num_pages,
        height_px=picture.height,
        boxes=boxes,
    )


def _drawn(page: Any, size: tuple[int, int], draw_s: float) -> Any:
    """The page as a bitmap of this width and height, if that takes no longer than `draw_s` seconds.

    PDFium asks between the parts of a page whether it is to go on: one of thousands of gradients would hold
    up all others for minutes.

    Raises:
        CorruptFileError: When it takes longer, or can't be drawn.
    """
    import pypdfium2
    import pypdfium2.raw as pdfium

    until_s = time.monotonic() + draw_s
    pause = pdfium.IFSDK_PAUSE(version=1)
    pause.NeedToPauseNow = type(pause.NeedToPauseNow)(lambda _: time.monotonic() > until_s)
    bitmap = pypdfium2.PdfBitmap.new_native(*size, pdfium.FPDFBitmap_BGR)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
    status = pdfium.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, *size, 0, pdfium.FPDF_ANNOT, pause)
    pdfium.FPDF_RenderPage_Close(page)
    if status != pdfium.FPDF_RENDER_DONE:
        bitmap.close()
        raise CorruptFileError("This page takes too long to be drawn. Its passages are below.")
    return bitmap


def _areas(textpage: Any, passage: str) -> Iterator[tuple[float, float, float, float]]:
    """Left, bottom, right, top of each line of the passage, in the page's own units."""
    page = _Letters(textpage)
    whole = _letters(passage)
    if whole and whole in page.letters:
        spans = [(page.letters.find(whole), len(whole))]
    else:
        spans = [span for part in _parts(passage) for span in part.spans_on(page)]
    for at, length in spans:
        first, last = page.places[at], page.places[at + length - 1]
        for index in range(textpage.count_rects(first, last - first + 1)):
            yield textpage.get_rect(index)


class _Letters:
    """The page's letters and digits, one after another as they were drawn.

    Attributes:
        places: The index of each letter's character.
    """

    def __init__(self, textpage: Any) -> None:
        self._textpage = textpage
        self.letters, self.places = _page_letters(textpage)

    def occurrences(self, text: str) -> list[int]:
        """Where a text of letters begins, each time that it is there."""
        return (
            [match.start() for match in re.finditer(f"(?={re.escape(text)})", self.letters)] if text else []
        )

    def is_beside(self, at: int, other: int) -> bool:
        """Whether two letters stand on one line of the page."""
        (bottom, top), (other_bottom, other_top) = self._heights(at), self._heights(other)
        return min(top, other_top) - max(bottom, other_bottom) > 0

    def _heights(self, at: int) -> tuple[float, float]:
        _, bottom, _, top = self._textpage.get_charbox(self.places[at], loose=True)
        return bottom, top


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of prose, which stands on the page as one run of letters."""

    text: str

    def spans_on(self, page: _Letters) -> Iterator[tuple[int, int]]:
        """Where it is first: the place among the letters, and how many."""
        letters = _letters(self.text)
        if (at := page.letters.find(letters)) >= 0 and letters:
            yield at, len(letters)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a table: cells that stand on one line of the page, wherever they were drawn."""

    cells: tuple[str, ...]

    def spans_on(self, page: _Letters) -> Iterator[tuple[int, int]]:
        """Where its cells are, beside the one of them that says most; none where that is not there."""
        cells = [tuple(filter(None, map(_letters, _endings(cell)))) for cell in self.cells]
        found = [[(at, len(text)) for text in each for at in page.occurrences(text)] for each in cells]
        # The longest first: a "1" is in other cells too.
        order = sorted(range(len(cells)), key=lambda number: -len("".join(cells[number][:1])))
        best: list[tuple[int, int]] = []
        for anchor in found[order[0]]:
            row = [anchor]
            for number in order[1:]:
                beside = (span for span in found[number] if page.is_beside(span[0], anchor[0]))
                row += islice((span for span in beside if not any(_overlap(span, other) for other in row)), 1)
            best = row if len(row) > len(best) else best
        yield from best


def _overlap(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span[0] < other[0] + other[1] and other[0] < span[0] + span[1]


def _endings(cell: str) -> Iterator[str]:
    """A cell, and what is left of it without the name that a reader has put before: "Rate $10", "$10"."""
    words = cell.split()
    yield from (" ".join(words[first:]) for first in range(len(words)))


def _parts(passage: str) -> Iterator[_Sentence | _Row]:
    """The sentences of a passage, and the rows of tables between them."""
    prose: list[str] = []
    for line in passage.splitlines():
        cells = _cells(line)
        if len(cells) < 2:
            prose.append(line)
            continue
        yield from map(_Sentence, split_sentences("\n".join(prose)))
        prose = []
        yield _Row(tuple(cells))
    yield from map(_Sentence, split_sentences("\n".join(prose)))


def _cells(line: str) -> list[str]:
    """What a row of a table says, without the names of its columns where these are told from it."""
    cells = [cell for cell in cells_of(line) if cell]
    if cells:
        return cells
    parts = line.split("; ")
    num_named = sum(": " in part for part in parts)
    if 1 < num_named >= len(parts) / 2 and is_named_row(line):
        # The names stand above the row, or on an earlier page.
        return [part.partition(": ")[2] or part for part in parts]
    return _CELL_BORDERS.split(line) if _NAMED_ROW.match(line) else []


def _page_letters(textpage: Any) -> tuple[str, list[int]]:
    """The page's letters and digits, and for each the index of its character."""
    import pypdfium2.raw as pdfium

    letters: list[str] = []
    places: list[int] = []
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(textpage, index)
        found = _letters(chr(code)) if 0 < code < 0x110000 else ""
        letters.append(found)
        places += [index] * len(found)
    return "".join(letters), places


def _letters(text: str) -> str:
    """What the reader and the page have in common, however each breaks lines and hyphenates."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def _box(position: Any, area: tuple[float, float, float, float]) -> Box:
    left, bottom, right, top = area
    # A rotated page swaps its corners.
    xs, ys = zip(position.to_bitmap(left, top), position.to_bitmap(right, bottom), strict=True)
    return min(xs) - MARGIN_PX, min(ys) - MARGIN_PX, max(xs) + MARGIN_PX, max(ys) + MARGIN_PX


def _marked(picture: Any, boxes: tuple[Box, ...]) -> Any:
    from PIL import Image, ImageChops, ImageDraw

    if not boxes:
        return picture
    marker = Image.new("RGB", picture.size, "white")
    draw = ImageDraw.Draw(marker)
    for box in boxes:
        draw.rectangle(box, fill=MARKER)
    marked = ImageChops.multiply(picture, marker)
    draw = ImageDraw.Draw(marked)
    for lines in _columns(boxes):
        left = max(0, min(box[0] for box in lines) - 10)
        top, bottom = min(box[1] for box in lines), max(box[3] for box in lines)
        # A bar in the margin shows from the last row where to look.
        draw.rectangle((left, top, left + 4, bottom), fill=OUTLINE)
    return marked


def _columns(boxes: tuple[Box, ...]) -> list[list[Box]]:
    """The lines in runs that stand above each other: a passage may go on in the next column."""
    columns: list[list[Box]] = []
    for line in _lines(boxes):
        above = columns[-1][-1] if columns else None
        if above and above[0] < line[2] and line[0] < above[2] and above[1] <= line[1]:
            columns[-1].append(line)
        else:
            columns.append([line])
    return columns


def _lines(boxes: tuple[Box, ...]) -> list[Box]:
    """What goes on in the same line as one box: sentences and words in italics have boxes of their own."""
    lines: list[Box] = []
    for box in boxes:
        if lines and _is_same_line(lines[-1], box):
            left, top, right, bottom = zip(lines.pop(), box, strict=True)
            box = min(left), min(top), max(right), max(bottom)
        lines.append(box)
    return lines


def _is_same_line(one: Box, other: Box) -> bool:
    height = min(one[3] - one[1], other[3] - other[1])
    common = min(one[3], other[3]) - max(one[1], other[1])
    gap = max(one[0], other[0]) - min(one[2], other[2])
    return common > height / 2 and gap < LETTERS_APART * height


def _png(picture: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()

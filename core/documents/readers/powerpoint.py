"""PowerPoint presentations: a page a slide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.models import Page
from core.documents.readers.container import parsing
from core.documents.readers.drawing import DRAWING, body_lines, chart_block, diagram_blocks
from core.documents.readers.ooxml import Package, embedded_file, local, one_line, rel_key
from core.documents.readers.tables import ACROSS, table_blocks
from core.runtime.words import counted

_TITLES = frozenset({"title", "ctrTitle"})
# Placeholders that every slide repeats: its number, the date, a line below.
_REPEATED = frozenset({"sldNum", "dt", "ftr", "hdr"})
_GROUPS = frozenset({"grpSp", "spTree", "Choice", "graphic", "graphicData"})
MAX_SPAN = 64


def read_pptx(file: str, data: bytes) -> ReadResult:
    """One page per slide: text, tables and charts in their order, then notes and comments.

    Raises:
        CorruptFileError: When a part that it needs is missing or damaged.
        FileTooLargeError: When its parts unpack to more than `MAX_CONTAINER_BYTES` together.
        UnsupportedFileError: When a part is packed with a password.
    """
    with parsing(file, data, "PowerPoint"):
        show = _Presentation(Package(data))
        pages = tuple(show.pages())
        notes = (counted(num, what, rest) for (what, rest), num in (+show.unread).items())
        return ReadResult(pages, tuple(notes))


class _Presentation:
    """The slides of a file, and what of them could not be read.

    Attributes:
        unread: How many of what, as `core.runtime.words.counted` takes it.
    """

    def __init__(self, package: Package) -> None:
        self._package = package
        self.unread: Counter[tuple[str, str]] = Counter()
        self._footers: set[str] = set()

    def pages(self) -> Iterator[Page]:
        main = self._package.main_part
        slides = self._package.xml(main).iterfind("{*}sldIdLst/{*}sldId")
        for number, entry in enumerate(slides, 1):
            part = self._package.target(main, entry.get(rel_key("id")))
            if part is None:
                raise KeyError("a slide that is not there")
            yield page_of(number, self._slide(part), label=f"slide {number}")

    def _slide(self, part: str) -> Iterator[Block]:
        root = self._package.xml(part)
        blocks = [block for tree in root.iterfind("{*}cSld/{*}spTree") for block in self._shapes(part, tree)]
        if root.get("show") in {"0", "false"} and (blocks or self._package.related(part, "notesSlide")):
            yield Block(BlockKind.NOTE, "(hidden slide)")
        yield from blocks
        for notes in self._package.related(part, "notesSlide"):
            yield from self._speaker_notes(notes)
        for comments in self._package.related(part, "comments"):
            yield from self._comments(comments)

    def _shapes(self, part: str, parent: Any) -> Iterator[Block]:
        for shape in parent:
            name = local(shape)
            if name == "sp":
                yield from self._shape(shape)
            elif name == "AlternateContent":
                chosen = next((child for child in shape if local(child) == "Choice"), None)
                yield from self._shapes(part, shape[0] if chosen is None and len(shape) else chosen)
            elif name == "graphicFrame":
                yield from self._frame(part, shape)
            elif name in _GROUPS:
                yield from self._shapes(part, shape)

    def _shape(self, shape: Any) -> Iterator[Block]:
        if _is_hidden(shape):
            return
        body = shape.find("{*}txBody")
        lines = [] if body is None else body_lines(body)
        if not lines:
            return
        place = shape.find("{*}nvSpPr/{*}nvPr/{*}ph")
        kind = "" if place is None else place.get("type", "")
        text = "\n".join(lines)
        if kind == "sldNum":
            return
        if kind in _REPEATED:
            if text not in self._footers:
                self._footers.add(text)
                yield Block(BlockKind.HEADER_FOOTER, text)
        elif kind in _TITLES:
            yield Block(BlockKind.HEADING, text, level=1)
        else:
            yield Block(BlockKind.PARAGRAPH, text)

    def _frame(self, part: str, frame: Any) -> Iterator[Block]:
        if _is_hidden(frame):
            return
        for element in frame.iter("{*}tbl", "{*}chart", "{*}relIds", "{*}oleObj"):
            name = local(element)
            if name == "tbl":
                yield from _table(element)
            elif name == "relIds":
                yield from diagram_blocks(self._package, part, element)
            elif name == "oleObj":
                self.unread[embedded_file(element.get("progId", ""))] += 1
            elif rel_id := element.get(rel_key("id")):
                block = chart_block(self._package, part, rel_id)
                self.unread["chart", "without data"] += block is None
                if block is not None:
                    yield block

    def _speaker_notes(self, part: str) -> Iterator[Block]:
        root = self._package.xml_or_none(part)
        for tree in () if root is None else root.iterfind("{*}cSld/{*}spTree"):
            for block in self._shapes(part, tree):
                if block.kind is BlockKind.PARAGRAPH:
                    yield Block(BlockKind.NOTE, "Notes: " + block.text)
                else:
                    yield block

    def _comments(self, part: str) -> Iterator[Block]:
        root = self._package.xml_or_none(part)
        for comment in () if root is None else root.iterchildren("{*}cm"):
            parts = [*comment.itertext("{*}text"), *comment.itertext(f"{DRAWING}t")]
            if text := one_line(" ".join(parts)):
                yield Block(BlockKind.NOTE, f"[comment: {text}]")


def _is_hidden(shape: Any) -> bool:
    """Whether it was switched off in the list of a slide's objects."""
    properties = next((child for holder in shape for child in holder if local(child) == "cNvPr"), None)
    return properties is not None and properties.get("hidden") in {"1", "true"}


def _table(table: Any) -> list[Block]:
    rows: list[list[str]] = []
    for row in table.iterchildren(f"{DRAWING}tr"):
        line: list[str] = []
        for cell in row.iterchildren(f"{DRAWING}tc"):
            if cell.get("hMerge") in {"1", "true"}:
                line.append(ACROSS)
            elif cell.get("vMerge") in {"1", "true"}:
                line.append(rows[-1][len(line)] if rows and len(line) < len(rows[-1]) else "")
            else:
                body = cell.find(f"{DRAWING}txBody")
                line.append("" if body is None else one_line(" ".join(body_lines(body))))
        rows.append(line)
    # That the first row looks like names says nothing: every new table's does.
    return table_blocks(rows)

"""Word documents: what is on the paper, in its order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.readers.container import check_container, parsing
from core.documents.readers.drawing import body_lines, chart_block, diagram_blocks
from core.documents.readers.html import html_blocks
from core.documents.readers.omml import math_text
from core.documents.readers.ooxml import Package, embedded_file, is_on, local, one_line, rel_key
from core.documents.readers.scripts import down, finished, up
from core.documents.readers.symbols import in_font, symbol
from core.documents.readers.word_styles import VAL, WORD, Numbering, Styles, outline_level, value_of
from core.documents.readers.word_tables import CELL_SETTINGS, blocks_of_table, lays_out
from core.errors import DocumentError
from core.runtime.words import counted

# Settings, and text that is struck out or has moved away.
_IGNORED = frozenset([
    "pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr", "tblGrid", "trPr", "tcPr", "sectPr", "del", "delText",
    "moveFrom", "instrText", "delInstrText", "rt", "footnoteRef", "endnoteRef", "annotationRef", "proofErr",
    "bookmarkStart", "bookmarkEnd", "lastRenderedPageBreak",
])  # fmt: skip
_MARKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_SETTINGS, _RUN, _TEXT, _LOOK, _LIST = (f"{WORD}{name}" for name in ("pPr", "r", "t", "rPr", "numPr"))
_SILENT = frozenset(
    f"{WORD}{name}" for name in ("pPr", "proofErr", "bookmarkStart", "bookmarkEnd", "lastRenderedPageBreak")
)
# Looks that change nothing of what is read.
_PLAIN_LOOKS = frozenset(
    f"{WORD}{name}"
    for name in ("b", "bCs", "i", "iCs", "u", "sz", "szCs", "lang", "color", "kern", "noProof")
)
# Fields that only say which page it is.
_PAGE_FIELDS = re.compile(r"\s*(PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
_PAGE_WORDS = re.compile(r"(?:page|seite|of|von|sur|de|p\.|s\.|[\s/|·•\-–—()\[\]])*", re.IGNORECASE)
MAX_EMBEDDED_DEEP = 3
# What is not read, as `counted` takes it.
_CHARTS = ("chart", "without data")


def read_docx(file: str, data: bytes) -> ReadResult:
    """Paragraphs and tables in document order, as one page without a number.

    Raises:
        CorruptFileError: When a part that it needs is missing or damaged.
        FileTooLargeError: When its parts unpack to more than `MAX_CONTAINER_BYTES` together.
        UnsupportedFileError: When a part is packed with a password.
    """
    with parsing(file, data, "Word"):
        unread: Counter[tuple[str, str]] = Counter()
        blocks = list(_Word(file, Package(data), unread).blocks())
        # Without those of which there are none.
        notes = (counted(num, *what) for what, num in (+unread).items())
        return ReadResult((page_of(None, blocks),), tuple(notes))


@dataclass(slots=True)
class _Field:
    """A field on its way: what it is, and whether its result has begun."""

    code: str = ""
    is_result: bool = False

    @property
    def is_page_number(self) -> bool:
        return _PAGE_FIELDS.match(self.code) is not None


class _Word:
    """A document while it is read.

    Args:
        unread: Counts what was not read, by what `counted` calls it.
    """

    def __init__(self, file: str, package: Package, unread: Counter[tuple[str, str]], depth: int = 0) -> None:
        self._file, self._package, self._unread, self._depth = file, package, unread, depth
        self._main = self._part = package.main_part
        self._styles = Styles(self._related_root("styles"))
        self._numbering = Numbering(self._related_root("numbering"))
        self._notes = {
            kind: self._texts_by_id(f"{kind}s", kind) for kind in ("footnote", "endnote", "comment")
        }
        self._fields: list[_Field] = []
        self._beside: list[Block] = []
        self._initial = ""

    def _related_root(self, kind: str) -> Any:
        found = self._package.related(self._main, kind)
        return self._package.xml_or_none(found[0]) if found else None

    def _texts_by_id(self, kind: str, name: str) -> dict[str, Any]:
        root = self._related_root(kind)
        if root is None:
            return {}
        return {
            note.get(f"{WORD}id", ""): note
            for note in root.iterchildren(f"{WORD}{name}")
            if note.get(f"{WORD}type", "normal") == "normal"
        }

    def blocks(self) -> Iterator[Block]:
        """The document's header, its text, and its footer."""
        root = self._package.xml(self._main)
        body = root.find(f"{WORD}body")
        if body is None:
            return
        yield from self._headers(root, "headerReference")
        yield from self._blocks(body)
        yield from self._headers(root, "footerReference")

    def _headers(self, root: Any, name: str) -> Iterator[Block]:
        """Each header or footer that pages show, once."""
        seen: set[str] = set()
        settings = self._related_root("settings")
        has_even = is_on(None if settings is None else settings.find(f"{WORD}evenAndOddHeaders"), VAL)
        # A section without one of a kind has that of the section before, which may not show it.
        references: dict[str, str | None] = {}
        for section in root.iter(f"{WORD}sectPr"):
            has_first = is_on(section.find(f"{WORD}titlePg"), VAL)
            references |= {
                each.get(f"{WORD}type", "default"): each.get(rel_key("id"))
                for each in section.iterchildren(f"{WORD}{name}")
            }
            for kind, reference in references.items():
                if (kind == "first" and not has_first) or (kind == "even" and not has_even):
                    continue
                part = self._package.target(self._main, reference)
                content = self._package.xml_or_none(part)
                if part is None or content is None:
                    continue
                self._part = part
                lines = [block.text for block in self._blocks(content)]
                self._part = self._main
                text = "\n".join(line for line in lines if not _PAGE_WORDS.fullmatch(line))
                if text not in seen:
                    seen.add(text)
                    yield Block(BlockKind.HEADER_FOOTER, text)

    # --- Blocks

    def _blocks(self, parent: Any) -> Iterator[Block]:
        """What stands below `parent`, through content controls and tracked insertions."""
        for child in parent:
            name = local(child)
            if name == "p":
                yield from self._paragraph(child)
            elif name == "tbl":
                yield from self._table(child)
            elif name == "altChunk":
                yield from self._embedded(child.get(rel_key("id")))
            elif name == "AlternateContent":
                yield from self._blocks(_alternative(child))
            elif name in {"oMath", "oMathPara"}:
                yield Block(BlockKind.EQUATION, math_text(child).strip())
            elif name not in _IGNORED:
                yield from self._blocks(child)

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        settings = paragraph[0] if len(paragraph) and paragraph[0].tag == _SETTINGS else None
        style = None if settings is None else value_of(settings, "pStyle")
        text = self._text(paragraph, style)
        beside, self._beside = self._beside, []
        if settings is not None and _is_drop_cap(settings):
            self._initial = text.strip()
            yield from beside
            return
        if self._initial:
            text, self._initial = f"{self._initial}{text.lstrip()}", ""
        label, level = self._label(settings, style)
        if text.strip():
            yield self._block(paragraph, settings, style, text, label, level)
        yield from beside

    def _block(
        self, paragraph: Any, settings: Any, style: str | None, text: str, label: str | None, level: int
    ) -> Block:
        labelled = f"{label} {text.lstrip()}" if label else text
        if heading := self._styles.heading_level(style) or (settings is not None and outline_level(settings)):
            return Block(BlockKind.HEADING, labelled, level=heading)
        if label is not None:
            return Block(BlockKind.LIST_ITEM, labelled, level=level)
        if self._styles.name_of(style) == "caption":
            return Block(BlockKind.CAPTION, text)
        if _is_equation(paragraph):
            return Block(BlockKind.EQUATION, text)
        return Block(BlockKind.PARAGRAPH, text)

    def _label(self, settings: Any, style: str | None) -> tuple[str | None, int]:
        """A list item's number, "" for a bullet, None outside of lists; and how deep it lies."""
        if settings is None and style is None:
            # As most are; only the standard style could put it into a list.
            return None, 0
        own = None if settings is None else settings.find(_LIST)
        list_id, level = (None, None) if own is None else (value_of(own, "numId"), value_of(own, "ilvl"))
        if list_id is None:
            list_id, of_style = self._styles.list_of(style)
            level = level or of_style
        if not list_id or list_id == "0" or _is_gone(settings):
            return None, 0
        depth = int(level or 0)
        return self._numbering.next_label(list_id, depth), depth

    def _embedded(self, rel_id: str | None) -> Iterator[Block]:
        """A part in another format, which Word shows as if it were its own."""
        part = self._package.target(self._main, rel_id)
        if part is None or part not in self._package:
            return
        data = self._package.bytes_of(part)
        if data.startswith(b"PK") and self._depth < MAX_EMBEDDED_DEEP:
            try:
                check_container(self._file, data)
                yield from _Word(self._file, Package(data), self._unread, self._depth + 1).blocks()
                return
            except (DocumentError, KeyError, ValueError):
                pass
        elif b"MIME-Version:" in data[:2000]:
            data = _html_of_mail(data)
        if b"<html" in data[:4000].lower() or b"<body" in data[:4000].lower():
            yield from html_blocks(self._file, data)
        elif part.endswith(".txt"):
            yield Block(BlockKind.PARAGRAPH, data.decode(errors="replace"))
        else:
            self._unread[embedded_file("")] += 1

    # --- Text

    def _text(self, paragraph: Any, style: str | None = None) -> str:
        plain = self._plain_texts(paragraph)
        return "".join(plain) if plain is not None else finished("".join(self._pieces(paragraph, style)))

    def _plain_texts(self, paragraph: Any) -> list[str] | None:
        """What plain runs say, as most paragraphs have no others; None where this one has."""
        if self._fields or self._styles.any_hidden:
            return None
        texts: list[str] = []
        for child in paragraph:
            tag = child.tag
            if tag == _RUN:
                text = _plain_text(child)
                if text is None:
                    return None
                texts.append(text)
            elif tag not in _SILENT:
                return None
        return texts

    def _pieces(self, node: Any, style: str | None) -> Iterator[str]:
        for child in node:
            if child.tag == _RUN:
                yield self._run(child, style)
                continue
            name = local(child)
            if name == "fldSimple":
                if not _PAGE_FIELDS.match(child.get(f"{WORD}instr", "")):
                    yield from self._pieces(child, style)
            elif name in {"oMath", "oMathPara"}:
                yield math_text(child)
            elif name == "AlternateContent":
                yield from self._pieces(_alternative(child), style)
            elif name not in _IGNORED:
                yield from self._pieces(child, style)

    def _run(self, run: Any, style: str | None) -> str:
        settings = run.find(f"{WORD}rPr")
        if settings is None:
            if self._styles.any_hidden and self._styles.is_hidden(None, style):
                return ""
            return "".join(self._run_pieces(run, ""))
        if self._is_hidden(settings, style):
            # What a hidden field's marks say counts all the same.
            list(self._run_pieces(run, ""))
            return ""
        fonts = settings.find(f"{WORD}rFonts")
        font = "" if fonts is None else fonts.get(f"{WORD}ascii") or fonts.get(f"{WORD}hAnsi") or ""
        text = "".join(self._run_pieces(run, font))
        place = value_of(settings, "vertAlign") or self._styles.raised_by(value_of(settings, "rStyle"))
        return up(text) if place == "superscript" else down(text) if place == "subscript" else text

    def _is_hidden(self, settings: Any, style: str | None) -> bool:
        if settings.find(f"{WORD}vanish") is not None:
            return self._styles.is_hidden(settings, None)
        if not self._styles.any_hidden:
            return False
        return self._styles.is_hidden(settings, value_of(settings, "rStyle")) or self._styles.is_hidden(
            None, style
        )

    def _run_pieces(self, run: Any, font: str) -> Iterator[str]:
        for child in run:
            name = local(child)
            if name == "fldChar":
                yield self._field_mark(child)
            elif name == "instrText":
                if self._fields:
                    self._fields[-1].code += child.text or ""
            elif self._fields and self._is_in_page_number():
                continue
            elif name == "t":
                yield in_font(child.text or "", font)
            elif name in _MARKS:
                yield _MARKS[name]
            elif name not in _IGNORED:
                yield self._special(name, child)

    def _special(self, name: str, element: Any) -> str:
        if name == "sym":
            code = element.get(f"{WORD}char", "0")
            return symbol(element.get(f"{WORD}font", ""), int(code, 16))
        if name in {"footnoteReference", "endnoteReference"}:
            return self._note(name.removesuffix("Reference"), element)
        if name == "commentReference":
            return self._note("comment", element)
        if name == "ruby":
            return self._text(element.find(f"{WORD}rubyBase"))
        if name in {"drawing", "pict", "object"}:
            self._take_beside(element)
            return ""
        if name == "txbxContent":
            self._take_box(element)
        elif name == "AlternateContent":
            return "".join(self._run_pieces(_alternative(element), ""))
        return ""

    def _field_mark(self, mark: Any) -> str:
        kind = mark.get(f"{WORD}fldCharType")
        if kind == "begin":
            self._fields.append(_Field())
            box = mark.find(f"{WORD}ffData/{WORD}checkBox")
            if box is not None:
                state = box.find(f"{WORD}checked")
                state = box.find(f"{WORD}default") if state is None else state
                return "☒" if is_on(state, VAL) else "☐"
        elif kind == "separate" and self._fields:
            self._fields[-1].is_result = True
        elif kind == "end" and self._fields:
            self._fields.pop()
        return ""

    def _is_in_page_number(self) -> bool:
        return any(each.is_result and each.is_page_number for each in self._fields)

    def _note(self, kind: str, reference: Any) -> str:
        """A footnote or a comment, in its place."""
        note = self._notes[kind].pop(reference.get(f"{WORD}id", ""), None)
        if note is None:
            return ""
        fields, self._fields = self._fields, []
        text = one_line(" ".join(block.text for block in self._blocks(note)))
        self._fields = fields
        return f" [{kind}: {text}]" if text else ""

    def _take_beside(self, element: Any) -> None:
        """Text boxes, charts and SmartArt that are anchored in a paragraph stand behind it."""
        for child in element:
            name = local(child)
            if name == "txbxContent":
                self._take_box(child)
            elif name == "chart" and child.get(rel_key("id")):
                block = chart_block(self._package, self._part, child.get(rel_key("id")))
                self._unread[_CHARTS] += block is None
                self._beside += [block] if block else []
            elif name == "relIds":
                self._beside += diagram_blocks(self._package, self._part, child)
            elif name == "txBody":
                # A shape as PowerPoint writes it.
                self._beside.append(Block(BlockKind.PARAGRAPH, "\n".join(body_lines(child))))
            elif name == "textpath" and child.get("string"):
                # Words as a drawing, such as "Draft" across a page.
                self._beside.append(Block(BlockKind.PARAGRAPH, child.get("string")))
            elif name == "OLEObject":
                self._unread[embedded_file(child.get("ProgID", ""))] += 1
            elif name == "AlternateContent":
                self._take_beside(_alternative(child))
            else:
                self._take_beside(child)

    def _take_box(self, box: Any) -> None:
        beside, self._beside = self._beside, []
        boxed = list(self._blocks(box))
        self._beside = beside + boxed + self._beside

    # --- Tables

    def _table(self, table: Any) -> Iterator[Block]:
        if lays_out(table):
            for cell in table.iter(f"{WORD}tc"):
                if next(cell.iterancestors(f"{WORD}tbl")) is table:
                    yield from self._blocks(cell)
        else:
            yield from blocks_of_table(table, self._styles, self._cell_text)

    def _cell_text(self, cell: Any) -> str:
        content = [child for child in cell if child.tag != CELL_SETTINGS]
        if len(content) == 1 and len(content[0]) and content[0][0].tag == _RUN:
            plain = self._plain_texts(content[0])
            if plain is not None and not self._initial:
                return one_line("".join(plain))
        return one_line(" ".join(block.text for block in self._blocks(cell)))


def _plain_text(run: Any) -> str | None:
    """The text of a run that holds nothing else, and looks like any other; None for all others."""
    parts = list(run)
    if not parts or parts[-1].tag != _TEXT or len(parts) > 2:
        return None
    if len(parts) == 2:
        look = parts[0]
        if look.tag != _LOOK or any(each.tag not in _PLAIN_LOOKS for each in look):
            return None
    return parts[-1].text or ""


def _alternative(element: Any) -> Any:
    """The first form of what Word writes twice, the second time for programs that don't know the first."""
    return next(
        (child for child in element if local(child) == "Choice"), element[0] if len(element) else element
    )


def _is_gone(settings: Any) -> bool:
    """Whether a paragraph is struck out or has moved away."""
    mark = None if settings is None else settings.find(f"{WORD}rPr")
    return mark is not None and (
        mark.find(f"{WORD}del") is not None or mark.find(f"{WORD}moveFrom") is not None
    )


def _is_drop_cap(settings: Any) -> bool:
    frame = settings.find(f"{WORD}framePr")
    return frame is not None and frame.get(f"{WORD}dropCap", "none") != "none"


def _is_equation(paragraph: Any) -> bool:
    if not len(paragraph) or local(paragraph[-1]) not in {"oMath", "oMathPara", "bookmarkEnd"}:
        return False
    names = {local(child) for child in paragraph} - {"pPr", "bookmarkStart", "bookmarkEnd"}
    return bool(names) and names <= {"oMath", "oMathPara"}


def _html_of_mail(data: bytes) -> bytes:
    """The page of a web archive, which is written as mail is."""
    body = BytesParser(policy=policy.default).parsebytes(data).get_body(("html", "plain"))
    content = b"" if body is None else body.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""

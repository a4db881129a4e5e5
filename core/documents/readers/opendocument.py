"""OpenDocument: texts, spreadsheets and presentations as LibreOffice saves them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.models import Page
from core.documents.readers import scripts
from core.documents.readers.container import parsing
from core.documents.readers.limits import char_limit
from core.documents.readers.tables import Hints, sheet_blocks, table_blocks
from core.documents.readers.xml import local_name, xml_root
from core.errors import EncryptedFileError, FileTooLargeError
from core.runtime.words import counted

# A row that is repeated more often fills the sheet to its end, and is read once.
MAX_REPEATED = 1000
MAX_COLUMNS = 4096
MAX_CELLS = 10_000_000

_CONTAINERS = {
    "section",
    "body",
    "text",
    "text-box",
    "list-header",
    "index-body",
    "index-title",
    "g",
    "frame",
}
_LEFT_OUT = {"tracked-changes", "sequence-decls", "forms", "table-of-content-source", "title", "desc"}


def read_odt(file: str, data: bytes) -> ReadResult:
    """A text: headings, paragraphs, lists, tables, footnotes, notes; header and footer once.

    Raises:
        CorruptFileError: When a part that it needs is missing or damaged.
        FileTooLargeError: When its parts unpack to more than `MAX_CONTAINER_BYTES` together.
        EncryptedFileError: When its manifest names encrypted parts.
    """
    with parsing(file, data, "LibreOffice"):
        document = _Document(file, data)
        body = document.body("text")
        blocks = [*document.header_and_footer(), *document.blocks(body)]
        return ReadResult((page_of(None, blocks),), document.notes())


def read_ods(file: str, data: bytes) -> ReadResult:
    """A spreadsheet: a page per sheet, cells as they are shown.

    Raises:
        CorruptFileError: When a part that it needs is missing or damaged.
        FileTooLargeError: When its parts unpack to too much, or a sheet has more than is read.
        EncryptedFileError: When its manifest names encrypted parts.
    """
    with parsing(file, data, "LibreOffice"):
        document = _Document(file, data)
        count = char_limit(file)
        pages: list[Page] = []
        for number, sheet in enumerate(_children(document.body("spreadsheet"), "table"), 1):
            name = _attribute(sheet, "name")
            hidden = " (hidden)" if document.is_hidden(sheet) else ""
            hints = Hints()
            blocks = list(sheet_blocks(document.rows(sheet, hints), hints=hints, count_chars=count))
            blocks += document.taken_notes()
            if blocks:
                blocks.insert(0, Block(BlockKind.HEADING, f"{name}{hidden}", level=1))
            pages.append(page_of(number, blocks, label=f"sheet {name}"))
        return ReadResult(tuple(pages), document.notes())


def read_odp(file: str, data: bytes) -> ReadResult:
    """A presentation: a page per slide, the speaker's notes behind its text.

    Raises:
        CorruptFileError: When a part that it needs is missing or damaged.
        FileTooLargeError: When its parts unpack to more than `MAX_CONTAINER_BYTES` together.
        EncryptedFileError: When its manifest names encrypted parts.
    """
    with parsing(file, data, "LibreOffice"):
        document = _Document(file, data)
        slides = _children(document.body("presentation"), "page")
        pages = [
            page_of(number, document.slide(slide), label=f"slide {number}")
            for number, slide in enumerate(slides, 1)
        ]
        return ReadResult(tuple(pages), document.notes())


class _Document:
    """The parts of an OpenDocument file that hold text."""

    def __init__(self, file: str, data: bytes) -> None:
        with ZipFile(BytesIO(data)) as archive:
            if b"manifest:encryption-data" in archive.read("META-INF/manifest.xml"):
                raise EncryptedFileError(
                    f"{file} is protected by a password. Save a copy without one and upload that."
                )
            self._content = xml_root(archive.read("content.xml"))
            styles = "styles.xml" in archive.namelist()
            self._styles = xml_root(archive.read("styles.xml")) if styles else None
        self._raised: set[str] = set()
        self._lowered: set[str] = set()
        self._hidden_styles: set[str] = set()
        self._list_formats: dict[str, dict[int, str]] = {}
        for root in (self._styles, self._content):
            if root is not None:
                self._learn_styles(root)
        self._file = file
        self._notes: list[Block] = []
        self._num_cells = 0
        self._num_objects = 0

    def _learn_styles(self, root: Any) -> None:
        for style in root.iter():
            name = local_name(style)
            if name == "style":
                for properties in style:
                    self._learn_style(_attribute(style, "name"), properties)
            elif name == "list-style":
                self._list_formats[_attribute(style, "name")] = {
                    int(_attribute(level, "level") or 1): _attribute(level, "num-format")
                    for level in style
                    if local_name(level) == "list-level-style-number"
                }

    def _learn_style(self, name: str, properties: Any) -> None:
        position = _attribute(properties, "text-position")
        if position.startswith(("super", "3", "4", "5")):
            self._raised.add(name)
        elif position.startswith(("sub", "-")):
            self._lowered.add(name)
        if local_name(properties) == "table-properties" and _attribute(properties, "display") == "false":
            self._hidden_styles.add(name)

    def body(self, kind: str) -> Any:
        """The first element of this kind below the document's body, such as "text" or "spreadsheet".

        Raises:
            ValueError: When the document has no body.
            IndexError: When the document is of another kind.
        """
        for element in self._content.iter():
            if local_name(element) == "body":
                return _children(element, kind)[0]
        raise ValueError("no body")

    def header_and_footer(self) -> Iterator[Block]:
        """Each text once, however many kinds of pages have it."""
        seen: set[str] = set()
        for master in self._styles.iter() if self._styles is not None else ():
            if local_name(master) in {"header", "footer"}:
                text = "\n".join(block.text for block in self.blocks(master)).strip()
                if text and text not in seen:
                    seen.add(text)
                    yield Block(BlockKind.HEADER_FOOTER, text)

    def blocks(self, parent: Any, level: int = 0, mark: str = "") -> Iterator[Block]:
        """What stands in a text, a cell, a box.

        Args:
            parent: The element whose children are read.
            level: How deep in lists it lies; 0 for outside of any.
            mark: Stands before the first paragraph: the number or sign of the list's item.
        """
        for element in parent:
            name = local_name(element)
            if name == "h":
                level_of = int(_attribute(element, "outline-level") or 1)
                yield Block(BlockKind.HEADING, self.text_of(element), level=level_of)
            elif name == "p":
                kind = BlockKind.LIST_ITEM if level else BlockKind.PARAGRAPH
                yield Block(kind, f"{mark}{self.text_of(element)}", max(0, level - 1))
                mark = ""
            elif name == "list":
                yield from self._list(element, level + 1)
            elif name == "table":
                yield from table_blocks(list(self.rows(element)), num_header_rows=_num_header_rows(element))
            elif name in _CONTAINERS or name.endswith("-index") or name == "table-of-content":
                yield from self.blocks(element, level, mark)
            elif name == "object":
                self._num_objects += 1
            yield from self.taken_notes()

    def _list(self, element: Any, level: int) -> Iterator[Block]:
        formats = self._list_formats.get(_attribute(element, "style-name"), {})
        number = 0
        for item in element:
            if local_name(item) == "list-item":
                number = int(_attribute(item, "start-value") or number + 1)
                mark = f"{number}. " if formats.get(level) == "1" else ""
                yield from self.blocks(item, level, mark)
            elif local_name(item) == "list-header":
                yield from self.blocks(item, level, "")

    def rows(self, table: Any, hints: Hints | None = None) -> Iterator[list[str]]:
        """Its cells' texts; merged cells count for each row that they reach.

        Args:
            table: The element with the rows.
            hints: Gets each row's number, as the program shows it; None where nobody asks.
        """
        numbers = array("L")
        if hints is not None:
            hints.row_numbers = numbers
        next_number = 1
        spans: dict[int, tuple[int, str]] = {}
        for row in _rows_of(table):
            cells: list[str] = []
            for cell in row:
                if local_name(cell) not in {"table-cell", "covered-table-cell"}:
                    continue
                text, num_rows = self._cell_text(cell), int(_attribute(cell, "number-rows-spanned") or 1)
                repeated = int(_attribute(cell, "number-columns-repeated") or 1)
                for _ in range(min(repeated, MAX_COLUMNS - len(cells))):
                    at = len(cells)
                    left, above = spans.get(at, (0, ""))
                    if left:
                        spans[at] = (left - 1, above)
                    if num_rows > 1 and text:
                        spans[at] = (num_rows - 1, text)
                    cells.append(text or (above if left else ""))
            while cells and not cells[-1]:
                cells.pop()
            repeated = int(_attribute(row, "number-rows-repeated") or 1)
            for number in range(repeated if cells and repeated <= MAX_REPEATED else 1):
                self._count_cells(len(cells))
                numbers.append(next_number + number)
                yield list(cells)
            next_number += repeated

    def _count_cells(self, num_cells: int) -> None:
        self._num_cells += num_cells
        if self._num_cells > MAX_CELLS:
            raise FileTooLargeError(
                f"{self._file} has more than {MAX_CELLS // 10**6} million cells. Split it into smaller files."
            )

    def _cell_text(self, cell: Any) -> str:
        parts = [block.text.replace("\n", " ") for block in self.blocks(cell)]
        return " ".join(part for part in parts if part)

    def slide(self, slide: Any) -> Iterator[Block]:
        if _attribute(slide, "visibility") == "hidden":
            yield Block(BlockKind.PARAGRAPH, "(hidden slide)")
        for element in slide.iter():
            if _is_inside(element, slide, "notes"):
                continue
            if local_name(element) == "text-box":
                yield from self.blocks(element)
            elif local_name(element) == "table":
                yield from table_blocks(list(self.rows(element)))
            elif local_name(element) == "custom-shape" or local_name(element) in {"rect", "ellipse"}:
                yield from self.blocks(element)
        for notes in _children(slide, "notes"):
            for box in notes.iter():
                if local_name(box) == "text-box":
                    text = "\n".join(block.text for block in self.blocks(box))
                    yield Block(BlockKind.NOTE, f"Notes: {text}" if text.strip() else "")

    def text_of(self, paragraph: Any) -> str:
        return scripts.finished("".join(self._pieces(paragraph))).strip()

    def _pieces(self, parent: Any) -> Iterator[str]:
        yield parent.text or ""
        for element in parent:
            yield from self._piece(element)
            yield element.tail or ""

    def _piece(self, element: Any) -> Iterator[str]:
        name = local_name(element)
        if name == "s":
            yield " " * min(int(_attribute(element, "c") or 1), 80)
        elif name == "tab":
            yield "\t"
        elif name == "line-break":
            yield "\n"
        elif name == "note":
            yield self._footnote(element)
        elif name == "annotation":
            self._take_annotation(element)
        elif name == "object":
            self._num_objects += 1
        elif name in {"frame", "text-box", "p", "h"}:
            yield from self._pieces(element)
        elif name not in _LEFT_OUT and name != "note-citation":
            text = "".join(self._pieces(element))
            style = _attribute(element, "style-name")
            if style in self._raised:
                text = scripts.up(text)
            elif style in self._lowered:
                text = scripts.down(text)
            yield text

    def _footnote(self, note: Any) -> str:
        mark = "".join(each.text or "" for each in _children(note, "note-citation"))
        text = " ".join(block.text for body in _children(note, "note-body") for block in self.blocks(body))
        self._notes.append(Block(BlockKind.FOOTNOTE, f"{mark} {text}".strip()))
        return f"[{mark}]" if mark else ""

    def _take_annotation(self, element: Any) -> None:
        author = next((each.text for each in element if local_name(each) == "creator" and each.text), "")
        text = " ".join(block.text for block in self.blocks(element))
        by = f" by {author}" if author else ""
        self._notes.append(Block(BlockKind.NOTE, f"Note{by}: {text}"))

    def taken_notes(self) -> list[Block]:
        """Footnotes and notes that were met since the last call."""
        taken, self._notes = self._notes, []
        return taken

    def is_hidden(self, element: Any) -> bool:
        return _attribute(element, "style-name") in self._hidden_styles

    def notes(self) -> tuple[str, ...]:
        num = self._num_objects
        return (counted(num, "embedded object", "not read"),) if num else ()


def _attribute(element: Any, name: str) -> str:
    """An attribute's value, whatever its namespace."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def _children(parent: Any, name: str) -> list[Any]:
    return [child for child in parent if local_name(child) == name]


def _rows_of(table: Any) -> Iterator[Any]:
    for child in table:
        name = local_name(child)
        if name == "table-row":
            yield child
        elif name in {"table-header-rows", "table-rows", "table-row-group"}:
            yield from _rows_of(child)


def _num_header_rows(table: Any) -> int:
    return sum(len(_children(head, "table-row")) for head in _children(table, "table-header-rows"))


def _is_inside(element: Any, limit: Any, name: str) -> bool:
    parent = element.getparent()
    while parent is not None and parent is not limit:
        if local_name(parent) == name:
            return True
        parent = parent.getparent()
    return False

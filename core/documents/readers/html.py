"""HTML pages as a browser shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.documents.blocks import Block, BlockKind, ReadResult, clean_text, page_of
from core.documents.models import Page
from core.documents.readers.encoding import decode_text
from core.documents.readers.html_tables import Grid, is_data_table
from core.documents.readers.html_tree import Hidden, Node, cut_before, parse_html
from core.documents.readers.main_content import main_content
from core.documents.readers.mathml import mathml_text
from core.documents.readers.scripts import DOWN, END, UP, finished
from core.documents.readers.word_styles import letters_of, roman

_SPACE = re.compile(r"[ \t\r\n\f]+")
# At the beginning only: searched for everywhere, a page of unclosed ones would take hours.
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "caption", "center", "details", "dialog", "div",
    "dl", "dt", "dd", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "p", "pre",
    "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
])  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)} | {"title": 1}
_KINDS = {"figcaption": BlockKind.CAPTION, "caption": BlockKind.CAPTION, "pre": BlockKind.CODE}
_ITEMS = frozenset({"li", "dt", "dd"})
_SCRIPTS = {"sup": UP, "sub": DOWN}
_QUOTES = {"q": ("“", "”"), "rt": ("(", ")")}
_SILENT_INPUTS = frozenset({"hidden", "password", "file", "image", "color", "range"})
LEFT_OUT = "menus and banners left out"
_SOFT = str.maketrans("", "", "\u00ad\u200b")


def read_html(file: str, data: bytes, *, main_only: bool = False) -> ReadResult:
    """What a browser would show of a page.

    Args:
        file: Its name, for messages.
        data: All of its bytes.
        main_only: Without menus, banners and the like, where it is clear what those are.

    Raises:
        UnsupportedFileError: When it is not text.
    """
    root = _parsed(file, data)
    hidden = Hidden.of(root)
    blocks = _Reader(hidden).blocks(root)
    if hidden.names and blocks == _title(root, blocks):
        # A script shows what the rules hide: all of it.
        hidden = Hidden(frozenset())
        blocks = _Reader(hidden).blocks(root)
    if main_only:
        inner = main_content(root)
        shorter = _Reader(hidden, left_out=inner.left_out).blocks(inner.root)
        if inner.is_enough(shorter, blocks) and shorter != blocks:
            title = [block for block in _title(root, blocks) if block not in shorter]
            return ReadResult((page_of(None, title + shorter),), (LEFT_OUT,))
    return ReadResult((page_of(None, blocks),))


def _title(root: Node, blocks: list[Block]) -> list[Block]:
    """The block of the page's title, which stands before its body; none where it has no title."""
    has_title = any(node.tag == "title" and node.text().strip() for node in root.iter())
    return blocks[:1] if has_title else []


def read_html_parts(file: str, data: bytes, anchors: Sequence[str]) -> list[tuple[str, Page]]:
    """What a browser would show of a page, in parts that begin where links lead to.

    Args:
        file: Its name, for messages.
        data: All of its bytes.
        anchors: The ids of elements. Those that are not there begin no part.

    Returns:
        Each part with its anchor, "" for what comes before the first one.

    Raises:
        UnsupportedFileError: When it is not text.
    """
    root = _parsed(file, data)
    hidden = Hidden.of(root)
    found: dict[str, Node] = {}
    wanted = set(anchors)
    for node in root.iter():
        name = node.attributes.get("id") or (node.attributes.get("name", "") if node.tag == "a" else "")
        if name and name in wanted:
            found.setdefault(name, node)
    pieces = cut_before(root, list(found.values()))
    parts = [(name, _Reader(hidden).blocks(piece)) for name, piece in zip(["", *found], pieces, strict=True)]
    if len(parts) > 1 and parts[0][1] == _title(root, parts[0][1]):
        # Before the first one stands the title of the file alone.
        (_, before), (name, first), *others = parts
        parts = [(name, before + first), *others]
    return [(name, page_of(None, blocks)) for name, blocks in parts]


def html_blocks(file: str, data: bytes) -> list[Block]:
    """The pieces of a page.

    Raises:
        UnsupportedFileError: When it is not text.
    """
    root = _parsed(file, data)
    return _Reader(Hidden.of(root)).blocks(root)


def _parsed(file: str, data: bytes) -> Node:
    # An XHTML declaration's encoding is not true any more after decoding.
    return parse_html(_XML_DECLARATION.sub("", _decode_html(file, data)))


@dataclass(slots=True)
class _List:
    """A list on its way.

    Attributes:
        count: The number of its last item.
    """

    is_ordered: bool
    style: str
    step: int
    count: int


@dataclass(slots=True)
class _Open:
    """An element whose end is still to come.

    Attributes:
        close: What is then written.
    """

    node: Node
    children: Iterator[Node | str]
    close: str = ""


@dataclass(slots=True)
class _Reader:
    """Goes through a page once; nested thousands of tags deep, so not by calling itself."""

    hidden: Hidden
    left_out: frozenset[int] = frozenset()
    _done: list[Block] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _lists: list[_List] = field(default_factory=list)
    _tables: list[Grid] = field(default_factory=list)
    _label: str | None = None
    _kind: BlockKind = BlockKind.PARAGRAPH
    _level: int = 0
    _num_pre: int = 0

    def blocks(self, root: Node) -> list[Block]:
        """The blocks below `root`."""
        path = [_Open(root, iter(root.children))]
        while path:
            here = path[-1]
            for child in here.children:
                if isinstance(child, str):
                    self._text.append(child)
                elif id(child) not in self.left_out and self.hidden.is_shown(child):
                    if self._takes_whole(child):
                        continue
                    path.append(_Open(child, iter(child.children), self._start(child)))
                    break
            else:
                path.pop()
                self._end(here)
        self._flush()
        return self._done

    def _takes_whole(self, node: Node) -> bool:
        """Write what is not written child by child."""
        tag = node.tag
        if tag == "br":
            self._text.append("\v")
        elif tag == "input":
            self._text.append(_input_text(node))
        elif tag == "select":
            self._text.append(f" {_selected(node)} ")
        elif tag == "math":
            self._text.append(f" {mathml_text(node)} ")
        elif tag == "img" or tag == "wbr":
            pass
        else:
            return False
        return True

    def _start(self, node: Node) -> str:
        tag = node.tag
        if tag in _SCRIPTS:
            self._text.append(_SCRIPTS[tag])
            return END
        if tag in _QUOTES:
            self._text.append(_QUOTES[tag][0])
            return _QUOTES[tag][1]
        if tag == "textarea":
            self._text.append(" ")
            return " "
        if tag not in _BLOCKS:
            return ""
        if self._tables and self._start_in_table(node):
            return ""
        self._flush()
        if tag in _HEADINGS:
            self._kind, self._level = BlockKind.HEADING, _HEADINGS[tag]
        elif tag in _KINDS:
            self._kind = _KINDS[tag]
            self._num_pre += tag == "pre"
        elif tag in {"ol", "ul", "menu", "dl"}:
            self._lists.append(_list_of(node))
        elif tag in _ITEMS:
            self._start_item(node)
        elif tag == "table" and is_data_table(node):
            self._tables.append(Grid(node))
        return ""

    def _start_in_table(self, node: Node) -> bool:
        """In a table's cell blocks are only apart. Whether the element is dealt with."""
        if node.tag == "tr":
            self._tables[-1].start_row(node)
        elif node.tag in {"td", "th"}:
            self._text.clear()
            self._tables[-1].start_cell(node)
        elif node.tag == "li":
            self._text.append(f" {self._next_label(node)} ")
        elif node.tag in {"ol", "ul", "menu", "dl"}:
            self._lists.append(_list_of(node))
        elif node.tag == "caption":
            self._text.clear()
        else:
            self._text.append(" ")
        return True

    def _start_item(self, node: Node) -> None:
        self._kind, self._level = BlockKind.LIST_ITEM, max(0, len(self._lists) - 1)
        self._label = self._next_label(node) if node.tag == "li" else ""

    def _next_label(self, node: Node) -> str:
        if not self._lists or not self._lists[-1].is_ordered:
            return ""
        own = self._lists[-1]
        value = node.attributes.get("value", "")
        own.count = _integer(value, own.count + own.step)
        return _label(own.count, node.attributes.get("type", own.style))

    def _end(self, here: _Open) -> None:
        tag = here.node.tag
        if here.close:
            self._text.append(here.close)
            return
        if tag not in _BLOCKS:
            return
        if self._tables and tag != "table":
            self._end_in_table(tag)
            return
        if tag == "table" and self._tables and self._tables[-1].node is here.node:
            self._end_table()
            return
        self._flush()
        if tag == "pre":
            self._num_pre -= 1
        if tag in {"ol", "ul", "menu", "dl"} and self._lists:
            self._lists.pop()
        self._label = None if tag in _ITEMS else self._label

    def _end_in_table(self, tag: str) -> None:
        table = self._tables[-1]
        if tag in {"td", "th"}:
            table.end_cell(_one_line(self._text))
            self._text.clear()
        elif tag == "caption":
            table.caption = _one_line(self._text)
            self._text.clear()
        elif tag in {"ol", "ul", "menu", "dl"} and self._lists:
            self._lists.pop()
        else:
            self._text.append(" ")

    def _end_table(self) -> None:
        table = self._tables.pop()
        self._text.clear()
        self._done += table.blocks()

    def _flush(self) -> None:
        """What was gathered is a block."""
        raw = "".join(self._text)
        self._text.clear()
        kind, level = self._kind, self._level
        text = _preformatted(raw) if self._num_pre else _paragraph(raw)
        if not text.strip():
            return
        self._kind, self._level = BlockKind.PARAGRAPH, 0
        if self._label is not None:
            text = f"{self._label} {text}" if self._label else text
            kind, self._label = BlockKind.LIST_ITEM, None
        elif self._num_pre:
            kind = BlockKind.CODE
        self._done.append(Block(kind, text, level=level))


def _list_of(node: Node) -> _List:
    is_reversed = "reversed" in node.attributes
    items = sum(not isinstance(child, str) and child.tag == "li" for child in node.children)
    start = _integer(node.attributes.get("start", ""), items if is_reversed else 1)
    step = -1 if is_reversed else 1
    return _List(node.tag == "ol", node.attributes.get("type", "1"), step, start - step)


def _integer(text: str, default: int) -> int:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text.strip()) else default


def _label(number: int, style: str) -> str:
    if style in {"a", "A"} and 0 < number < 1000:
        letters = letters_of(number)
        return f"{letters if style == 'a' else letters.upper()}."
    if style in {"i", "I"} and 0 < number < 4000:
        return f"{roman(number) if style == 'i' else roman(number).upper()}."
    return f"{number}."


def _input_text(node: Node) -> str:
    kind = node.attributes.get("type", "text").lower()
    if kind in {"checkbox", "radio"}:
        return " ☒ " if "checked" in node.attributes else " ☐ "
    return "" if kind in _SILENT_INPUTS else f" {node.attributes.get('value', '')} "


def _selected(node: Node) -> str:
    """The options that a closed list shows: those that are selected, or the first."""
    options = [option for option in node.iter() if option.tag == "option"]
    chosen = [option for option in options if "selected" in option.attributes]
    if not chosen and "multiple" not in node.attributes:
        chosen = options[:1]
    return ", ".join(_one_line([option.text()]) for option in chosen)


def _one_line(parts: list[str]) -> str:
    return finished(" ".join("".join(parts).split())).translate(_SOFT)


def _paragraph(raw: str) -> str:
    text = finished(_SPACE.sub(" ", raw)).translate(_SOFT)
    if "\v" not in text:
        return text.strip(" ")
    lines = (line.strip(" ") for line in text.split("\v"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _preformatted(raw: str) -> str:
    text = finished(raw.replace("\v", "\n").replace("\r\n", "\n")).translate(_SOFT)
    return text.strip("\n").rstrip()


def _decode_html(file: str, data: bytes) -> str:
    from bs4.dammit import EncodingDetector

    declared = EncodingDetector.find_declared_encoding(data, is_html=True)
    # A page that names UTF-16 inside of bytes that could be read as ASCII is not in UTF-16.
    if declared and b"\x00" not in data and not declared.lower().startswith("utf"):
        try:
            # Browsers take "ISO-8859-1" for Windows-1252, because the pages do.
            is_latin = declared.lower() in {"iso-8859-1", "latin-1", "us-ascii", "ascii"}
            return clean_text(data.decode("cp1252" if is_latin else declared))
        # LookupError: an encoding that doesn't exist or isn't one of text.
        except (LookupError, UnicodeError):
            pass
    return decode_text(file, data)

"""HTML as a tree of plain nodes, and which of them a browser shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

# A rule that hides what one simple selector names: a tag, a class, an id, or a tag with one of these.
_SELECTOR = re.compile(r"([a-z][\w-]*)?([.#][\w-]+)?", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_HIDES = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))\b", re.IGNORECASE)
_SHOWS = re.compile(r"(?:^|;)\s*display\s*:\s*(?!none)", re.IGNORECASE)
NEVER_SHOWN = frozenset([
    "script", "style", "noscript", "noframes", "noembed", "template", "svg", "iframe", "object", "datalist",
    "canvas", "audio", "video", "meta", "link", "rp", "area", "map", "param", "source", "track",
    "annotation", "annotation-xml",
])  # fmt: skip


@dataclass(slots=True, eq=False)
class Node:
    """An element.

    Attributes:
        children: Its texts and elements, in order.
    """

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    def iter(self) -> Iterator[Node]:
        """This element and all below it, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(child for child in reversed(node.children) if not isinstance(child, str))

    def text(self) -> str:
        """All text below it, as it is."""
        parts: list[str] = []
        stack: list[Node | str] = [self]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                parts.append(node)
            else:
                stack.extend(reversed(node.children))
        return "".join(parts)


def cut_before(root: Node, starts: Sequence[Node]) -> list[Node]:
    """The tree in pieces, of which each but the first begins with one of `starts`; these come in its order.

    What is around a border is around both of its sides.
    """
    pieces = []
    # Elements that were around a border further behind are there twice: the first half is meant.
    halves = {id(start): start for start in starts}
    for start in reversed(starts):
        path = _path_to(root, halves[id(start)])
        left, right = [], []
        for node, at in path:
            left.append(Node(node.tag, node.attributes, node.children[:at]))
            right.append(Node(node.tag, node.attributes, node.children[at:]))
        for outer, inner in pairwise(left):
            outer.children.append(inner)
        for outer, inner in pairwise(right):
            outer.children[0] = inner
        names = {id(half): name for name, half in halves.items()}
        halves |= {
            names[id(node)]: half for (node, _), half in zip(path, left, strict=True) if id(node) in names
        }
        root = left[0]
        pieces.append(right[0])
    return [root, *reversed(pieces)]


def _path_to(root: Node, node: Node) -> list[tuple[Node, int]]:
    """From the root, the elements around one, each with the place among its children that leads there."""
    path = [(root, -1)]
    while True:
        here, at = path.pop()
        following = at + 1
        if following == len(here.children):
            continue
        path.append((here, following))
        child = here.children[following]
        if child is node:
            return path
        if not isinstance(child, str):
            path.append((child, -1))


class _Builder:
    """Takes what the parser meets. It gives no tree of its own, since that would be at most 2,048 deep."""

    def __init__(self) -> None:
        self.root = Node("", {})
        self._path = [self.root]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        node = Node(tag, dict(attributes))
        self._path[-1].children.append(node)
        self._path.append(node)

    def end(self, tag: str) -> None:
        if len(self._path) > 1:
            self._path.pop()

    def data(self, text: str) -> None:
        self._path[-1].children.append(text)

    def comment(self, text: str) -> None:
        pass

    def pi(self, target: str, text: str | None = None) -> None:
        pass

    def close(self) -> Node:
        return self.root


def parse_html(markup: str) -> Node:
    """The root of a page, however broken that is."""
    from lxml import etree

    builder = _Builder()
    parser = etree.HTMLParser(target=builder, encoding="utf-8", huge_tree=True)
    data = markup.encode(errors="replace")
    try:
        for start in range(0, len(data), 1 << 20):
            parser.feed(data[start : start + (1 << 20)])
        parser.close()
    except etree.XMLSyntaxError:
        # What was met before that is the page.
        pass
    return builder.root


@dataclass(frozen=True, slots=True)
class Hidden:
    """What the page's own rules hide."""

    names: frozenset[str]

    @classmethod
    def of(cls, root: Node) -> Hidden:
        """What the style elements below `root` hide, those for print left out."""
        hidden: set[str] = set()
        for node in root.iter():
            if node.tag == "style" and "print" not in node.attributes.get("media", ""):
                hidden |= _hidden_names(node.text())
        return cls(frozenset(hidden))

    def is_shown(self, node: Node) -> bool:
        """Whether a browser shows an element, as far as itself is concerned."""
        if node.tag in NEVER_SHOWN:
            return False
        attributes = node.attributes
        if node.tag == "dialog" and "open" not in attributes:
            return False
        if not attributes:
            return not self.names or node.tag not in self.names
        if "hidden" in attributes and attributes["hidden"] != "until-found":
            return False
        style = attributes.get("style", "")
        if style and _HIDES.search(style):
            return False
        # What KaTeX draws stands beside the same as MathML.
        classes = attributes.get("class", "").split()
        if "katex-html" in classes:
            return False
        return not self.names or bool(style and _SHOWS.search(style)) or not self._is_named(node, classes)

    def _is_named(self, node: Node, classes: list[str]) -> bool:
        names = [f".{each}" for each in classes]
        if "id" in node.attributes:
            names.append(f"#{node.attributes['id']}")
        return node.tag in self.names or any(
            name in self.names or f"{node.tag}{name}" in self.names for name in names
        )


def _hidden_names(css: str) -> set[str]:
    hidden: set[str] = set()
    depth_of_media = 0
    for part in _COMMENT.sub(" ", css).split("}"):
        head, _, declarations = part.rpartition("{")
        if not head and not declarations.strip():
            depth_of_media = 0
            continue
        selectors = head.rpartition("{")[2]
        depth_of_media += head.count("{")
        if depth_of_media or "@" in head:
            continue
        for selector in selectors.split(","):
            name = selector.strip()
            if not name or not _SELECTOR.fullmatch(name):
                continue
            if _HIDES.search(declarations):
                hidden.add(name)
            elif _SHOWS.search(declarations):
                hidden.discard(name)
    return hidden

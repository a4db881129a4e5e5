"""The container of Word, PowerPoint and Excel files: parts in a ZIP archive, and what refers to what."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

# Strict Open XML calls the same things by other addresses.
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAMES: tuple[tuple[bytes, bytes], ...] = tuple(
    (_STRICT + strict, b"http://schemas.openxmlformats.org/" + usual)
    for strict, usual in (
        (b"officeDocument/relationships", b"officeDocument/2006/relationships"),
        (b"officeDocument/math", b"officeDocument/2006/math"),
        (b"wordprocessingml/main", b"wordprocessingml/2006/main"),
        (b"spreadsheetml/main", b"spreadsheetml/2006/main"),
        (b"presentationml/main", b"presentationml/2006/main"),
        (b"drawingml/main", b"drawingml/2006/main"),
        (b"drawingml/chart", b"drawingml/2006/chart"),
        (b"drawingml/diagram", b"drawingml/2006/diagram"),
        (b"drawingml/wordprocessingDrawing", b"drawingml/2006/wordprocessingDrawing"),
        (b"drawingml/spreadsheetDrawing", b"drawingml/2006/spreadsheetDrawing"),
    )
)
_MAIN = "officeDocument"
# "Excel.Sheet.12": a program's own name of what it makes, and its version.
_PROGRAM = re.compile(r"([A-Za-z]\w*(?:\.[A-Za-z]\w*)*)(?:\.\d+)?")


def embedded_file(program: str) -> tuple[str, str]:
    """What is said of a file of another program that is not read, as `counted` takes it.

    Args:
        program: What the document calls its program; "" where it does not.
    """
    found = _PROGRAM.fullmatch(program[:100])
    return "embedded file", f"not read ({found[1]})" if found else "not read"


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to.

    Attributes:
        kind: The last word of its type.
        target: A part's name, or an address.
    """

    kind: str
    target: str
    is_external: bool = False


class Package:
    """An Office file's parts, by their names without a leading slash."""

    def __init__(self, data: bytes) -> None:
        self._archive = ZipFile(BytesIO(data))
        self._names = {_plain(name): name for name in self._archive.namelist()}
        self._relations: dict[str, dict[str, Relation]] = {}

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._names

    def bytes_of(self, part: str) -> bytes:
        """A part's bytes, with the names of the strict form of the format replaced by the usual ones.

        Raises:
            KeyError: When there is no such part.
        """
        data = self._archive.read(self._names[part.lower()])
        if _STRICT in data:
            for strict, usual in _STRICT_NAMES:
                data = data.replace(strict, usual)
        return data

    def xml(self, part: str) -> Any:
        """A part's root element.

        Raises:
            KeyError: Where there is no such part.
            lxml.etree.XMLSyntaxError: Where it is no XML.
        """
        return parse_xml(self.bytes_of(part))

    def xml_or_none(self, part: str | None) -> Any:
        """A part's root element; None where there is no such part or it is not XML."""
        from lxml.etree import XMLSyntaxError

        if part is None or part not in self:
            return None
        try:
            return self.xml(part)
        except XMLSyntaxError:
            return None

    def relations(self, part: str) -> dict[str, Relation]:
        """What a part refers to, by the ids that its XML uses."""
        if part not in self._relations:
            self._relations[part] = self._read_relations(part)
        return self._relations[part]

    def related(self, part: str, *kinds: str) -> list[str]:
        """The parts of some kinds that a part refers to and that are there."""
        found = self.relations(part).values()
        return [
            rel.target for rel in found if rel.kind in kinds and not rel.is_external and rel.target in self
        ]

    def target(self, part: str, rel_id: str | None) -> str | None:
        """The part that an id stands for; None where there is none."""
        relation = self.relations(part).get(rel_id or "")
        return None if relation is None or relation.is_external else relation.target

    @cached_property
    def main_part(self) -> str:
        """The document itself.

        Raises:
            KeyError: Where the file has none.
        """
        found = self.related("", _MAIN)
        if not found:
            raise KeyError("the container names no document")
        return found[0]

    def _read_relations(self, part: str) -> dict[str, Relation]:
        folder, name = posixpath.split(part)
        root = self.xml_or_none(posixpath.join(folder, "_rels", f"{name}.rels"))
        if root is None:
            return {}
        found = {}
        for child in root.iterchildren("{*}Relationship"):
            target, kind = child.get("Target", ""), child.get("Type", "").rpartition("/")[2]
            is_external = child.get("TargetMode") == "External"
            if not is_external:
                base = target if target.startswith("/") else posixpath.join(folder, target)
                target = posixpath.normpath(unquote(base).replace("\\", "/")).lstrip("/")
            found[child.get("Id", "")] = Relation(kind, target, is_external)
        return found


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def parse_xml(data: bytes) -> Any:
    """A root element; nothing outside of the data is looked at.

    Raises:
        lxml.etree.XMLSyntaxError: When it is not well-formed.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(data, parser)


@lru_cache(maxsize=4096)
def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def local(element: Any) -> str:
    """An element's name without its namespace."""
    return _local(element.tag)


def is_on(element: Any, value_key: str) -> bool:
    """Whether an element that switches something on is there and does not switch it off."""
    return element is not None and element.get(value_key, "1").lower() not in {"0", "false", "off"}


def rel_key(name: str) -> str:
    """The full name of an attribute such as r:id."""
    return f"{REL}{name}"


def one_line(text: str) -> str:
    """Text with all white space folded."""
    return " ".join(text.split())

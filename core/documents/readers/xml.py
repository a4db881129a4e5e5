"""XML files of any kind: a line per value, with the name of its element."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.documents.readers.embedded import picture_note, without_pictures
from core.documents.readers.encoding import decode_text
from core.documents.readers.limits import join_lines

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")


def read_xml(file: str, data: bytes) -> ReadResult:
    """One line per element that holds text, "name: text", and per attribute, "name attribute: value".

    A file that is not well-formed is read as plain text.

    Raises:
        UnsupportedFileError: When it is not text.
        FileTooLargeError: When its lines have more than `MAX_TEXT_CHARS` characters together.
    """
    root = _parsed(file, data)
    if root is None:
        text, num_pictures = without_pictures(decode_text(file, data))
        notes = ("not well-formed XML and read as plain text", *picture_note(num_pictures))
        return ReadResult((page_of(None, [Block(BlockKind.CODE, text)]),), notes)
    text, num_pictures = without_pictures(join_lines(file, _lines(root)))
    blocks = (Block(BlockKind.PARAGRAPH, part) for part in re.split(r"\n{2,}", text))
    return ReadResult((page_of(None, blocks),), picture_note(num_pictures))


def xml_root(data: bytes) -> Any:
    """The root element; entities are not followed.

    Raises:
        lxml.etree.XMLSyntaxError: When it is not well-formed.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(data, parser)


def local_name(element: Any) -> str:
    """Its name without the namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _parsed(file: str, data: bytes) -> Any | None:
    from lxml import etree

    try:
        if data.startswith(codecs.BOM_UTF8):
            # What is decoded already may declare an encoding that is not true any more.
            data = _DECLARATION.sub("", decode_text(file, data)).encode()
        return xml_root(data)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _lines(root: Any) -> Iterator[str]:
    # A stack: documents may be nested deeper than Python's calls.
    stack = [root]
    while stack:
        element = stack.pop()
        name = local_name(element)
        if not name:
            continue
        is_record = len(element) > 0 and not _is_prose(element)
        if is_record:
            yield ""
        for key, value in element.attrib.items():
            if value.strip():
                yield f"{name} {key.rpartition('}')[2]}: {_one_line(value)}"
        if not is_record:
            text = _one_line("".join(element.itertext()))
            if text:
                yield f"{name}: {text}"
        else:
            stack += reversed(element)


def _is_prose(element: Any) -> bool:
    """Whether words stand between its children."""
    texts = [element.text, *(child.tail for child in element)]
    return any(text and text.strip() for text in texts)


def _one_line(text: str) -> str:
    return " ".join(text.split())

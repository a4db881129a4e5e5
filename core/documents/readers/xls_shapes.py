"""What stands in the shapes of an old Excel workbook: text boxes, and other shapes with words."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

_HEADER = struct.Struct("<HH")
# Kinds of records: where a sheet begins, a shape, its text, and what goes on with the record before.
_SHEET, _SHAPE, _TEXT, _MORE = 0x0085, 0x005D, 0x01B6, 0x003C
# The shape of a comment, whose text is read with it.
_COMMENT = 0x19
_WORKSHEET = 0


def shape_texts(stream: bytes) -> dict[int, list[str]]:
    """The texts of shapes, by the worksheet's number from 0, in the order of the file.

    Args:
        stream: The workbook's records.
    """
    places: list[tuple[int, int | None]] = []
    found: defaultdict[int, list[str]] = defaultdict(list)
    num_worksheets = 0
    for at, kind, content in _records(stream):
        if kind == _SHEET and len(content) >= 6:
            is_worksheet = content[5] == _WORKSHEET
            places.append((int.from_bytes(content[:4], "little"), num_worksheets if is_worksheet else None))
            num_worksheets += is_worksheet
            places.sort()
        elif kind == _TEXT:
            sheet = bisect_right(places, at, key=lambda place: place[0]) - 1
            number = places[sheet][1] if sheet >= 0 else None
            text = content.decode("utf-16-le", "replace").strip()
            if number is not None and text:
                found[number].append(text)
    return dict(found)


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Place, kind and content of each record that begins a sheet, or has a shape's text: that as UTF-16."""
    at = wanted = start = 0
    shape, parts = 0, list[bytes]()
    while at + 4 <= len(stream):
        kind, size = _HEADER.unpack_from(stream, at)
        content = stream[at + 4 : at + 4 + size] if kind in {_SHEET, _SHAPE, _TEXT, _MORE} else b""
        if kind == _MORE and wanted > 0 and content:
            # The first byte says how many bytes a letter has.
            part = content[1:] if content[0] & 1 else content[1:].decode("latin-1").encode("utf-16-le")
            parts.append(part[: 2 * wanted])
            wanted -= len(part) // 2
            if wanted <= 0:
                yield start, _TEXT, b"".join(parts)
        elif kind == _SHAPE:
            shape = int.from_bytes(content[4:6], "little")
        elif kind == _TEXT:
            start, parts = at, []
            wanted = 0 if shape == _COMMENT else int.from_bytes(content[10:12], "little")
        elif kind == _SHEET:
            yield at, kind, content
        at += 4 + size

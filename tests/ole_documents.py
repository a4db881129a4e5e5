"""Files in OLE containers, built in memory for tests: old Excel workbooks and Outlook messages."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from hashlib import md5
from io import BytesIO
from itertools import pairwise

from tests.documents import OLE_MAGIC, Table

_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _BIG = 512, 4096


def build_outlook_message(
    texts: Mapping[str, str], *, attachments: Mapping[str, bytes] | None = None
) -> bytes:
    """texts: by the number of their property, such as 0037 for the subject."""
    streams = {f"__substg1.0_{number}001F": text.encode("utf-16-le") for number, text in texts.items()}
    streams["__properties_version1.0"] = bytes(32)
    folders = {
        f"__attach_version1.0_#{number:08}": {
            "__substg1.0_3707001F": name.encode("utf-16-le"),
            "__substg1.0_37010102": data,
        }
        for number, (name, data) in enumerate((attachments or {}).items())
    }
    return build_ole(streams, folders)


def build_old_excel(
    rows: Table,
    *,
    comments: Mapping[tuple[int, int], str] | None = None,
    more: bytes = b"",
    folders: Mapping[str, Mapping[str, bytes]] | None = None,
) -> bytes:
    """An .xls workbook with one sheet, Budget: texts and numbers.

    Args:
        comments: By row and column, from 0.
        more: Records behind those of the cells.
        folders: What lies beside the workbook in its container.
    """
    cells = b"".join(
        _cell(row, column, value) for row, values in enumerate(rows) for column, value in enumerate(values)
    )
    notes = b"".join(
        _comment(number, place, text) for number, (place, text) in enumerate((comments or {}).items(), 1)
    )
    return build_biff(sheet=cells + notes + more, folders=folders)


def build_biff(
    *, globals_: bytes = b"", sheet: bytes, folders: Mapping[str, Mapping[str, bytes]] | None = None
) -> bytes:
    """An .xls workbook with one sheet, Budget, of records; globals_: those that all sheets share."""
    name, end = b"\x06\x00Budget", biff_record(0x000A)
    begin_book, begin_sheet = (
        biff_record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0)) for kind in (0x05, 0x10)
    )
    before = begin_book + globals_
    sheet_at = len(before) + len(biff_record(0x0085, bytes(6) + name)) + len(end)
    book = before + biff_record(0x0085, struct.pack("<IBB", sheet_at, 0, 0) + name) + end
    return build_ole({"Workbook": book + begin_sheet + sheet + end}, folders or {})


def _cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, int | float):
        return biff_record(0x0203, place + struct.pack("<d", value))
    text = str(value)
    return biff_record(0x0204, place + struct.pack("<HB", len(text), 0) + text.encode("latin-1"))


def _comment(number: int, place: tuple[int, int], text: str) -> bytes:
    """A drawn box, the text in it, and the cell that it belongs to."""
    box = struct.pack("<5H12x2H", 0x15, 18, 0x19, number, 0, 0, 0)
    about = struct.pack("<2H6x2HI", 0, 0, len(text), 16, 0)
    runs = struct.pack("<2HI2HI", 0, 0, 0, len(text), 0, 0)
    note = struct.pack("<5HB", *place, 0, number, 2, 0) + b"Cy\0"
    return b"".join(
        [
            biff_record(0x005D, box),
            biff_record(0x01B6, about),
            biff_record(0x003C, b"\0" + text.encode("latin-1")),
            biff_record(0x003C, runs),
            biff_record(0x001C, note),
        ]
    )


def biff_record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def protect_old_excel(data: bytes, password: str) -> bytes:
    """A workbook of `build_biff` as Excel 97 saves it with a password."""
    import olefile
    from msoffcrypto.method.rc4 import DocumentRC4

    with olefile.OleFileIO(BytesIO(data)) as container:
        stream = container.openstream("Workbook").read()
    records = stream.rstrip(b"\0") + bytes(3)
    salt, check = bytes(range(16)), bytes(range(16, 32))
    hidden = DocumentRC4.decrypt(password, salt, BytesIO(check + md5(check).digest())).read()
    # What fills the container is read as records of four bytes, so those before it end at a fourth one.
    filling = bytes(-(len(records) + 58) % 4)
    about = biff_record(0x002F, struct.pack("<3H", 1, 1, 1) + salt + hidden + filling)
    first = 4 + struct.unpack_from("<H", records, 2)[0]
    plain = bytearray(records[:first] + about + records[first:])
    # Where the sheet begins has moved on.
    place = first + len(about) + 4
    struct.pack_into("<I", plain, place, struct.unpack_from("<I", plain, place)[0] + len(about))
    mixed = DocumentRC4.decrypt(password, salt, BytesIO(bytes(plain)), blocksize=1024).read()
    at = first + len(about)
    while at + 4 <= len(plain):
        kind, size = struct.unpack_from("<HH", plain, at)
        end = at + 4 + size
        # The kinds of records stay readable, and so does where a sheet begins.
        if kind != 0x0809:
            start = at + (8 if kind == 0x0085 else 4)
            plain[start:end] = mixed[start:end]
        at = end
    return build_ole({"Workbook": bytes(plain)}, {})


def build_ole(streams: Mapping[str, bytes], folders: Mapping[str, Mapping[str, bytes]]) -> bytes:
    """An OLE container. Each stream is filled up with zeros to the 4,096 bytes of one that is not small."""
    entries: list[tuple[str, bytes | None, int]] = [(name, content, 0) for name, content in streams.items()]
    for folder, inner in folders.items():
        entries.append((folder, None, 0))
        number = len(entries)
        entries += [(name, content, number) for name, content in inner.items()]
    sectors, starts = b"", []
    for _, content, _ in entries:
        padded = (
            b"" if content is None else content.ljust(_BIG, b"\0") + bytes(-max(len(content), _BIG) % _SECTOR)
        )
        starts.append((len(sectors) // _SECTOR, len(padded)))
        sectors += padded
    directory = _directory(entries, starts)
    chains = [size // _SECTOR for _, size in starts] + [len(directory) // _SECTOR]
    return _container(sectors, directory, chains)


def _directory(entries: Sequence[tuple[str, bytes | None, int]], starts: Sequence[tuple[int, int]]) -> bytes:
    children: dict[int, list[int]] = {}
    for number, (_, _, folder) in enumerate(entries, 1):
        children.setdefault(folder, []).append(number)
    following = {one: after for each in children.values() for one, after in pairwise(each)}
    lines = b""
    for number, (name, content, _) in enumerate([("Root Entry", None, 0), *entries]):
        raw = name.encode("utf-16-le")
        kind = 5 if number == 0 else 1 if content is None else 2
        start, size = (_END, 0) if number == 0 else starts[number - 1]
        first_child = children.get(number, [_FREE])[0]
        lines += raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, kind, 1)
        lines += struct.pack("<III", _FREE, following.get(number, _FREE), first_child)
        lines += bytes(36) + struct.pack("<III", start, size, 0)
    return lines + bytes(-len(lines) % _SECTOR)


def _container(sectors: bytes, directory: bytes, chains: Sequence[int]) -> bytes:
    table: list[int] = []
    for length in chains:
        table += [*range(len(table) + 1, len(table) + length), _END] if length else []
    num_sectors = len(table)
    num_tables = num_sectors // 127 + 1
    table += [_TABLE] * num_tables
    packed = struct.pack(f"<{len(table)}I", *table).ljust(_SECTOR * num_tables, b"\xff")
    places = [*range(num_sectors, num_sectors + num_tables)]
    places += [_FREE] * (109 - num_tables)
    header = OLE_MAGIC + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    first = num_sectors - chains[-1]
    header += struct.pack("<9I", 0, num_tables, first, 0, _BIG, _END, 0, _END, 0)
    return header + struct.pack("<109I", *places) + sectors + directory + packed

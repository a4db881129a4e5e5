"""What is inside of Outlook's .msg files: properties in an OLE container (MS-OXMSG)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from core.documents.readers.encryption import OLE_MAGIC
from core.documents.readers.rtf import rtf_text
from core.errors import CorruptFileError, UnsupportedFileError

# Numbers of properties, and the types that texts and bytes have.
_SUBJECT, _BODY, _HTML, _RTF = "0037", "1000", "1013", "1009"
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP = "0C1A", "0C1F", "5D01"
_DISPLAY_TO, _DISPLAY_CC = "0E04", "0E03"
_LONG_NAME, _SHORT_NAME, _DATA = "3707", "3704", "3701"
_TEXT, _TEXT_8BIT, _BYTES, _OBJECT = "001F", "001E", "0102", "000D"
_SENT_AT, _RECEIVED_AT, _CODE_PAGE = 0x0039, 0x0E06, 0x3FDE
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_TOP_PROPERTIES_AT = 32
_RTF_MAGIC = 0x75465A4C
_RTF_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)

# Headers, body, whether that is HTML, and the attachments' names and bytes.
Outlook = tuple[tuple[tuple[str, str], ...], str, bool, tuple[tuple[str, bytes], ...]]


def outlook_message(file: str, data: bytes) -> Outlook:
    """What a message holds: headers, body, whether that is HTML, and attachments.

    Raises:
        UnsupportedFileError: When it is no message.
        CorruptFileError: When it is damaged.
    """
    no_message = f"{file} is no Outlook message. Check the file and upload it again."
    if not data.startswith(OLE_MAGIC):
        raise UnsupportedFileError(no_message)
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            if not ole.exists("__properties_version1.0"):
                raise UnsupportedFileError(no_message)
            return _Folder(ole, []).message()
    except (UnsupportedFileError, MemoryError):
        raise
    # Broad on purpose: a damaged container surfaces as whatever the library's code trips over.
    except Exception as exc:
        raise CorruptFileError(
            f"{file} is damaged and can't be read as an Outlook message. Save it again and upload that."
        ) from exc


class _Folder:
    """A message, or one inside of it.

    Args:
        path: Where it is in the container.
    """

    def __init__(self, ole: Any, path: list[str]) -> None:
        self._ole, self._path = ole, path
        self._times, code_page = self._fixed()
        self._encoding = f"cp{code_page}" if code_page not in {None, 65001} else "utf-8"

    def message(self) -> Outlook:
        body, is_html = self._body()
        return tuple(self._headers()), body, is_html, tuple(self._attachments())

    def _headers(self) -> Iterator[tuple[str, str]]:
        name = self._text(_SENDER_NAME)
        address = self._text(_SENDER_SMTP) or self._text(_SENDER_ADDRESS)
        address = "" if address.startswith("/") else address  # of Exchange, for nobody
        sender = f"{name} <{address}>" if name and address and name != address else name or address
        sent_at = self._times.get(_SENT_AT) or self._times.get(_RECEIVED_AT)
        shown = (
            ("From", sender),
            ("To", self._text(_DISPLAY_TO)),
            ("Cc", self._text(_DISPLAY_CC)),
            ("Date", sent_at.strftime("%Y-%m-%d %H:%M UTC") if sent_at else ""),
            ("Subject", self._text(_SUBJECT)),
        )
        yield from ((key, value) for key, value in shown if value)

    def _body(self) -> tuple[str, bool]:
        if text := self._text(_BODY).strip():
            return text, False
        if html := self._bytes(_HTML):
            return html.decode(self._encoding, errors="replace"), True
        if packed := self._bytes(_RTF):
            return rtf_text(unpacked_rtf(packed).decode("latin-1")), False
        return self._text(_HTML), True

    def _attachments(self) -> Iterator[tuple[str, bytes]]:
        depth = len(self._path)
        folders = {
            entry[depth]
            for entry in self._ole.listdir(streams=True, storages=True)
            if len(entry) > depth
            and entry[:depth] == self._path
            and entry[depth].startswith("__attach_version1.0_")
        }
        for number, folder in enumerate(sorted(folders), 1):
            inside = _Streams(self._ole, [*self._path, folder], self._encoding)
            name = inside.text(_LONG_NAME) or inside.text(_SHORT_NAME) or f"attachment {number}"
            embedded = f"__substg1.0_{_DATA}{_OBJECT}"
            if self._ole.exists([*self._path, folder, embedded]):
                yield f"{name}.eml", self._as_mail([*self._path, folder, embedded])
            elif content := inside.data(_DATA):
                yield name, content

    def _as_mail(self, path: list[str]) -> bytes:
        """A message inside, without its own attachments, in the form of the other mail reader."""
        from email.message import EmailMessage

        headers, body, is_html, _ = _Folder(self._ole, path).message()
        mail = EmailMessage()
        for key, value in headers:
            if key != "Date":
                mail[key] = " ".join(value.split())
        mail.set_content(body, subtype="html" if is_html else "plain")
        return mail.as_bytes()

    def _text(self, number: str) -> str:
        return _Streams(self._ole, self._path, self._encoding).text(number)

    def _bytes(self, number: str) -> bytes:
        return _Streams(self._ole, self._path, self._encoding).data(number)

    def _fixed(self) -> tuple[dict[int, datetime], int | None]:
        """The times among the properties of fixed size, and the code page of old texts."""
        raw = self._ole.openstream([*self._path, "__properties_version1.0"]).read()
        times: dict[int, datetime] = {}
        code_page: int | None = None
        # An inner message's list begins 8 bytes earlier.
        start = _TOP_PROPERTIES_AT if not self._path else _TOP_PROPERTIES_AT - 8
        for at in range(start, len(raw) - 15, 16):
            kind, number, _, value = struct.unpack_from("<HHIQ", raw, at)
            if kind == 0x40 and 0 < value < 2**63:
                try:
                    times[number] = _EPOCH + timedelta(microseconds=value // 10)
                except OverflowError:
                    continue
            elif number == _CODE_PAGE:
                code_page = value & 0xFFFFFFFF
        return times, code_page


class _Streams:
    """The properties in one folder of the container that have a stream of their own."""

    def __init__(self, ole: Any, path: list[str], encoding: str) -> None:
        self._ole, self._path, self._encoding = ole, path, encoding

    def text(self, number: str) -> str:
        if raw := self._read(number, _TEXT):
            return raw.decode("utf-16-le", errors="replace").rstrip("\0")
        if raw := self._read(number, _TEXT_8BIT):
            try:
                return raw.decode(self._encoding, errors="replace").rstrip("\0")
            except LookupError:
                return raw.decode("cp1252", errors="replace").rstrip("\0")
        return ""

    def data(self, number: str) -> bytes:
        return self._read(number, _BYTES)

    def _read(self, number: str, kind: str) -> bytes:
        path = [*self._path, f"__substg1.0_{number}{kind}"]
        return bytes(self._ole.openstream(path).read()) if self._ole.exists(path) else b""


def unpacked_rtf(data: bytes) -> bytes:
    """Outlook's compressed RTF (MS-OXRTFCP)."""
    if len(data) < 16:
        return b""
    _, size, magic, _ = struct.unpack_from("<IIII", data)
    if magic != _RTF_MAGIC:
        return data[16 : 16 + size]
    window = bytearray(_RTF_DICTIONARY.ljust(4096, b" "))
    out, place, at = bytearray(), len(_RTF_DICTIONARY), 16
    while at < len(data) and len(out) < size:
        flags = data[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                run = data[at : at + 1]
                at += 1
            else:
                if at + 2 > len(data):
                    return bytes(out)
                pair = data[at] << 8 | data[at + 1]
                at += 2
                offset = pair >> 4
                if offset == place:
                    return bytes(out)
                run = _window_run(window, offset, place, (pair & 15) + 2)
            for byte in run:
                window[place] = byte
                place = (place + 1) % 4096
            out += run
    return bytes(out)


def _window_run(window: bytearray, offset: int, place: int, length: int) -> bytes:
    """What was written before; it may reach into itself."""
    run = bytearray()
    for step in range(length):
        at = (offset + step) % 4096
        distance = (at - place) % 4096
        run.append(run[distance] if distance < len(run) else window[at])
    return bytes(run)

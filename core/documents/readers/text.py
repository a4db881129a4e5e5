"""Formats that are text: plain text, Markdown and JSON."""

from __future__ import annotations

import codecs
import json
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from core.documents.blocks import ReadResult, clean_text
from core.documents.models import Page
from core.errors import CorruptFileError, FileTooLargeError, UnsupportedFileError

# Some 60,000 chunks. Headers and paths are repeated on every line, so that a small file could grow
# without end; and what is embedded for an hour is better cut by the person who knows it.
MAX_TEXT_CHARS = 50_000_000

_SAMPLE_BYTES = 64 * 1024
_VICINITY_BYTES = 512 * 1024
_MAX_CONTROL_RATIO = 0.02
# UTF-32 first: its mark begins with the one of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The letters and signs of Western European text, without those that other alphabets' code pages
# have in the same places.
_WESTERN = frozenset("àâäáãåæçèéêëìíîïñòóôöõøœùúûüßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜ«»‘’“”„–—…€£§°·¿¡©®™\xa0")


def read_text(file: str, data: bytes) -> ReadResult:
    """Plain text or Markdown as it is. Raises: UnsupportedFileError when it is not text."""
    return ReadResult((Page(number=None, text=decode_text(file, data)),))


def read_json(file: str, data: bytes) -> ReadResult:
    """One line per value, "path: value", with list positions from 0.

    Raises: UnsupportedFileError, CorruptFileError, FileTooLargeError.
    """
    try:
        value = json.loads(decode_text(file, data))
    except json.JSONDecodeError as exc:
        raise CorruptFileError(
            f"{file} is not valid JSON: {exc.msg}, line {exc.lineno}. Correct it, or upload it as .txt."
        ) from exc
    # RecursionError: nested deeper than Python's parser goes. ValueError: a number of 4,300 digits.
    except (RecursionError, ValueError) as exc:
        raise CorruptFileError(
            f"{file} holds JSON that is nested too deeply or has a number too long. Upload it as .txt."
        ) from exc
    return ReadResult((Page(number=None, text=join_lines(file, _json_lines(value))),))


def join_lines(file: str, lines: Iterable[str]) -> str:
    """Raises: FileTooLargeError once the lines have more than MAX_TEXT_CHARS characters together."""
    kept: list[str] = []
    num_chars = 0
    for line in lines:
        num_chars += len(line) + 1
        if num_chars > MAX_TEXT_CHARS:
            raise too_much_text(file)
        kept.append(line)
    return "\n".join(kept)


def too_much_text(file: str) -> FileTooLargeError:
    """The error of a file with more than MAX_TEXT_CHARS characters."""
    return FileTooLargeError(
        f"{file} gives more than {MAX_TEXT_CHARS // 10**6} million characters of text. "
        "Split it into smaller files."
    )


def decode_text(file: str, data: bytes) -> str:
    """Decode by byte order mark, UTF-8, UTF-16, then a guess. Line ends become "\\n".

    Raises: UnsupportedFileError when the bytes are not text in any encoding.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return clean_text(data[len(mark) :].decode(encoding, errors="replace"))
    text = _decode_utf16(data) if b"\x00" in data else _decode_bytes(data)
    if text is None or _control_ratio(text) > _MAX_CONTROL_RATIO:
        raise UnsupportedFileError(
            f"{file} is a binary file, not text. Upload a text file or a supported document instead."
        )
    return clean_text(text)


def _decode_utf16(data: bytes) -> str | None:
    """UTF-16 without a byte order mark, or None.

    ASCII characters have a zero in every other byte; an alphabet has one or two values there. Ideographs
    have neither and can't be told from binary data.
    """
    is_big_endian = data[::2].count(0) > data[1::2].count(0)
    high_bytes = data[0 if is_big_endian else 1 :: 2]
    if len(data) % 2 or (high_bytes.count(0) < 0.3 * len(high_bytes) and len(set(high_bytes)) > 4):
        return None
    try:
        return data.decode("utf-16-be" if is_big_endian else "utf-16-le")
    except UnicodeDecodeError:
        return None


def _decode_bytes(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        start = exc.start
    # A file cut or patched in a few places is still UTF-8.
    vicinity = data[max(0, start - _VICINITY_BYTES) : start + _VICINITY_BYTES].decode(errors="replace")
    if sum(char > "\x7f" for char in vicinity) > 10 * vicinity.count("\ufffd"):
        return data.decode("utf-8", errors="replace")
    return _decode_legacy(data, data[max(0, start - 1024) : start + _SAMPLE_BYTES])


def _decode_legacy(data: bytes, sample: bytes) -> str:
    """One byte per character or an East Asian encoding, judged by a sample that is not ASCII."""
    from charset_normalizer import from_bytes

    letters = [char for char in sample.decode("cp1252", errors="replace") if char > "\x7f" or char.isalpha()]
    foreign = [char for char in letters if char > "\x7f"]
    # Statistics confuse the Latin code pages on short texts; few accents, all of them Western, decide it.
    if _WESTERN.issuperset(foreign) and len(foreign) * 3 <= len(letters):
        return data.decode("cp1252", errors="replace")
    best = from_bytes(sample).best()
    for encoding in (best.encoding if best else "cp1252", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _control_ratio(text: str) -> float:
    """Share, 0 to 1, of the sample's characters that no text has: controls and unassigned ones."""
    sample = text[:_SAMPLE_BYTES]
    num_odd = sum(
        char == "\ufffd" or (char not in "\t\n\r\f" and unicodedata.category(char) in {"Cc", "Cn", "Co"})
        for char in sample
    )
    return num_odd / max(1, len(sample))


def _json_lines(root: Any) -> Iterator[str]:
    # A stack, because nested generators run out of Python's call depth before the JSON parser does, and
    # lazy, because a long path times many values must meet the limit of `join_lines` first.
    stack: list[Iterator[tuple[str, Any]]] = [iter([("", root)])]
    while stack:
        for path, value in stack[-1]:
            if isinstance(value, dict | list):
                stack.append(_json_items(path, value))
                break
            text = value if isinstance(value, str) else json.dumps(value)
            yield f"{path}: {text}" if path else text
        else:
            stack.pop()


def _json_items(path: str, value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield f"{path}[{index}]", item
    else:
        for key, item in value.items():
            yield f"{path}.{key}" if path else key, item

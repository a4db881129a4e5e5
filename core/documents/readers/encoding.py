"""Bytes to text: by byte order mark, UTF-8, UTF-16, then a guess, which is told."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.documents.blocks import clean_text, without_terminal_codes
from core.errors import DocumentError, UnsupportedFileError

# What a text may be that was guessed wrong, the common ones first.
ENCODINGS = (
    *("windows-1252", "windows-1250", "windows-1251", "iso-8859-2", "koi8-r", "shift_jis", "euc-jp"),
    *("gb18030", "big5", "euc-kr", "windows-1253", "windows-1254", "windows-1255", "windows-1256"),
    *("windows-1257", "windows-1258", "iso-8859-5", "iso-8859-7", "iso-8859-9", "iso-8859-15", "koi8-u"),
    *("cp850", "cp852", "cp866", "mac-roman", "iso-2022-jp", "utf-8", "utf-16"),
)
_NOTE = re.compile(r"read as ([^\s,]+)(?:, which is a guess)?")
_SAMPLE_BYTES = 64 * 1024
_GUESS_BYTES = 16 * 1024
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
_WESTERN = frozenset("àâäáãåæçèéêëìíîïñòóôöõøœùúûüßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜ«»‘’“”„–—…€£§°·¿¡©®™µ²×\xa0")
# Right guesses of a sentence are surer than this, of a few words they are not.
_SURE = 0.12
_SHARE_OF_ACCENTS = 3
_C1 = re.compile(r"[\x80-\x84\x86-\x9f]")  # \x85 is a line's end
# What Chinese, Japanese and Korean texts are made of, ASCII among it.
_EAST_ASIAN = re.compile(r"[\t\n\r -~\u2010-\u2027\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]")
_LEAST_EAST_ASIAN = 0.95
_MOST_ASCII = 0.9  # of the bytes of Chinese in UTF-16, two in three


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text that was decoded.

    Attributes:
        guess: The encoding that was guessed; empty where it is plain or was chosen.
    """

    text: str
    guess: str = ""


def encoding_note(encoding: str, *, is_guess: bool) -> str:
    """How a document's note says which encoding it was read with."""
    return f"read as {encoding}, which is a guess" if is_guess else f"read as {encoding}"


def noted_encoding(notes: Sequence[str]) -> str:
    """The encoding that a document's notes say was guessed or chosen; "" where none was."""
    found = (_NOTE.fullmatch(note) for note in notes)
    return next((match[1] for match in found if match), "")


def check_encoding(name: str) -> None:
    """Refuse a name that no encoding of text has.

    Raises:
        DocumentError: When there is no such encoding.
    """
    try:
        # As files are decoded: one byte alone is no UTF-16.
        b"x".decode(name, errors="replace")
    # ValueError: a name with a zero in it, or an encoding that is none.
    except (LookupError, ValueError) as exc:
        raise DocumentError(
            f"There is no encoding with the name {name}. Try windows-1250, iso-8859-2, koi8-r or another one."
        ) from exc


def is_plain_utf8(data: bytes) -> bool:
    """Whether there is nothing to find out: each reader will decode it alike."""
    if b"\x00" in data or b"\x1b" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decode_text(file: str, data: bytes) -> str:
    """The text of `decode`."""
    return decode(file, data).text


def decode(file: str, data: bytes, encoding: str = "") -> Decoded:
    """The bytes as text; line ends become "\\n".

    Args:
        file: Its name, for messages.
        data: All of its bytes.
        encoding: What somebody says it is, as Python names it; "" to find it out.

    Raises:
        UnsupportedFileError: When the bytes are not text in any encoding.
        DocumentError: When there is no such encoding.
    """
    if encoding:
        check_encoding(encoding)
        return Decoded(clean_text(data.decode(encoding, errors="replace").removeprefix("\ufeff")))
    for mark, of_mark in _MARKS:
        if data.startswith(mark):
            return Decoded(clean_text(data[len(mark) :].decode(of_mark, errors="replace")))
    decoded = _decode_utf16(data) if b"\x00" in data else _decode_bytes(data)
    if decoded is None or _control_ratio(decoded.text) > _MAX_CONTROL_RATIO:
        decoded = _decode_ideographs(data)
    if decoded is None:
        raise UnsupportedFileError(
            f"{file} is a binary file, not text. Upload a text file or a supported document instead."
        )
    return Decoded(clean_text(decoded.text), decoded.guess)


def _decode_utf16(data: bytes) -> Decoded | None:
    """UTF-16 of an alphabet without a byte order mark, or None.

    ASCII characters have a zero in every other byte; an alphabet has one or two values there.
    """
    is_big_endian = data[::2].count(0) > data[1::2].count(0)
    high_bytes = data[0 if is_big_endian else 1 :: 2]
    if high_bytes.count(0) < 0.3 * len(high_bytes) and len(set(high_bytes)) > 4:
        return None
    return _decoded_as("utf-16-be" if is_big_endian else "utf-16-le", data)


def _decode_ideographs(data: bytes) -> Decoded | None:
    """UTF-16 of Chinese, Japanese or Korean without a byte order mark, or None.

    Of bytes that are anything else, half would be characters of other scripts; pairs of ASCII's letters are
    ideographs too, though.
    """
    sample = data[:_SAMPLE_BYTES]
    if sum(byte < 0x80 for byte in sample) > _MOST_ASCII * len(sample):
        return None
    for encoding in ("utf-16-le", "utf-16-be"):
        text = sample.decode(encoding, errors="replace")
        if len(_EAST_ASIAN.findall(text)) > _LEAST_EAST_ASIAN * len(text):
            return _decoded_as(encoding, data)
    return None


def _decode_bytes(data: bytes) -> Decoded:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        start = exc.start
    else:
        return _decode_iso_2022(data) if b"\x1b$" in data and text.isascii() else Decoded(text)
    # A file cut or patched in a few places is still UTF-8.
    vicinity = data[max(0, start - _VICINITY_BYTES) : start + _VICINITY_BYTES].decode(errors="replace")
    if sum(char > "\x7f" for char in vicinity) > 10 * vicinity.count("\ufffd"):
        return Decoded(data.decode("utf-8", errors="replace"))
    sample = data[max(0, start - 1024) : start + _GUESS_BYTES]
    encoding = _guess(sample)
    names = (encoding, "windows-1252", "cp850", "windows-1250")
    for name in sorted(names, key=lambda name: _has_controls(sample, name)):
        decoded = _decoded_as(name, data)
        if decoded is not None and _control_ratio(decoded.text) <= _MAX_CONTROL_RATIO:
            return decoded
    # What the sample was right about may stand among a few damaged bytes.
    return Decoded(data.decode(encoding, errors="replace"), encoding)


def _decoded_as(encoding: str, data: bytes) -> Decoded | None:
    try:
        return Decoded(data.decode(encoding), encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _has_controls(sample: bytes, encoding: str) -> bool:
    """Whether there are other controls than ASCII's: they are in no text where the code page is right."""
    try:
        return _C1.search(sample.decode(encoding, errors="replace")) is not None
    except LookupError:
        return True


def _decode_iso_2022(data: bytes) -> Decoded:
    """Old Japanese mail: ASCII bytes only, with escapes between alphabets."""
    try:
        return Decoded(data.decode("iso2022_jp_2"), "iso-2022-jp")
    except UnicodeDecodeError:
        return Decoded(data.decode("ascii"))


def _guess(sample: bytes) -> str:
    """One byte per character or an East Asian encoding, judged by a sample that is not ASCII."""
    import chardet
    from chardet import EncodingEra

    modern = EncodingEra.MODERN_WEB | EncodingEra.LEGACY_ISO
    old = EncodingEra.LEGACY_MAC | EncodingEra.LEGACY_REGIONAL | EncodingEra.DOS
    found = chardet.detect(sample, encoding_era=modern | old)
    if (found["confidence"] or 0) < _SURE:
        # Statistics confuse the code pages on short texts; few accents, all of them Western, decide it,
        # and else what is common beats what is rare.
        if _is_western(sample):
            return "windows-1252"
        found = chardet.detect(sample, encoding_era=modern)
    encoding = (found["encoding"] or "windows-1252").lower()
    # Browsers take it for Windows-1252, because the pages do.
    return "windows-1252" if encoding == "iso-8859-1" else encoding


def _is_western(sample: bytes) -> bool:
    letters = [char for char in sample.decode("cp1252", errors="replace") if char > "\x7f" or char.isalpha()]
    foreign = [char for char in letters if char > "\x7f"]
    return _WESTERN.issuperset(foreign) and len(foreign) * _SHARE_OF_ACCENTS <= len(letters)


def _control_ratio(text: str) -> float:
    """Share, 0 to 1, of the sample's characters that no text has: controls and unassigned ones."""
    sample = without_terminal_codes(text[:_SAMPLE_BYTES])
    num_odd = sum(
        char == "\ufffd" or (char not in "\t\n\r\f" and unicodedata.category(char) in {"Cc", "Cn", "Co"})
        for char in sample
    )
    return num_odd / max(1, len(sample))

"""Half letters (surrogates) in what people and models send: no tokenizer, server or file takes them."""

from __future__ import annotations

import re

_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")
_BYTES_FROM = 0xDC00


def as_unicode(text: str) -> str:
    """`text` without half letters.

    Two that belong together become their letter. A byte of a command line that is not UTF-8 is read as
    Windows and Latin-1 write it; others become U+FFFD.
    """
    try:
        text.encode()  # much faster than to look for them
    except UnicodeEncodeError:
        return _SURROGATES.sub(_whole, text)
    return text


def _whole(match: re.Match[str]) -> str:
    if len(match[0]) == 2:
        return match[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    byte = ord(match[0]) - _BYTES_FROM
    return bytes([byte]).decode("cp1252", "replace") if 0x80 <= byte <= 0xFF else "\ufffd"

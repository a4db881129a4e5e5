"""RTF documents."""

from __future__ import annotations

import re

from core.documents.blocks import Block, BlockKind, ReadResult, page_of
from core.errors import CorruptFileError, UnsupportedFileError

_MAGIC = b"{\\rtf"
_CODE_PAGE = re.compile(rb"\\ansicpg(\d+)")
# Written as hexadecimal digits; no text.
_PICTURE = re.compile(rb"\{\\\*?\\?pict\b")
_RAISED = re.compile(r"\{\\super (\d{1,3}|n)\}|\\super (\d{1,3}|n)\\nosupersub\b ?")
_SUPERSCRIPTS = str.maketrans("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ")


def read_rtf(file: str, data: bytes) -> ReadResult:
    """Paragraphs and rows of tables. Raises: UnsupportedFileError, CorruptFileError."""
    from striprtf.striprtf import rtf_to_text

    if not data.lstrip().startswith(_MAGIC):
        raise UnsupportedFileError(f"{file} is no RTF document. Check the file and upload it again.")
    page = _CODE_PAGE.search(data[:4096])
    encoding = f"cp{page[1].decode()}" if page else "cp1252"
    source = _RAISED.sub(_superscript, data.decode("latin-1"))
    try:
        text = rtf_to_text(source, encoding=encoding, errors="replace")
    except MemoryError:
        raise
    # Broad on purpose: a damaged file surfaces as whatever the library's code trips over.
    except Exception as exc:
        raise CorruptFileError(
            f"{file} is damaged and can't be read as an RTF document. Save it again and upload that."
        ) from exc
    blocks = [Block(BlockKind.PARAGRAPH, part.strip("\n")) for part in text.split("\n\n")]
    num_pictures = len(_PICTURE.findall(data))
    pictures = "1 picture" if num_pictures == 1 else f"{num_pictures:,} pictures"
    return ReadResult((page_of(None, blocks),), (f"{pictures} not read",) if num_pictures else ())


def _superscript(found: re.Match[str]) -> str:
    """As RTF writes characters beyond its alphabet."""
    digits = (found[1] or found[2]).translate(_SUPERSCRIPTS)
    return "".join(f"\\u{ord(char)}?" for char in digits)

"""What the numbered parts of a document are called, by the name of its file."""

from __future__ import annotations

from pathlib import PurePath

from core.runtime.words import counted

_SUFFIXES = {
    "page": ("pdf", "png", "jpg", "jpeg", "tif", "tiff", "gif", "bmp", "webp"),
    "slide": ("pptx", "pptm", "odp"),
    "sheet": ("xlsx", "xlsm", "xls", "xlsb", "ods"),
    "chapter": ("epub",),
}
_NAMES = {suffix: name for name, suffixes in _SUFFIXES.items() for suffix in suffixes}


def part_name(file: str) -> str:
    """What one of them is: "page", "slide", "sheet", "chapter"; of logs, code, mail and others "part"."""
    return _NAMES.get(PurePath(file).suffix.removeprefix(".").lower(), "part")


def parts_counted(file: str, num_parts: int | None) -> str:
    """How many of them: "12 pages", "1 sheet"; "" where the document has none."""
    return "" if num_parts is None else counted(num_parts, part_name(file))

"""What the numbered parts of a document are called, by the name of its file."""

from __future__ import annotations

from core.documents.formats import FORMAT_OF, suffix_of
from core.runtime.words import counted


def part_name(file: str) -> str:
    """What one of them is: "page", "slide", "sheet", "chapter"; of logs, code, mail and others "part"."""
    found = FORMAT_OF.get(suffix_of(file))
    return found.part if found else "part"


def parts_counted(file: str, num_parts: int | None) -> str:
    """How many of them: "12 pages", "1 sheet"; "" where the document has none."""
    return "" if num_parts is None else counted(num_parts, part_name(file))

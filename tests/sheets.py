"""Sheets in short: rows apart by "/", cells by ","."""

from __future__ import annotations

from core.documents.readers.tables import ACROSS, Hints, sheet_blocks, table_blocks


def sheet_rows(text: str) -> list[list[str]]:
    """Rows of a sheet, their cells apart by commas; "~" stands where a merged cell reaches."""
    return [[ACROSS if cell == "~" else cell for cell in line.split(",")] for line in text.split("/")]


def sheet_text(text: str, hints: Hints | None = None) -> str:
    """What is read of a sheet, its tables apart by " // "."""
    blocks = sheet_blocks(sheet_rows(text), hints=hints)
    return " // ".join("\n".join(filter(None, [block.header, block.text])) for block in blocks)


def table_lines(text: str) -> list[str]:
    """The lines that one table of such rows becomes."""
    return [line for block in table_blocks(sheet_rows(text)) for line in block.text.split("\n")]

"""Pages of a PDF on which single texts stand at places of their own."""

from __future__ import annotations

from collections.abc import Sequence

from core.documents.readers.reader import read_document
from tests.documents import build_drawn_pdf

Drawn = Sequence[tuple[float, float, str]]
TABLE = [["Town", "Sales", "Costs"], ["Alby", "10", "4"], ["Borg", "20", "9"]]


def read_drawn(texts: Drawn) -> str:
    """The text of a page on which these stand."""
    return read_document("a.pdf", build_drawn_pdf(texts)).pages[0].text


def by_column(table: Sequence[Sequence[str]]) -> Drawn:
    """A table drawn one column after another, empty cells not at all."""
    places = [(column, row) for column in range(len(table[0])) for row in range(len(table))]
    return [
        (72 + 120 * column, 700 - 20 * row, table[row][column])
        for column, row in places
        if table[row][column]
    ]


def by_row(table: Sequence[Sequence[str]]) -> Drawn:
    """The same drawn one row after another."""
    return sorted(by_column(table), key=lambda place: (-place[1], place[0]))

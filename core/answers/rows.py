"""Rows of tables in an answer: with the names of their columns where those are certain, else below them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.documents.sentences import Statement, cells_of, is_named_row

# What stands above a table's values may be in several rows.
MOST_ABOVE = 2
MAX_TITLE_CHARS = 120
BETWEEN_CELLS = " · "
_DIGIT, _YEAR = re.compile(r"\d"), re.compile(r"\b(?:19|20)\d\d\b")


def row_text(index: int, told: Sequence[Statement], *, is_markdown: bool) -> str:
    """The statement `index` of `told`, a row of a table as names and values; others as they are.

    Markdown says which row names the columns. Of other tables a reader has named those that are certain, and
    what is left has no names: a wrong name is worse than none.
    """
    line = told[index].text
    cells = cells_of(line)
    if "|" not in line or len(cells) < 2 or _is_rule(cells):
        return line
    start = _start_of(index, told)
    is_named = is_markdown or (start + 1 < len(told) and _is_rule(cells_of(told[start + 1].text)))
    if is_named and start != index and len(cells) > 2:
        names = cells_of(told[start].text)
        named = [f"{name}: {cell}" for name, cell in zip(names[1:], cells[1:], strict=True) if cell]
        return f"{cells[0]} – {', '.join(named)}"
    filled = [cell for cell in cells if cell]
    is_header = start == index and start + 1 < len(told) and len(cells_of(told[start + 1].text)) == len(cells)
    if len(filled) == 2 and not (is_named and is_header) and (is_named or _is_pair(*filled)):
        return f"{filled[0].rstrip(':').rstrip()}: {filled[1]}"
    return BETWEEN_CELLS.join(filled)


def rows_above(index: int, told: Sequence[Statement], *, is_markdown: bool) -> list[int]:
    """The rows that may say what the cells of row `index` are: the nearest above it without values.

    Of a row whose cells have their names with them, the title of its table. None for a pair of a name and its
    value, and where there are none.
    """
    if is_named_row(told[index].text):
        return _title_above(index, told)
    cells = cells_of(told[index].text)
    if is_markdown or sum(map(bool, cells)) < 3 or not _has_values(cells):
        return []
    found: list[int] = []
    for at in range(index - 1, -1, -1):
        above = cells_of(told[at].text)
        if not above or _is_rule(above) or len(found) == MOST_ABOVE:
            break
        if sum(map(bool, above)) > 1 and not _has_values(above):
            found.insert(0, at)
        elif found:
            break
    return found


def _title_above(index: int, told: Sequence[Statement]) -> list[int]:
    """The line of several cells, such as "In millions of CHF; January–June 2023", that says what all are."""
    while index and is_named_row(told[index].text):
        index -= 1
    title = told[index].text
    return [index] if "; " in title and ": " not in title and len(title) <= MAX_TITLE_CHARS else []


def row_below(index: int, told: Sequence[Statement]) -> int | None:
    """The row of values below one that may be their names; None where there is none."""
    cells = cells_of(told[index].text)
    if index + 1 == len(told) or sum(map(bool, cells)) < 2 or _has_values(cells):
        return None
    below = cells_of(told[index + 1].text)
    return index + 1 if len(below) == len(cells) and _has_values(below) else None


def _start_of(index: int, told: Sequence[Statement]) -> int:
    """The first row of as many cells that follow each other up to `index`."""
    num_cells = len(cells_of(told[index].text))
    while index and len(cells_of(told[index - 1].text)) == num_cells:
        index -= 1
    return index


def _is_rule(cells: Sequence[str]) -> bool:
    """Whether it is the line below the names of a table in Markdown."""
    return bool(cells) and not "".join(cells).strip("-: ")


def _has_values(cells: Sequence[str]) -> bool:
    """Whether a row has numbers, other than years, which name columns too."""
    return any(_DIGIT.search(_YEAR.sub("", cell)) for cell in cells)


def _is_pair(first: str, second: str) -> bool:
    """Whether it is a name and its value, and not two names or two values."""
    if ": " in f"{first}{second}":
        return False  # each is a name and its value already
    return first.endswith(":") or (not first[0].isdigit() and bool(_DIGIT.search(second)))

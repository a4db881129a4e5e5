"""Whether the rows at a table's top name its columns. Where that is not certain they don't."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.documents.readers.cells import Kind, is_nothing, is_year, kind_of, series_step, shape_of
from core.documents.readers.header_words import is_column_name, is_identifier

# Stands in a cell that a merged one to its left covers.
ACROSS = "\ufdd0"

# Rows that are looked at to tell what a column holds, and columns that are told.
SAMPLE_ROWS = 200
SAMPLE_COLUMNS = 300
MAX_HEADER_ROWS = 3
# How many rows of values show that two rows above them name columns, where no merged cell does.
MIN_ROWS_BELOW = 3
MAX_NAME_CHARS = 120
# A question as the name of its answers may be longer, but is longer than all of them.
MAX_QUESTION_CHARS = 300
# How many rows a column has at least, for a first cell that never comes again to be a name where all others
# come again.
MANY_ROWS = 6

# So many single columns that two rows call differently show that the upper one names none.
MANY_TWICE = 2

_NUMBERED = re.compile(r"(\d{1,3})[.)]? +[^\W\d]")
_SAYS_WHEN = re.compile(r"year|date|founded|since|until|jahr|datum|année|año", re.IGNORECASE)

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class Header:
    """What names the columns of a table.

    Attributes:
        names: One for each column, "" where it has none.
        num_rows: How many rows they were taken from.
    """

    names: list[str]
    num_rows: int


def header_of(rows: Sequence[Row], num_known: int = 0, *, is_likely: bool = False) -> Header | None:
    """The names of a table's columns, where it is certain that its first rows are those; else None.

    Args:
        rows: The table's beginning.
        num_known: How many rows the file itself says to be the header.
        is_likely: The first row looks like one, such as by bold letters.
    """
    if not rows or num_filled(rows[0]) < 2:
        return None
    for num_rows in _possible_heights(rows, num_known):
        body = rows[num_rows : num_rows + SAMPLE_ROWS]
        names = _distinct(_without_ranks(_joined(rows[:num_rows]), rows[num_rows - 1], body))
        if num_known or _is_certain(names, body, is_likely):
            return Header(names, num_rows)
    return None


def num_filled(row: Row) -> int:
    """How many cells hold something."""
    return sum(1 for cell in row if cell and cell != ACROSS)


def is_note_above(upper: Row, lower: Row) -> bool:
    """Whether a row with merged cells says something above the names of a table, and names nothing below it.

    It does where it calls several single columns something else than the row below, and that names all of
    its columns differently: of a name that comes again, the upper row says which one it is.
    """
    names = [name for name in lower if not _is_open(name)]
    if len(set(names)) < len(names):
        return False
    twice_named = [
        at
        for at, (above, name) in enumerate(zip(upper, lower, strict=False))
        if not _is_open(above)
        and not _is_open(name)
        and above != name
        and ACROSS not in upper[at + 1 : at + 2]
    ]
    return ACROSS in upper and len(twice_named) >= MANY_TWICE


def _possible_heights(rows: Sequence[Row], num_known: int) -> list[int]:
    height = 1
    while height < min(MAX_HEADER_ROWS, len(rows) - 1) and _goes_on(rows, height):
        height += 1
    if num_known:
        return [max(num_known, height)]
    return [height, 1] if height > 1 else [1]


def _goes_on(rows: Sequence[Row], height: int) -> bool:
    """Whether the row at `height` parts the columns that the one above it brings together, or has units."""
    above, row, below = rows[height - 1], rows[height], rows[height + 1 :]
    filled = [cell for cell in row if cell and cell != ACROSS]
    if filled and all(cell[0] in "[(" and cell[-1] in "])" for cell in filled):
        return True
    width = max(len(above), len(row))
    upper = [*above, *[""] * (width - len(above))]
    lower = [*row, *[""] * (width - len(row))]
    if not _parts_a_group(upper[:SAMPLE_COLUMNS], lower):
        return False
    # A column of both rows, or one that only the upper row names: its cell below is empty.
    has_both = any(up == low and up for up, low in zip(upper, lower, strict=True))
    is_empty_first = not lower[0] or lower[0] == upper[0]
    is_told = has_both or is_empty_first or ACROSS in above or _come_again_in_groups(upper, lower, below)
    return is_told and not _are_alike(row, below) and not is_note_above(upper, lower)


def _parts_a_group(upper: Row, lower: Row) -> bool:
    """Whether the lower row has several cells below one of the upper row's, the first one at its begin."""
    num = 0
    for at, (above, cell) in enumerate(zip(upper, lower, strict=False)):
        is_filled = not _is_open(cell)
        if not _is_open(above):
            num = int(is_filled)
        elif num and is_filled and (above == ACROSS or not _is_open(upper[at - 1])):
            # Without merged cells only the next column is certainly below the same cell.
            return True
    return False


def _come_again_in_groups(upper: Row, lower: Row, below: Sequence[Row]) -> bool:
    """Whether words of the lower row stand above numbers more than once, each time below another group.

    A file without merged cells says so only by that: "Voters,,Turnout," above "Male,Female,Male,Female".
    """
    if (
        not all(kind_of(cell) is Kind.TEXT for cell in lower if cell)
        or len(_column(below, 0)) < MIN_ROWS_BELOW
    ):
        return False
    groups: dict[str, list[str]] = {}
    group = ""
    for at, (above, name) in enumerate(zip(upper[:SAMPLE_COLUMNS], lower, strict=False)):
        group = group if _is_open(above) else above
        column = _column(below[:SAMPLE_ROWS], at)
        if name and column and all(kind_of(cell) in {Kind.NUMBER, Kind.EMPTY} for cell in column):
            groups.setdefault(name, []).append(group)
    doubles = [found for found in groups.values() if len(found) > 1]
    return len(doubles) > 1 and all("" not in found and len(set(found)) == len(found) for found in doubles)


def _is_open(cell: str) -> bool:
    return cell in {"", ACROSS}


def _are_alike(row: Row, below: Sequence[Row]) -> bool:
    """Whether a row holds the same kinds of values as those below it, and so is one of them."""
    kinds = [kind_of(cell) for cell in row[:SAMPLE_COLUMNS]]
    if not below:
        return True
    years = [at for at, cell in enumerate(row[:SAMPLE_COLUMNS]) if is_year(cell)]
    if (
        len(years) > 1
        and len(years) == kinds.count(Kind.NUMBER) + kinds.count(Kind.DATE)
        and not any(map(is_year, _column(below[:SAMPLE_ROWS], years[0])))
    ):
        # Years above what are none: "2024" and "2025" below "Sales".
        return False
    likes = []
    for at, kind in enumerate(kinds):
        if kind is Kind.EMPTY or row[at] == ACROSS:
            continue
        others = [kind_of(other[at]) for other in below[:SAMPLE_ROWS] if at < len(other) and other[at]]
        if others:
            likes.append(others.count(kind) * 2 > len(others))
    has_numbers = any(kind in {Kind.NUMBER, Kind.DATE} for kind in kinds)
    return bool(likes) and all(likes) and has_numbers


def _joined(rows: Sequence[Row]) -> list[str]:
    """One name for each column: "2025" above "Q1" is "2025 Q1"."""
    width = max(map(len, rows))
    names = [""] * width
    for number, row in enumerate(rows):
        last = ""
        is_last = number == len(rows) - 1
        for at in range(width):
            cell = row[at] if at < len(row) else ""
            lower_cell = any(at < len(low) and low[at] not in {"", ACROSS} for low in rows[number + 1 :])
            if cell == ACROSS or (not cell and lower_cell and not is_last and at):
                cell = last if (not is_last or cell == ACROSS) else ""
            last = cell or last
            if cell and cell != names[at] and not names[at].endswith(f" {cell}"):
                names[at] = f"{names[at]} {cell}" if names[at] else cell
    return names


def _without_ranks(names: list[str], last: Row, body: Sequence[Row]) -> list[str]:
    """The names where one that spans running numbers and words names only the words."""
    found = list(names)
    for at in range(min(len(last) - 1, SAMPLE_COLUMNS)):
        if (
            not names[at]
            or names[at] != names[at + 1]
            or last[at + 1] != ACROSS
            or ACROSS in last[at + 2 : at + 3]
        ):
            continue
        words = _column(body, at + 1)
        are_words = sum(kind_of(cell) is Kind.TEXT for cell in words) * 10 > len(words) * 8
        if are_words and series_step(_column(body, at)) == 1 and len(set(filter(None, names))) > 1:
            found[at] = ""
    return found


def _distinct(names: list[str]) -> list[str]:
    """Names with a number where one comes again: "Score", "Score (2)"."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return found


def _is_certain(names: list[str], body: Sequence[Row], is_likely: bool) -> bool:
    filled = [name for name in names if name]
    if len(filled) < 2 or not body:
        return False
    # The most usual width: a cell far to the right of one row makes no table wider.
    width = Counter(_extent(row) for row in body).most_common(1)[0][0]
    if len(filled) * 2 <= min(width, len(names)):
        return False
    if any(is_nothing(name) or len(name) > MAX_QUESTION_CHARS for name in filled):
        return False
    sample = names[:SAMPLE_COLUMNS]
    columns = [_column(body, at) for at in range(len(sample))]
    has_long = any(len(name) > MAX_NAME_CHARS for name in filled)
    if has_long and not _are_questions(names, columns):
        return False
    kinds = [kind_of(name) for name in sample]
    # A lone letter can be a name, although it can also be a flag.
    is_value = [
        kind in {Kind.NUMBER, Kind.DATE} or (kind is Kind.FLAG and len(name) > 1)
        for kind, name in zip(kinds, sample, strict=True)
    ]
    has_evidence = is_likely
    if any(is_value):
        found = _series_evidence(sample, columns, is_value)
        if found is None:
            return False
        has_evidence = has_evidence or found > 0
    if _is_list_of_pairs(sample, columns, width) or _is_counted_on(names[0], columns[0]):
        return False
    has_evidence = has_evidence or any(
        _tells_apart(name, kind, column)
        for name, kind, column, value in zip(sample, kinds, columns, is_value, strict=True)
        if name and not value
    )
    has_double = any(name.endswith(" (2)") for name in names)
    return has_evidence or (not has_double and not has_long and _reads_as_names(sample, columns, width))


def _are_questions(names: list[str], columns: list[list[str]]) -> bool:
    """Whether the long names are as a form's questions: few, no comments, and none as long below them."""
    long = [at for at, name in enumerate(names) if len(name) > MAX_NAME_CHARS]
    return (
        len(long) * 2 <= len(names)
        and max(long) < len(columns)
        and not any("[comment" in names[at] for at in long)
        and all(len(cell) <= MAX_NAME_CHARS for at in long for cell in columns[at])
    )


def _extent(row: Row) -> int:
    return max((at for at, cell in enumerate(row, 1) if cell), default=0)


def _column(body: Sequence[Row], at: int) -> list[str]:
    return [row[at] for row in body if at < len(row) and row[at] and row[at] != ACROSS]


def _tells_apart(name: str, kind: Kind, column: list[str]) -> bool:
    """Whether a column holds only what its name is not: numbers, dates, codes of one pattern."""
    kinds = Counter(kind_of(cell) for cell in column)
    del kinds[Kind.EMPTY]
    num = kinds.total()
    if not num:
        return False
    common, count = kinds.most_common(1)[0]
    numeric = kinds[Kind.NUMBER] + kinds[Kind.DATE]
    if count >= 0.9 * num and common in {Kind.NUMBER, Kind.DATE, Kind.FLAG}:
        return True
    if numeric >= 0.95 * num and num >= 3:
        return True
    if kind is Kind.TEXT and common is Kind.CODE and count == num >= 2:
        return len({shape_of(cell) for cell in column}) == 1
    return _never_comes_again(name, column)


def _never_comes_again(name: str, column: list[str]) -> bool:
    """Whether the column has few values that come again and again, and the name is none of them."""
    if len(column) < MANY_ROWS:
        return False
    counts = Counter(column)
    return name not in counts and min(counts.values()) > 1 and len(counts) * 3 <= len(column)


def _series_evidence(names: list[str], columns: list[list[str]], is_value: list[bool]) -> int | None:
    """What numbers and dates among the names say: 1 for a header, None where it can be none, 0 neither.

    They can be names in equal steps (1, 2, 3; 2024, 2025; Jan 2026, Feb 2026) behind a first one in words.
    """
    places = [at for at, value in enumerate(is_value) if value]
    cells = [names[at] for at in places]
    if is_value[0] or any(kind_of(cell) is Kind.FLAG for cell in cells):
        return None
    step = series_step(cells)
    are_years = all(map(is_year, cells))
    if step is None and not are_years:
        return None
    below = [columns[at] for at in places]
    values = [cell for column in below for cell in column]
    if are_years and all(map(is_year, values)):
        return None
    if are_years:
        # "Region; 2025" names; "Founded; 1998" says when.
        is_told = (
            len(cells) > 1 or not names[0] or (is_column_name(names[0]) and not _SAYS_WHEN.search(names[0]))
        )
        return int(is_told)
    if any(kind_of(cell) is Kind.TEXT for cell in values) and len(cells) < 3:
        return 0
    # Rows that go up in the same steps are more of the same, where the first one has no name for them.
    num_alike = sum(
        series_step([column[at] for column in below]) == step for at in range(min(map(len, below), default=0))
    )
    most = max(map(len, below), default=0)
    is_named = not names[0] or is_column_name(names[0])
    return None if not is_named and num_alike * 2 > most > 0 else int(len(values) > 0)


def _is_counted_on(name: str, column: list[str]) -> bool:
    """Whether the first name is numbered and the cell below has the next number: "4. Wages", "5. Rents"."""
    first = _NUMBERED.match(name)
    following = _NUMBERED.match(column[0]) if first and column else None
    return bool(first and following and int(following[1]) == int(first[1]) + 1)


def _is_list_of_pairs(names: list[str], columns: list[list[str]], width: int) -> bool:
    """Whether two columns are names and their values: "Tenant" beside "Maria", "Rent" beside "940 EUR"."""
    if width != 2 or len(names) != 2:
        return False
    first = columns[0]
    if names[0].endswith(":") and all(cell.endswith(":") for cell in first):
        return True
    named = sum(is_column_name(cell) for cell in first)
    are_names = is_column_name(names[0]) and is_column_name(names[1])
    return not are_names and named * 2 >= len(first) > 0


def _reads_as_names(names: list[str], columns: list[list[str]], width: int) -> bool:
    filled = [name for name in names if name]
    if len(filled) < min(width, 2):
        return False
    if all(map(is_identifier, filled)) or (
        len(filled) > 2
        and sum(map(is_identifier, filled)) * 2 > len(filled)
        and all(map(str.islower, filled))
    ):
        return True
    named = sum(map(is_column_name, filled))
    cells = [cell for column in columns for cell in column[:20]]
    named_below = sum(map(is_column_name, cells))
    is_enough = named == len(filled) if len(filled) == 2 else named * 2 >= len(filled)
    return is_enough and named_below * 3 <= len(cells) and named * len(cells) > 2 * named_below * len(filled)

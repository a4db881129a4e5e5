"""What a cell's text is: a number, a date, a code, or words."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from itertools import pairwise


class Kind(StrEnum):
    """What the text of a cell is: EMPTY for "n/a" too, FLAG for yes or no, CODE for such as "INV-0042"."""

    EMPTY = "empty"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"
    CODE = "code"
    TEXT = "text"


_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|fév|avr|aoû|déc|ene|abr)[a-zäé]*\.?"
)
_UNIT = (
    r"(?:%|‰|°C|°F|[€$£¥]|[A-Za-zµ]{1,3}[²³]?|/[a-z]{1,5}|million|billion|mio\.?|hours?|days?|months?|years?"
    r"|weeks?)"
)
_NUMBER = re.compile(
    r"[(+\-−±~<>≈]?\s?(?:[€$£¥]|[A-Z]{3}\s)?\s?[+\-−]?\d[\d.,'\u2019\s]*(?:[eE][+-]?\d+)?(?:\s\d+/\d+)?\s?%?\)?"
    rf"(?:\s?{_UNIT}(?:\s?/\s?[a-z²³]+)?)?\)?"
)
_DATE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})|\d{1,2}\.\d{1,2}\."
    rf"|\d{{1,2}}\.?[ -]{_MONTH}(?:[ -]\d{{2,4}})?|{_MONTH}[ -]\d{{1,2}}(?:,? \d{{4}})?"
    rf"|{_MONTH}[ -]'?\d{{2,4}})"
    r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,3}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?",
    re.IGNORECASE,
)
_FLAGS = frozenset(
    ["true", "false", "yes", "no", "y", "n", "ja", "nein", "wahr", "falsch", "oui", "non", "x", "✓", "✔", "✗"]
)
_NOTHING = frozenset(
    ["-", "–", "—", "n/a", "na", "n.a.", "none", "null", "nan", "#n/a", "unknown", "?", "/", ".", "...", "…"]
)
_HAS_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MARK = re.compile(r" \[comment[^\]]*\]$")
_MAX_CHARS = 40
# How a formula ends that has no value.
NOT_CALCULATED = "(not calculated)"


def kind_of(cell: str) -> Kind:
    """What a cell's text, without white space around it, is."""
    if "[comment" in cell:
        cell = _MARK.sub("", cell)
    low = cell.lower()
    if not cell or low in _NOTHING or cell.endswith(NOT_CALCULATED):
        return Kind.EMPTY
    if len(cell) > _MAX_CHARS:
        return Kind.TEXT
    if low in _FLAGS:
        return Kind.FLAG
    if not _HAS_DIGIT.search(cell):
        return Kind.TEXT
    if _DATE.fullmatch(cell):
        return Kind.DATE
    if _NUMBER.fullmatch(cell):
        return Kind.NUMBER
    return Kind.TEXT if " " in cell else Kind.CODE


def is_nothing(cell: str) -> bool:
    """Whether it says that there is no value, as "n/a" does; no column is called so."""
    return cell.lower() in _NOTHING


def shape_of(cell: str) -> str:
    """A code's pattern: "INV-0042" and "INV-0107" have one."""
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", cell))


def is_year(cell: str) -> bool:
    """Whether it is a year from 1900 to 2099, written in four digits and nothing else."""
    return bool(_YEAR.fullmatch(cell))


def series_step(cells: list[str]) -> float | None:
    """The step from each to the next where these are numbers or dates in equal steps upwards, else None.

    Months count as equal, however many days they have.
    """
    values = [_position(cell) for cell in cells]
    numbers = [value for value in values if value is not None]
    if len(numbers) != len(cells) or len(numbers) < 2:
        return None
    steps = [after - before for before, after in pairwise(numbers)]
    if min(steps) <= 0 or max(steps) - min(steps) > max(1e-9, 0.15 * max(steps)):
        return None
    return steps[0]


_OTHER_MONTHS = {
    "mär": 3,
    "mai": 5,
    "okt": 10,
    "dez": 12,
    "fév": 2,
    "avr": 4,
    "aoû": 8,
    "déc": 12,
    "ene": 1,
    "abr": 4,
}
_MONTHS = _OTHER_MONTHS | {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}


def _position(cell: str) -> float | None:
    """A number's value; a date's place on a line of days, a time's on one of minutes."""
    if re.fullmatch(r"-?\d+(?:\.\d+)?%?", cell):
        return float(cell.rstrip("%"))
    if found := re.fullmatch(r"(\d{1,2}):(\d{2})", cell):
        return int(found[1]) * 60.0 + int(found[2])
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?", cell):
        year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    elif found := re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", cell):
        year, month, day = int(found[3]), int(found[2]), int(found[1])
        if month > 12:
            month, day = day, month
    elif found := re.fullmatch(r"(?:(\d{1,2})[ .-]+)?([^\W\d_]{3})[^\W\d_]*\.?[ -]'?(\d{2,4})", cell):
        year, month, day = int(found[3]), _MONTHS.get(found[2].lower(), 0), int(found[1] or 1)
        year += 2000 if year < 100 else 0
    else:
        return None
    try:
        return float(date(year, month, day).toordinal())
    except ValueError:
        return None

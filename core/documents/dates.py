"""Dates in words, and how tables write the same dates in digits."""

from __future__ import annotations

import re
from itertools import product

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>\d{4})"
# May 26, 2015; 26th of May 2015; 2015 May 26.
_DATES = [
    re.compile(rf"\b{order}\b", re.IGNORECASE)
    for order in (
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",
        rf"{_YEAR}\s+{_MONTH}\s+{_DAY}",
    )
]
_MOST_DAYS, _NUM_MONTHS = 31, 12


def dates_in_digits(text: str) -> list[frozenset[str]]:
    """For each English date with month, day and year in a text the ways that tables write it."""
    found = [match for date in _DATES for match in date.finditer(text)]
    return [
        _written(int(match["year"]), _MONTHS.index(match["month"][:3].casefold()) + 1, int(match["day"]))
        for match in found
        if 1 <= int(match["day"]) <= _MOST_DAYS
    ]


def _written(year: int, month: int, day: int) -> frozenset[str]:
    """2015-5-26, 2015/05/26, 26.05.2015, 5/26/2015 and the like."""
    forms: set[str] = set()
    for m, d in product({f"{month}", f"{month:02}"}, {f"{day}", f"{day:02}"}):
        forms |= {
            f"{year}-{m}-{d}",
            f"{year}/{m}/{d}",
            f"{year}.{m}.{d}",
            f"{d}.{m}.{year}",
            f"{m}/{d}/{year}",
        }
        # Below, it would be another date where the month comes first.
        if day > _NUM_MONTHS:
            forms |= {f"{d}/{m}/{year}", f"{d}-{m}-{year}"}
    return frozenset(forms)

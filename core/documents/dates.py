"""Dates in words and in digits, and the ways in which tables write the same dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain, product

# From January on, in English, German, French, Spanish, Italian, Portuguese and Dutch; in each of them a month
# may be shortened.
_MONTHS = (
    ("january", "jan", "januar", "janvier", "janv", "enero", "gennaio", "janeiro", "januari"),
    ("february", "feb", "februar", "février", "févr", "febrero", "febbraio", "fevereiro", "februari"),
    ("march", "mar", "märz", "mrz", "mars", "marzo", "março", "maart"),
    ("april", "apr", "avril", "abril", "aprile"),
    ("may", "mai", "mayo", "maggio", "maio", "mei"),
    ("june", "jun", "juni", "juin", "junio", "giugno", "junho"),
    ("july", "jul", "juli", "juillet", "julio", "luglio", "julho"),
    ("august", "aug", "août", "agosto", "augustus"),
    ("september", "sep", "sept", "septembre", "septiembre", "settembre", "setembro"),
    ("october", "oct", "oktober", "okt", "octobre", "octubre", "ottobre", "outubro"),
    ("november", "nov", "novembre", "noviembre", "novembro"),
    ("december", "dec", "dezember", "dez", "décembre", "déc", "diciembre", "dicembre", "dezembro"),
)
_NUMBERS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}
# For a pattern: longer ones first, since "mar" begins "march".
MONTHS_PATTERN = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_MONTH = rf"(?P<month>{MONTHS_PATTERN})\.?"
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.)?", r"(?P<year>\d{4})"
_OF = r"(?:(?:of|de|del|di)\s+)?"
# May 26, 2015; 26th of May 2015, 26. Mai 2015, 26 de mayo de 2015; 2015 May 26.
_IN_WORDS = [
    re.compile(rf"\b{order}\b", re.IGNORECASE)
    for order in (
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_DAY}\s+{_OF}{_MONTH},?\s+{_OF}{_YEAR}",
        rf"{_YEAR}\s+{_MONTH}\s+{_DAY}",
    )
]
# 2015-05-26; 26.5.2015; 5/26/2015, in which either may be the month.
_YEAR_FIRST = re.compile(r"(?<![\w./-])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\w/-]|\.\w)")
_YEAR_LAST = re.compile(r"(?<![\w./-])(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?![\w/-]|\.\w)")
_NUM_MONTHS = 12


def dates_in_digits(text: str) -> list[frozenset[str]]:
    """For each date with month, day and year in a text the ways that tables write it."""
    found = chain(_dates_in_words(text), _dates_in_digits(text))
    return [frozenset(forms) for forms in found if forms]


def months_in_words() -> frozenset[str]:
    """What the months are called, whole and shortened."""
    return frozenset(_NUMBERS)


def _dates_in_words(text: str) -> Iterator[set[str]]:
    for pattern in _IN_WORDS:
        for match in pattern.finditer(text):
            month = _NUMBERS[match["month"].casefold()]
            yield _written(int(match["year"]), month, int(match["day"]))


def _dates_in_digits(text: str) -> Iterator[set[str]]:
    for match in _YEAR_FIRST.finditer(text):
        if forms := _written(int(match[1]), int(match[3]), int(match[4])):
            yield forms | {match[0]}
    for match in _YEAR_LAST.finditer(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        day_first, month_first = _written(year, second, first), _written(year, first, second)
        if match[2] == ".":
            yield day_first
        elif day_first and month_first and first != second:
            # Either is meant; the same digits the other way round are another date.
            both = {form for form in day_first | month_first if "/" not in form or form.startswith(f"{year}")}
            yield both | _same_order(match[2], first, second, year)
        elif forms := day_first or month_first:
            yield forms | {match[0]}


def _written(year: int, month: int, day: int) -> set[str]:
    """2015-5-26, 2015/05/26, 26.05.2015, 5/26/2015 and the like; nothing where there is no such day."""
    try:
        date(year, month, day)
    except ValueError:
        return set()
    forms: set[str] = set()
    for m, d in product({f"{month}", f"{month:02}"}, {f"{day}", f"{day:02}"}):
        forms |= {f"{year}-{m}-{d}", f"{year}/{m}/{d}", f"{year}.{m}.{d}", f"{d}.{m}.{year}"}
    forms |= _same_order("/", month, day, year)
    # Below, it would be another date where the month comes first.
    if day > _NUM_MONTHS:
        forms |= _same_order("/", day, month, year) | _same_order("-", day, month, year)
    return forms


def _same_order(sign: str, first: int, second: int, year: int) -> set[str]:
    pairs = product({f"{first}", f"{first:02}"}, {f"{second}", f"{second:02}"})
    return {f"{one}{sign}{two}{sign}{year}" for one, two in pairs}

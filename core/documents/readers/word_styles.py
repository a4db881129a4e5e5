"""What Word's styles and list definitions say of a paragraph: headings, hidden text, numbers of lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from core.documents.readers.ooxml import is_on

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = f"{WORD}val"

_HEADING = re.compile(r"heading ([1-9])")
_PLACE = re.compile(r"%([1-9])")
MAX_STYLES_DEEP = 12
MAX_LEVELS = 9
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


def value_of(parent: Any, name: str) -> str | None:
    """The value of a setting below `parent`; None where it is not set."""
    found = None if parent is None else parent.find(f"{WORD}{name}")
    return None if found is None else found.get(VAL, "")


def outline_level(settings: Any) -> int:
    """The level as a heading that a paragraph's settings give it, from 1; 0 where they give none."""
    level = value_of(settings, "outlineLvl")
    return int(level) + 1 if level and level.isdecimal() and int(level) < MAX_LEVELS else 0


@dataclass(frozen=True, slots=True)
class _Style:
    """A style of paragraphs, runs or tables; what it does not say is as in the one that it is based on.

    Attributes:
        paragraph: Its element of paragraph properties, `w:pPr`; None without one.
        run: Its element of run properties, `w:rPr`; None without one.
        marks_first_row: A table of this style shows its first row in another way.
    """

    name: str
    based_on: str | None
    paragraph: Any
    run: Any
    marks_first_row: bool


class Styles:
    """The styles of a document, by their ids."""

    def __init__(self, root: Any) -> None:
        self._styles: dict[str, _Style] = {}
        for style in () if root is None else root.iterchildren(f"{WORD}style"):
            parts = style.iterchildren(f"{WORD}tblStylePr")
            self._styles[style.get(f"{WORD}styleId", "")] = _Style(
                name=(value_of(style, "name") or "").lower(),
                based_on=value_of(style, "basedOn"),
                paragraph=style.find(f"{WORD}pPr"),
                run=style.find(f"{WORD}rPr"),
                marks_first_row=any(part.get(f"{WORD}type") == "firstRow" for part in parts),
            )

    def _chain(self, style_id: str | None) -> Iterator[_Style]:
        for _ in range(MAX_STYLES_DEEP):
            style = self._styles.get(style_id or "")
            if style is None:
                return
            yield style
            style_id = style.based_on

    def name_of(self, style_id: str | None) -> str:
        """The name of a style; "" for None and for an id that no style has."""
        style = self._styles.get(style_id or "")
        return "" if style is None else style.name

    @cache  # noqa: B019 - as long as a document is read
    def heading_level(self, style_id: str | None) -> int:
        """The level of a style's paragraphs as headings, from 1; 0 where they are none."""
        for style in self._chain(style_id):
            if found := _HEADING.fullmatch(style.name):
                return int(found[1])
            if style.name == "title":
                return 1
            if level := outline_level(style.paragraph):
                return level
        return 0

    def is_hidden(self, run: Any, style_id: str | None) -> bool:
        """Whether text is hidden, by its own settings or by its style's."""
        own = None if run is None else run.find(f"{WORD}vanish")
        if own is not None:
            return is_on(own, VAL)
        for style in self._chain(style_id):
            found = None if style.run is None else style.run.find(f"{WORD}vanish")
            if found is not None:
                return is_on(found, VAL)
        return False

    @cache  # noqa: B019 - as long as a document is read
    def raised_by(self, style_id: str | None) -> str | None:
        """How a style raises or lowers text: "superscript", "subscript"; None where it does not."""
        for style in self._chain(style_id):
            if place := value_of(style.run, "vertAlign"):
                return place
        return None

    @cached_property
    def any_hidden(self) -> bool:
        """Whether a style hides text at all."""
        return any(
            style.run is not None and style.run.find(f"{WORD}vanish") is not None
            for style in self._styles.values()
        )

    @cache  # noqa: B019 - as long as a document is read
    def list_of(self, style_id: str | None) -> tuple[str | None, str | None]:
        """Number and level of the list that a style puts its paragraphs into."""
        for style in self._chain(style_id):
            settings = None if style.paragraph is None else style.paragraph.find(f"{WORD}numPr")
            if settings is not None:
                return value_of(settings, "numId"), value_of(settings, "ilvl")
        return None, None

    def marks_first_row(self, style_id: str | None) -> bool:
        """Whether a table's style shows its first row in another way."""
        return any(style.marks_first_row for style in self._chain(style_id))


@dataclass(slots=True)
class _Level:
    """How a level of a list numbers its paragraphs.

    Attributes:
        text: With "%1" and so on where the numbers of levels stand.
        is_legal: Numbers of all levels are written in digits.
    """

    start: int = 1
    format: str = "decimal"
    text: str = ""
    is_legal: bool = False


class Numbering:
    """The lists of a document; counts as its paragraphs come."""

    def __init__(self, root: Any) -> None:
        self._definitions: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, tuple[str, dict[int, _Level]]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        if root is None:
            return
        for abstract in root.iterchildren(f"{WORD}abstractNum"):
            self._definitions[abstract.get(f"{WORD}abstractNumId", "")] = _levels(abstract)
        for number in root.iterchildren(f"{WORD}num"):
            own: dict[int, _Level] = {}
            abstract_id = value_of(number, "abstractNumId") or ""
            base = self._definitions.get(abstract_id, {})
            for override in number.iterchildren(f"{WORD}lvlOverride"):
                at = int(override.get(f"{WORD}ilvl", 0))
                own |= _levels(override)
                start = value_of(override, "startOverride")
                if start is not None:
                    level = own.get(at) or base.get(at) or _Level()
                    own[at] = _Level(int(start or 1), level.format, level.text, level.is_legal)
            self._lists[number.get(f"{WORD}numId", "")] = (abstract_id, own)

    def next_label(self, list_id: str, level: int) -> str:
        """What stands before the next paragraph of a list: "3.", "a)", "2.1"; "" for a bullet."""
        if list_id not in self._lists:
            return ""
        abstract_id, own = self._lists[list_id]
        levels = self._definitions.get(abstract_id, {}) | own
        # Lists of one definition count on, except where one says to start anew.
        counts = self._counts.setdefault(abstract_id, {})
        if level in own and (list_id, level) not in self._started:
            self._started.add((list_id, level))
            counts.pop(level, None)
        here = levels.get(level, _Level())
        counts[level] = counts.get(level, here.start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        if here.format in {"bullet", "none"}:
            return ""
        return _PLACE.sub(
            lambda found: self._count(int(found[1]) - 1, levels, counts, here), here.text
        ).strip()

    def _count(self, at: int, levels: dict[int, _Level], counts: dict[int, int], here: _Level) -> str:
        level = levels.get(at, _Level())
        return _written(counts.get(at, level.start), "decimal" if here.is_legal else level.format)


def _levels(parent: Any) -> dict[int, _Level]:
    return {
        int(level.get(f"{WORD}ilvl", 0)): _Level(
            start=int(value_of(level, "start") or 1),
            format=_format_of(level),
            text=value_of(level, "lvlText") or "",
            is_legal=is_on(level.find(f"{WORD}isLgl"), VAL),
        )
        for level in parent.iterchildren(f"{WORD}lvl")
    }


def _format_of(level: Any) -> str:
    found = level.find(f"{WORD}numFmt")
    if found is None:
        # Newer formats stand beside one for older programs.
        found = next(level.iter(f"{WORD}numFmt"), None)
    return "decimal" if found is None else str(found.get(VAL, "decimal"))


def _written(number: int, form: str) -> str:
    if form in {"lowerLetter", "upperLetter"}:
        letters = letters_of(number)
        return letters if form == "lowerLetter" else letters.upper()
    if form in {"lowerRoman", "upperRoman"}:
        return roman(number) if form == "lowerRoman" else roman(number).upper()
    if form == "decimalZero":
        return f"{number:02}"
    if form == "ordinal":
        ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{ending}"
    return "" if form == "none" else str(number)


def letters_of(number: int) -> str:
    """ "a" to "z", then "aa", "bb" as Word goes on."""
    return chr(97 + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else ""


def roman(number: int) -> str:
    """A Roman number in small letters."""
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text

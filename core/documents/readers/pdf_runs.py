"""The characters of a PDF's page as runs: what stands on one line without a wide gap."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ctypes import c_double, c_int, create_string_buffer
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

# Left, bottom, right, top in the page's own units.
Area = tuple[float, float, float, float]

# What stands further apart is no longer one run of words, no longer one word, may be two cells; in heights of
# a line.
WORDS_APART = 1.0
LETTERS_APART = 0.22
CELLS_APART = 0.45
# Between sentences many leave two spaces, which is as wide as a gap between cells. So many words are prose.
SENTENCES_APART, PROSE_WORDS = 0.8, 6
_SENTENCE_END = re.compile(r"(?:\s\S+|[^\W\d_]{4})[.!?][\"'”’)\]]*$")
# Raised and lowered letters are smaller than this; browsers make them 0.83 times as high.
SMALLER = 0.88
RAISED = str.maketrans("0123456789+-−–=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿ")
EXPONENT = re.compile(r"[-+−–]?\d{1,3}|n")
# Whether a line that parts two cells stands between two places of a line of text: left, right and height.
IsParted = Callable[[float, float, float], bool]
_BOLD, _FONT_NAME_BYTES = re.compile(rb"bold|black|heavy|-demi", re.IGNORECASE), 200
_SPACES = {32: " ", 13: "\n", 10: "\n"}


@dataclass(slots=True)
class Run:
    """Characters on one line without a wide gap.

    Attributes:
        base: Where the line stands.
        is_turned: Not horizontal.
        pieces: What gaps wider than those between words cut it into, which may be cells of a table; none
            where there is no such gap.
    """

    left: float
    right: float
    base: float
    height: float
    text: str
    is_turned: bool = False
    pieces: list[Run] = field(default_factory=list)


class _RunBuilder:
    """Puts characters into runs, one after another in the order in which they were drawn."""

    def __init__(self, is_parted: IsParted) -> None:
        self._is_parted = is_parted
        self.runs: list[Run] = []
        self._parts: list[str] = []
        self._run = Run(0, 0, 0, 0, "")
        self._space = ""
        self._raised_from: int | None = None
        self._last_place = (0.0, 0.0)
        # Where pieces begin: the number of parts before, and the place on the line.
        self._cuts: list[tuple[int, float, float]] = []

    def add_space(self, space: str) -> None:
        if self._space != "\n":
            self._space = space

    def add(
        self, char: str, left: float, right: float, base: float, height: float, is_turned: Callable[[], bool]
    ) -> None:
        """Take the next character of the page.

        Args:
            char: As PDFium gives it; the second letter of a ligature comes at the first one's place.
            left: Where it begins, in the page's units.
            right: Where it ends.
            base: Where the line stands.
            height: The character's height; 0 where that is not known.
            is_turned: Whether it does not stand upright; asked only where that is not plain.
        """
        run = self._run
        place = (left, base)
        if self._parts:
            if run.is_turned:
                if self._space != "\n" and is_turned():
                    self._append(self._space + char, place, right)
                    return
            # The second letter of a ligature.
            elif place == self._last_place and not self._space:
                self._parts.append(char)
                return
            elif self._continues(char, left, right, base, height):
                self._last_place = place
                return
        self.close()
        self._parts, self._space, self._last_place = [char], "", place
        self._run = Run(left, right, base, height or 1.0, "", is_turned())

    def _continues(self, char: str, left: float, right: float, base: float, height: float) -> bool:
        """Add it to the run where it stands behind it on its line, or a little above or below."""
        run = self._run
        gap, above = left - run.right, base - run.base
        tallest = max(run.height, height)
        if abs(above) < 0.25 * min(run.height, height):
            # PDFium sets no space before a letter that is pushed under the one before.
            if not -(0.5 if self._space else 1.2) * tallest <= gap <= WORDS_APART * tallest:
                return False
            is_apart = bool(self._space) or gap > LETTERS_APART * tallest
            if is_apart and self._is_parted(run.right, left, base):
                return False
            self._end_raised()
            if is_apart:
                self._parts.append(" ")
            if gap > CELLS_APART * tallest:
                self._cuts.append((len(self._parts), run.right, left))
            run.height = tallest
        elif height < SMALLER * run.height and -0.5 * run.height < above < 0.75 * run.height:
            if not -0.3 * run.height < gap < 0.6 * run.height:
                return False
            if above > 0.15 * run.height and self._raised_from is None:
                self._raised_from = len(self._parts)
            elif above < 0:
                self._end_raised()
            if self._space:
                self._parts.append(" ")
        else:
            return False
        self._parts.append(char)
        self._space, run.right = "", max(run.right, right)
        return True

    def _append(self, text: str, place: tuple[float, float], right: float) -> None:
        self._parts.append(text)
        self._space, self._last_place = "", place
        self._run.right = max(self._run.right, right)

    def _end_raised(self) -> None:
        if self._raised_from is not None:
            raised = "".join(self._parts[self._raised_from :])
            if EXPONENT.fullmatch(raised.strip()):
                self._parts[self._raised_from :] = [raised.translate(RAISED)]
            self._raised_from = None

    def close(self) -> None:
        self._end_raised()
        self._run.text = _whole("".join(self._parts)).strip()
        if self._run.text:
            pieces = list(self._pieces())
            self._run.pieces = [] if _are_sentences(pieces) else pieces
            self.runs.append(self._run)
        self._parts, self._cuts = [], []

    def _pieces(self) -> Iterator[Run]:
        run = self._run
        first, left = 0, run.left
        for number, right, next_left in (
            [*self._cuts, (len(self._parts), run.right, 0.0)] if self._cuts else ()
        ):
            text = _whole("".join(self._parts[first:number])).strip()
            if text:
                yield Run(left, right, run.base, run.height, text)
            first, left = number, next_left


def _are_sentences(pieces: list[Run]) -> bool:
    """Whether all that parts them are the spaces between sentences."""
    num_words = sum(piece.text.count(" ") + 1 for piece in pieces)
    return num_words >= PROSE_WORDS and all(
        _SENTENCE_END.search(piece.text) is not None
        and following.text[0].isupper()
        and following.left - piece.right < SENTENCES_APART * piece.height
        for piece, following in pairwise(pieces)
    )


def _whole(text: str) -> str:
    """Characters beyond the first 65,536 come as two halves."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_nowhere_parted(left: float, right: float, base: float) -> bool:
    return False


def runs_of(textpage: Any, area: Area, is_parted: IsParted = _is_nowhere_parted) -> list[Run]:
    """The runs in an area of the page, in the order in which they were drawn."""
    import pypdfium2.raw as pdfium

    handle, box, x, base = textpage.raw, pdfium.FS_RECTF(), c_double(), c_double()
    builder = _RunBuilder(is_parted)
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(handle, index)
        if code in _SPACES:
            builder.add_space(_SPACES[code])
            continue
        pdfium.FPDFText_GetLooseCharBox(handle, index, box)
        pdfium.FPDFText_GetCharOrigin(handle, index, x, base)
        if box.right <= area[0] or box.left >= area[2] or base.value >= area[3] or box.top <= area[1]:
            continue
        char = chr(code) if 0 < code < 0x110000 else ""
        turned = partial(_is_turned, handle, index)
        builder.add(char, box.left, box.right, base.value, box.top - box.bottom, turned)
    builder.close()
    return builder.runs


def _is_turned(handle: Any, index: int) -> bool:
    import pypdfium2.raw as pdfium

    return 0.1 < pdfium.FPDFText_GetCharAngle(handle, index) < 6.18


def is_run_bold(textpage: Any, run: Run) -> bool:
    """Whether the run's first letter is bold, as the name of its font says."""
    import pypdfium2.raw as pdfium

    index = textpage.get_index(run.left + 0.5, run.base + 0.3 * run.height, run.height, run.height)
    if index is None:
        return False
    name, flags = create_string_buffer(_FONT_NAME_BYTES), c_int()
    pdfium.FPDFText_GetFontInfo(textpage.raw, index, name, _FONT_NAME_BYTES, flags)
    return _BOLD.search(name.value) is not None


def is_same_line(one: Run, other: Run) -> bool:
    """Whether two runs stand on one line."""
    if one.is_turned or other.is_turned:
        return False
    return abs(one.base - other.base) < 0.35 * min(one.height, other.height)


def lines_of(zone: list[Run]) -> list[list[Run]]:
    """From the top, each line from the left."""
    lines: list[list[Run]] = []
    for run in sorted(zone, key=lambda run: (-run.base, run.left)):
        if lines and is_same_line(lines[-1][0], run):
            lines[-1].append(run)
        else:
            lines.append([run])
    for line in lines:
        line.sort(key=lambda run: run.left)
    return lines

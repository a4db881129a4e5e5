"""The marks by which an answer names its passages, told from what only looks like them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from core.answers.markdown_parts import FORMULA, located, replaced

_NOUN = r"(?:passages?|sources?|documents?|docs?|ref(?:erence)?s?|citations?|quellen?)"
_ITEM = rf"(?:{_NOUN}\s*[:#]?\s*)?\d{{1,3}}(?:†[^\]】,;\n]{{0,80}})?"
_ITEMS = rf"\^?{_ITEM}(?:\s*(?:[,;&–—-]|and|und)\s*{_ITEM})*"
# [1], [2, 3], [1-3], [1 and 2], [Source 1], [^1], 【1】, [1†source]; escaped brackets too.
CITATION = rf"(?P<citation>\\?\[(?P<items>{_ITEMS})\\?\](?!\()|【(?P<chinese>{_ITEMS})】)"
# What is a formula is no citation, so the two are looked for at once.
CITATION_OR_FORMULA = f"{CITATION}|{FORMULA}"
_CITATION = re.compile(CITATION, re.IGNORECASE)
_CITATION_OR_FORMULA = re.compile(CITATION_OR_FORMULA, re.IGNORECASE)
_PLAIN = re.compile(r"\[(\d{1,3})\]")
_OPENED = re.compile(rf"[\[【](?={_ITEMS}\\?[\]】])", re.IGNORECASE)
_DAGGER = re.compile(r"†[^,;]*")
_NUMBER_OR_DASH = re.compile(r"\d+|[–—-]")
# Numbers in brackets after one of these are values: "the range is [6, 8]", "x = [1]", "'ports': [80, 443]".
_VALUES_FOLLOW = re.compile(
    r"(?:[=∈≤≥<>]|[\"']\s*:|\b(?:is|are|be|between|within"
    r"|(?:range|interval|domain|array|list|vector|tuple|port|value|bound)s?(?:\s+(?:of|is|are|from))?)\s*:?)\s*$",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"[=∈]\s*$")
# Before an index: sys.argv[1], my_list[2].
_IDENTIFIER = re.compile(r"(?:\w*_\w*|\b(?:argv|args|arr|array|list|dict))$", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?:://|\bwww\.)\S*$")
_CONTEXT_CHARS = 200
# As `code_block` makes them: a line of prose never ends with what begins one.
_CODE_BLOCK = re.compile(r"^(`{3,})[\w+#-]*\n.*?\n\1$", re.DOTALL | re.MULTILINE)
# Takes no room and is not to be seen.
WORD_JOINER = "\u2060"

Mark = tuple[re.Match[str], tuple[int, ...]]


def cited_numbers(text: str, num_sources: int) -> tuple[int, ...]:
    """The passages that `text` names, in the order in which it first does; only those that exist."""
    numbers = (number for _, named in citation_marks(text, num_sources) for number in named)
    return tuple(dict.fromkeys(number for number in numbers if 1 <= number <= num_sources))


def plainly_cited_numbers(text: str, num_sources: int) -> tuple[int, ...]:
    """The same of an extractive answer, which is no Markdown and whose marks are our own."""
    prose = "".join(piece for piece, is_code in code_apart(text) if not is_code)
    numbers = dict.fromkeys(int(number) for number in _PLAIN.findall(prose))
    return tuple(number for number in numbers if 1 <= number <= num_sources)


@lru_cache(maxsize=256)
def citation_marks(text: str, num_sources: int) -> tuple[Mark, ...]:
    """Where the prose of a Markdown text names passages, and which; also such as do not exist.

    Code, formulas, links and intervals name none.
    """
    if not _CITATION.search(text):
        return ()
    marks = (
        (match, numbers)
        for match, place in located(_CITATION_OR_FORMULA, text)
        if place == "prose" and (numbers := named_numbers(match, num_sources))
    )
    return tuple(marks)


def named_numbers(match: re.Match[str], num_sources: int) -> tuple[int, ...]:
    """The numbers that a match in prose names; none when it only looks like a citation."""
    items = match["items"] or match["chinese"]
    if not items:
        return ()
    numbers = _numbers(_DAGGER.sub("", items), num_sources)
    is_certain = match["chinese"] or re.search(r"[a-z†^]", items.replace("and", ""), re.IGNORECASE)
    if not numbers or is_certain:
        return numbers
    before = match.string[max(0, match.start() - _CONTEXT_CHARS) : match.start()]
    after = match.string[match.end() : match.end() + 2].lstrip()
    is_known = any(1 <= number <= num_sources for number in numbers)
    if _IN_ADDRESS.search(before) or _ASSIGNED.search(before) or after.startswith("="):
        return ()
    if len(numbers) > 1:
        is_values = 0 in numbers or not is_known or _VALUES_FOLLOW.search(before)
        return () if is_values else numbers
    is_index = before[-1:].isascii() and before[-1:].isalnum() and not is_known
    return () if is_index or _IDENTIFIER.search(before) else numbers


def _numbers(items: str, num_sources: int) -> tuple[int, ...]:
    """Those in brackets, ranges written out; none when a range is not one of passages."""
    numbers: list[int] = []
    is_range = False
    for part in _NUMBER_OR_DASH.findall(items):
        if not part.isdigit():
            is_range = True
            continue
        number = int(part)
        if is_range:
            if not 1 <= numbers[-1] < number <= num_sources:
                return ()
            numbers += range(numbers[-1] + 1, number)
        numbers.append(number)
        is_range = False
    return tuple(numbers)


def without_invented(text: str, num_sources: int) -> str:
    """`text` with one bracket per passage, and without numbers of passages that were never given.

    "[1, 9]" of two passages becomes "[1]". What is left names the same passages as `text` did.
    """
    named = cited_numbers(text, num_sources)
    # "[[9]1]": what stood around an invented number would close up to a citation.
    for gap in ("", WORD_JOINER):
        kept = _without_invented(text, num_sources, gap)
        if cited_numbers(kept, num_sources) == named:
            return kept
    return text


def _without_invented(text: str, num_sources: int, gap: str) -> str:
    while True:
        parts = (
            (match, "".join(f"[{number}]" for number in numbers if 1 <= number <= num_sources) or gap)
            for match, numbers in citation_marks(text, num_sources)
        )
        if (shorter := replaced(text, parts)) == text:
            return text
        text = shorter


def code_block(code: str, language: str = "") -> str:
    """Code as a block of an extractive answer, word for word."""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def code_apart(text: str) -> Iterator[tuple[str, bool]]:
    """An extractive answer in pieces, each with whether it is a block of code."""
    at = 0
    for block in _CODE_BLOCK.finditer(text):
        yield text[at : block.start()], False
        yield block[0], True
        at = block.end()
    yield text[at:], False


def as_quotation(text: str) -> str:
    """`text` of a document, whose own [3] is not to be taken for one of ours; it looks the same."""
    return _OPENED.sub(rf"\g<0>{WORD_JOINER}", text)

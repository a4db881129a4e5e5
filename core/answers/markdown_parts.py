"""What of a Markdown text is prose, and what is code, a link, HTML, a formula or a mark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# "code" is a span of it inside of a line, "block" lines of it. HTML is shown as it is written, like code.
Place = Literal["prose", "link", "code", "block", "html"]

# \(…\), \[…\], $$…$$ and $…$. A single dollar opens no formula inside of a word or before a blank.
FORMULA = (
    r"(?<!\\)\\\((?P<round>[^`]+?)\\\)"
    r"|(?<!\\)\\\[(?P<square>[^`]+?)\\\]"
    r"|(?<![\\$])\$\$(?P<double>[^`$]+?)\$\$"
    r"|(?<![\\\w$])\$(?=\S)(?P<single>(?:\\.|[^`$\\\n])+?)(?<=\S)\$(?![\w$])"
)
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)(?:\{[^{}]*\})?")
_WORD = re.compile(r"[^\W\d_]{2,}")
# So many words between two dollars are a sentence, not a formula.
PROSE_WORDS = 3
_FIRST_PRIVATE = 0xE000
_CODE = re.compile(r"(`+)(.+?)\1")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_LINE_START = re.compile(r"^(?:>\s*|#{1,6}\s+|[-*+]\s+|\d{1,3}[.)]\s+)+")
# Stars or underscores at the edge of a word: those with space or letters on both sides mean themselves.
_EMPHASIS = re.compile(r"(?<![\w*_])(?:\*{1,3}|_{1,3})(?=[^\s*_])|(?<=[^\s*_])(?:\*{1,3}|_{1,3})(?![\w*_])")


def formula(match: re.Match[str]) -> str | None:
    """The LaTeX of a match of `FORMULA`; None when it is none, such as what stands between two prices."""
    found = match.groupdict()
    if (single := found["single"]) is None:
        return next((latex for name in ("round", "square", "double") if (latex := found[name])), None)
    num_words = len(_WORD.findall(_COMMAND.sub(" ", single)))
    return None if num_words >= (1 if single[0].isdigit() else PROSE_WORDS) else single


def located(pattern: re.Pattern[str], text: str) -> list[tuple[re.Match[str], Place]]:
    """The matches of `pattern` in `text`, each with where it stands.

    For the parser a mark takes the place of each match, so brackets that match make no link any more.
    """
    matches = _matches(pattern, text)
    if not matches:
        return []
    mark = next(char for code in range(_FIRST_PRIVATE, 0xF8FF) if (char := chr(code)) not in text)
    marked, end = [], 0
    for number, match in enumerate(matches):
        marked += [text[end : match.start()], f"{mark}{number}{mark}"]
        end = match.end()
    marked.append(text[end:])
    places: dict[int, Place] = {}
    mark_of = re.compile(f"{mark}(\\d+){mark}")
    for place, part in _parts(_parser().parse("".join(marked))):
        for found in mark_of.findall(part):
            places[int(found)] = place
    # What the parser swallowed is the target of a link.
    return [(match, places.get(number, "link")) for number, match in enumerate(matches)]


def replaced(text: str, parts: Iterable[tuple[re.Match[str], str]]) -> str:
    """`text` with other words in place of some matches, which come in their order."""
    result, end = [], 0
    for match, words in parts:
        result += [text[end : match.start()], words]
        end = match.end()
    return "".join([*result, text[end:]])


def without_marks(sentence: str) -> str:
    """A sentence of a Markdown file as it is read: without marks of emphasis, code, links and lists."""
    codes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        codes.append(match[2].strip() or match[0])
        return f"\x00{len(codes) - 1}\x00"

    text = _CODE.sub(keep, _LINE_START.sub("", sentence).replace("\x00", ""))
    text = _LINK.sub(r"\1", text)
    marks = _EMPHASIS.findall(text)
    # One that has no partner, in **kwargs say, is no mark.
    if len(marks) % 2 == 0:
        text = _EMPHASIS.sub("", text)
    return re.sub("\x00(\\d+)\x00", lambda match: codes[int(match[1])], text)


def _matches(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Like finditer, but what only looks like a formula is looked at again from its second letter on."""
    matches, start = [], 0
    has_formulas = "single" in pattern.groupindex
    while match := pattern.search(text, start):
        if has_formulas and match["single"] is not None and formula(match) is None:
            if alone := pattern.fullmatch(text, match.start(), match.start() + 1):
                matches.append(alone)
            start = match.start() + 1
            continue
        matches.append(match)
        start = max(match.end(), match.start() + 1)
    return matches


def _parts(tokens: Sequence[Token]) -> Iterable[tuple[Place, str]]:
    for token in tokens:
        if token.type == "inline":
            yield from _inline(token.children or [])
        elif token.type in {"fence", "code_block"}:
            yield "block", f"{token.info}\n{token.content}"
        elif token.type == "html_block":
            yield "html", token.content


def _inline(tokens: Sequence[Token]) -> Iterable[tuple[Place, str]]:
    depth = 0
    for token in tokens:
        if token.type == "code_inline":
            yield "code", token.content
        elif token.type == "html_inline":
            yield "html", token.content
        elif token.type == "image":
            yield "link", token.content
        elif token.type in {"link_open", "link_close"}:
            depth += token.nesting
        else:
            yield ("link" if depth else "prose"), token.content


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")

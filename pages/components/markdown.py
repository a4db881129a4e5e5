"""Text from documents, questions and models, made safe to stand in Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.answers.citations import CITATION_OR_FORMULA, WORD_JOINER
from core.answers.markdown_parts import Place, formula, located, replaced
from core.answers.models import Source
from core.documents.sentences import is_table_row

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~:&=])")
# Four columns at the start of a line make it code; a reader sees one space in any case.
_INDENT = re.compile(r"(\A|[\r\n])(?: {4}| {0,3}\t)[ \t]*")
# Markdown makes links of bare addresses, also of escaped ones: not where something empty stands inside.
_IN_ADDRESS = re.compile(
    r"(?<=https:)(?=//)|(?<=http:)(?=//)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@)", re.IGNORECASE
)
_EMPTY = ":small[]"
# Emphasis, a bare address, the number of a list, a line.
_MARKUP_IN_LABEL = re.compile(
    r"(?<!\w)_|_(?!\w)|__|www\.|^\s*(?:\d+[.)]|-)|--|\.(?:com|org|net)\b", re.IGNORECASE
)
LINE_BREAK = "\n"
# LaTeX that would link, load or define something.
_LEADS_AWAY = re.compile(
    r"\\(?:href|url|includegraphics|html|[egx]?def|let|(?:re)?newcommand|providecommand)"
)
# Beside citations and formulas: images, links, what a link's name stands for, and Streamlit's directives.
_TO_RENDER = re.compile(
    rf"{CITATION_OR_FORMULA}|!\[|\]\(|\]:|(?<!\\)\$|:(?=:*\w[\w-]*[\[{{]|::|material/)", re.IGNORECASE
)


def escaped(text: str) -> str:
    """`text` as Markdown that shows exactly `text`: no markup, no link, no formula, no directive."""
    parts = _IN_ADDRESS.split(_INDENT.sub(r"\1 ", text))
    return _EMPTY.join(_SPECIAL.sub(r"\\\1", part) for part in parts)


def model_markdown(text: str, cite: Callable[[re.Match[str]], str | None] = lambda _: None) -> str:
    """A model's Markdown without what could load from elsewhere or lead away; code stays as it is.

    Images would tell another server about the reader, and a link may say another thing than it does; a bare
    address says where it leads, and stays a link. Streamlit shows HTML as text by itself.

    Args:
        text: As the model wrote it.
        cite: The Markdown in place of a citation; None leaves its words.
    """
    parts = ((match, _shown(match, place, cite)) for match, place in located(_TO_RENDER, text))
    return replaced(text, parts)


def _shown(match: re.Match[str], place: Place, cite: Callable[[re.Match[str]], str | None]) -> str:
    words = match[0]
    if place == "code" and words == "](" and "|" in _line_of(match):
        # Cells of a table end inside of code too, where two parsers of Markdown may see different tables.
        return f"]{WORD_JOINER}("
    if place in {"code", "block", "html"}:
        return words
    if match["citation"]:
        shown = cite(match) if place == "prose" else None
        return "".join(f"\\{char}" if char in "[]" else char for char in words) if shown is None else shown
    if (latex := formula(match)) is not None:
        return escaped(words) if _LEADS_AWAY.search(latex) else _as_formula(match, latex)
    return f"{words[:-1]}\\{words[-1]}"


def _as_formula(match: re.Match[str], latex: str) -> str:
    """As Streamlit reads formulas; one that has its lines to itself is set apart."""
    latex = " ".join(latex.split()).replace("$", "\\$")
    # A blank means nothing to LaTeX, and what stands in brackets is neither link nor image.
    latex = re.sub(r"!(?=\[)|\](?=[(:])", r"\g<0> ", latex)
    before = match.string[: match.start()].rpartition("\n")[2]
    after = match.string[match.end() :].partition("\n")[0]
    if match["single"] is None and match["round"] is None and not before and not after.strip():
        return f"$$\n{latex}\n$$"
    return f"${latex}$"


def _line_of(match: re.Match[str]) -> str:
    text = match.string
    return text[text.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0]


def label_text(name: str) -> str:
    """A name in the label of a field, which screen readers say as it stands: escaped where it must be."""
    is_plain = all(char.isalnum() or char in " .,()-_" for char in name)
    return name if is_plain and not _MARKUP_IN_LABEL.search(name) else escaped(name)


def passage_text(source: Source) -> str:
    """The passage as prose: in a PDF lines end where the paper did, not where a thought does.

    Rows of a table stay lines.
    """
    if not source.file.lower().endswith(".pdf"):
        return source.text
    text = ""
    is_row = True  # before the first line
    for line in source.text.splitlines():
        was_row, is_row = is_row, is_table_row(line)
        is_broken = was_row or is_row or not line or text.endswith("\n")
        text += f"{LINE_BREAK if is_broken else ' '}{line}"
    return text.removeprefix(LINE_BREAK)

"""Text from documents, questions and models, made safe to stand in Markdown."""

from __future__ import annotations

import re

from core.records import Source

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$~:&=])")
# Four columns at the start of a line make it code; a reader sees one space in any case.
_INDENT = re.compile(r"(\A|[\r\n])(?: {4}| {0,3}\t)[ \t]*")
# Markdown makes links of bare addresses, also of escaped ones: not where something empty stands inside.
_IN_ADDRESS = re.compile(
    r"(?<=https:)(?=//)|(?<=http:)(?=//)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@)", re.IGNORECASE
)
_EMPTY = ":small[]"


def escaped(text: str) -> str:
    """`text` as Markdown that shows exactly `text`: no markup, no link, no formula, no directive."""
    parts = _IN_ADDRESS.split(_INDENT.sub(r"\1 ", text))
    return _EMPTY.join(_SPECIAL.sub(r"\\\1", part) for part in parts)


def model_markdown(text: str) -> str:
    """A model's Markdown without what could load from elsewhere, lead away or read as a formula.

    Images would tell another server about the reader, and a link may say another thing than it does; a bare
    address says where it leads, and stays a link. Streamlit shows HTML as text by itself.
    """
    safe = text.replace("![", "!\\[").replace("](", "]\\(").replace("]:", "]\\:")
    return safe.replace("$", "\\$").replace(":material/", "\\:material/")


def passage_text(source: Source) -> str:
    """The passage as prose: in a PDF lines end where the paper did, not where a thought does."""
    if not source.file.lower().endswith(".pdf"):
        return source.text
    return re.sub(r"(?<!\n)\n(?!\n)", " ", source.text)


def counted(number: int, noun: str) -> str:
    """ "1 page", "2 pages", "12,000 pages"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"

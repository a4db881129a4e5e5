"""A stretch of a document as HTML, rebuilt from its chunks, with their borders to be seen."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.store.chunks import StoredChunk

# Each paragraph of a text finds its own direction: Arabic beside English, whichever comes first.
_TEXT_STYLE = (
    "white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.75;unicode-bidi:plaintext;text-align:start"
)
MAX_LINES_BEFORE = 6
_TINTS = ("rgba(0,114,178,0.10)", "rgba(0,158,115,0.12)")
_SHARED = "background:repeating-linear-gradient(45deg,rgba(128,128,128,0.30) 0 3px,transparent 3px 7px)"
_MARK = "background:#FFE264;color:#000;padding:0.1rem 0.2rem;border-radius:0.2rem"
_OPEN = "box-shadow:inset 0 -2px 0 #D55E00"


def text_html(chunks: Sequence[StoredChunk], opened: int | None) -> str:
    """The text of `chunks`, which are in order.

    What two chunks share is hatched and stands once.

    Args:
        chunks: Of one document, in order.
        opened: The position of the chunk to underline; None for none.
    """
    parts = [_stretch_html(stretch, opened) for stretch in _stretches(chunks)]
    return f'<div dir="auto" style="{_TEXT_STYLE}">{"<br>".join(parts)}</div>'


def passage_html(text: str, *, is_faint: bool = False, is_marked: bool = False) -> str:
    """A passage by itself."""
    inner = f'<mark style="{_MARK}">{html.escape(text)}</mark>' if is_marked else html.escape(text)
    faint = ";opacity:0.65" if is_faint else ""
    return f'<div dir="auto" style="{_TEXT_STYLE}{faint}">{inner}</div>'


def end_of(text: str, most: int) -> str:
    """The last words of `text`, about `most` characters: what stands just before a passage.

    Of short lines, such as code's, only the last ones, so that the passage itself is in sight.
    """
    last = "".join(text.splitlines(keepends=True)[-MAX_LINES_BEFORE:])
    if len(last) > most:
        last = last[-most:].split(maxsplit=1)[-1]
    return text if last == text else f"… {last.lstrip()}"


def beginning_of(text: str, most: int) -> str:
    """The first words of `text`, about `most` characters."""
    return text if len(text) <= most else f"{text[:most].rsplit(maxsplit=1)[0]} …"


def _stretches(chunks: Sequence[StoredChunk]) -> Iterator[list[StoredChunk]]:
    """Chunks whose places count from the same beginning; a new section counts from 0 again."""
    stretch: list[StoredChunk] = []
    for chunk in chunks:
        if stretch and (chunk.start < stretch[-1].start or chunk.page != stretch[-1].page):
            yield stretch
            stretch = []
        stretch.append(chunk)
    if stretch:
        yield stretch


def _stretch_html(chunks: Sequence[StoredChunk], opened: int | None) -> str:
    borders = sorted({chunk.start for chunk in chunks} | {chunk.end for chunk in chunks})
    parts = []
    for start, end in itertools.pairwise(borders):
        covering = [chunk for chunk in chunks if chunk.start <= start and end <= chunk.end]
        # Between chunks there is white space only.
        parts.append(_segment_html(covering, start, end, opened) if covering else "\n")
    return "".join(parts)


def _segment_html(covering: Sequence[StoredChunk], start: int, end: int, opened: int | None) -> str:
    chunk = covering[-1]
    look = [_SHARED if len(covering) > 1 else f"background:{_TINTS[chunk.position % 2]}"]
    if opened is not None and any(chunk.position == opened for chunk in covering):
        look.append(_OPEN)
    badge = "".join(_badge(begun) for begun in covering if begun.start == start)
    text = html.escape(chunk.own_text[start - chunk.start : end - chunk.start])
    return f'{badge}<span style="{";".join(look)}">{text}</span>'


def _badge(chunk: StoredChunk) -> str:
    return (
        '<span style="unicode-bidi:isolate;font-size:0.7rem;font-weight:600;border-radius:0.25rem;'
        'padding:0 0.3rem;margin-inline:0.15rem;border:1px solid rgba(128,128,128,0.7)" '
        f'title="chunk {chunk.position + 1} begins here">{chunk.position + 1}</span>'
    )

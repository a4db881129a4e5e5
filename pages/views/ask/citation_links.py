"""Citations in an answer as links that open their source, without leaving the page."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st
import streamlit.components.v2

from core.answers.citations import WORD_JOINER, code_apart, named_numbers
from core.answers.models import Answer
from pages.components.markdown import escaped, model_markdown

_CITED = re.compile(r"\[(\d{1,3})\]")
_TARGET = re.compile(r"(\d{1,4})-(\d{1,3})")
_HREF = "#cite-"

# One listener for the whole page: the links are made anew with every rerun.
_LISTENER = st.components.v2.component(
    "citation_links",
    js="""
    export default function ({ setTriggerValue }) {
      const open = (event) => {
        const link = event.target.closest?.('a[href*="#cite-"]')
        if (!link) return
        event.preventDefault()
        event.stopPropagation()
        setTriggerValue("cited", link.getAttribute("href").split("#cite-")[1])
      }
      document.addEventListener("click", open, true)
      return () => document.removeEventListener("click", open, true)
    }
    """,
)


def linked(answer: Answer, turn: int, *, is_linked: bool = True) -> str:
    """The answer as safe Markdown, with its citations as links to sources of the turn.

    Args:
        answer: With its sources, which the citations name by number.
        turn: Its place in the conversation, from 0.
        is_linked: False leaves the citations as they are.
    """
    num_sources = len(answer.sources) if is_linked else 0
    if answer.mode == "extractive":
        return "".join(
            piece if is_code else _sentences(piece, turn, num_sources)
            for piece, is_code in code_apart(answer.text)
        )

    def cite(match: re.Match[str]) -> str | None:
        numbers = named_numbers(match, len(answer.sources))
        return _link(turn, numbers, num_sources) if numbers else None

    return model_markdown(answer.text, cite)


def _sentences(text: str, turn: int, num_sources: int) -> str:
    """What an extractive answer has besides code: what was found, with citations that are ours."""
    return "".join(
        _link(turn, (int(part),), num_sources) if index % 2 else _with_bold(part)
        for index, part in enumerate(_CITED.split(text))
    )


def _with_bold(part: str) -> str:
    """An extractive answer's text: what stands between two pairs of stars is the sentence that was found."""
    # Two stars of a document's own are kept apart by what nobody sees; here each one is escaped.
    pieces = [escaped(piece.replace(f"*{WORD_JOINER}", "*")) for piece in part.split("**")]
    return "".join(f"**{piece}**" if index % 2 else piece for index, piece in enumerate(pieces))


def _link(turn: int, numbers: Sequence[int], num_sources: int) -> str:
    marks = {number: f"\\[{number}\\]" for number in numbers}
    return "".join(
        f"[{mark}]({citation_href(turn, number)})" if 1 <= number <= num_sources else mark
        for number, mark in marks.items()
    )


def citation_href(turn: int, number: int) -> str:
    """What a link to source `number` of a turn points to."""
    return f"{_HREF}{turn}-{number}"


def clicked_citation() -> tuple[int, int] | None:
    """Turn and source number of the citation that was just clicked. Draw it once per page."""
    result = _LISTENER(key="citations", on_cited_change=lambda: None)
    match = _TARGET.fullmatch(str(result.cited or ""))
    return (int(match[1]), int(match[2])) if match else None

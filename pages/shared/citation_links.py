"""Citations in an answer as links that open their source, without leaving the page."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st
import streamlit.components.v2

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


def linked(text: str, num_sources: int, turn: int, render: Callable[[str], str]) -> str:
    """`text` as Markdown, made safe by `render`, with its citations as links to sources of the turn."""
    parts = _CITED.split(text)
    shown = [render(part) if index % 2 == 0 else "" for index, part in enumerate(parts)]
    for index in range(1, len(parts), 2):
        number = int(parts[index])
        is_known = 1 <= number <= num_sources
        shown[index] = f"[\\[{number}\\]]({citation_href(turn, number)})" if is_known else f"\\[{number}\\]"
    return "".join(shown)


def citation_href(turn: int, number: int) -> str:
    """What a link to source `number` of a turn points to."""
    return f"{_HREF}{turn}-{number}"


def clicked_citation() -> tuple[int, int] | None:
    """Turn and source number of the citation that was just clicked. Draw it once per page."""
    result = _LISTENER(key="citations", on_cited_change=lambda: None)
    match = _TARGET.fullmatch(str(result.cited or ""))
    return (int(match[1]), int(match[2])) if match else None

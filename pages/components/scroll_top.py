"""What shows something else begins at its top: the browser keeps the place of what was there before."""

from __future__ import annotations

import streamlit.components.v2

_TO_TOP = streamlit.components.v2.component(
    "begins_at_top",
    js="""
    export default function ({ data }) {
      const page = document.querySelector('[data-testid="stMain"]')
      // Once for what is shown: who scrolls on is not pulled back by a rerun.
      if (!page || page.dataset.topOf === data.shown) return
      page.dataset.topOf = data.shown
      page.scrollTop = 0
      return () => delete page.dataset.topOf
    }
    """,
)


def begin_at_top(shown: str) -> None:
    """Scroll the page to its top when `shown` is drawn first.

    Args:
        shown: A name for what the page shows; another one scrolls again.
    """
    _TO_TOP(data={"shown": shown}, key="begins_at_top")

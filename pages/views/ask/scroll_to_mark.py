"""A marked place in a picture, brought into view: a book's page is taller than a screen."""

from __future__ import annotations

import streamlit.components.v2

_SCROLLER = streamlit.components.v2.component(
    "mark_in_view",
    js="""
    const scrolled = (element) => {
      for (let node = element.parentElement; node; node = node.parentElement) {
        const { overflowY } = getComputedStyle(node)
        if (/auto|scroll/.test(overflowY) && node.scrollHeight > node.clientHeight) return node
      }
      return document.scrollingElement
    }

    export default function ({ data }) {
      let frame = 0
      const show = () => {
        const picture = document.querySelector('[role="dialog"] img')
        // It is drawn before this, but may come into the document after it, and its bytes later still.
        if (!picture?.complete || !picture.naturalHeight) return (frame = requestAnimationFrame(show))
        // Once for each picture: who scrolls on is not pulled back by a rerun.
        if (picture.dataset.inView === data.picture) return
        picture.dataset.inView = data.picture
        const { top, height } = picture.getBoundingClientRect()
        const mark = top + data.start * height
        // Where it begins in sight nothing moves; else a fifth of the screen is left for what comes before.
        if (mark > (window.innerHeight * 2) / 3) scrolled(picture).scrollTop += mark - window.innerHeight / 5
      }
      show()
      return () => cancelAnimationFrame(frame)
    }
    """,
)


def bring_into_view(picture: str, start: float) -> None:
    """Scroll the open dialog so that a mark on its first picture is seen, where it does not begin in sight.

    Draw it after the picture.

    Args:
        picture: A name for it; another one scrolls again.
        start: Of the mark, as a share of the height.
    """
    _SCROLLER(data={"picture": picture, "start": start}, key="mark_in_view")

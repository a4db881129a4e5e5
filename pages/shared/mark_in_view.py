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
        if (top + data.bottom * height <= window.innerHeight) return
        // A fifth of the screen above it is left for what comes before.
        scrolled(picture).scrollTop += top + data.top * height - window.innerHeight / 5
      }
      show()
      return () => cancelAnimationFrame(frame)
    }
    """,
)


def bring_into_view(picture: str, top: float, bottom: float) -> None:
    """Scroll the open dialog so that a part of its first picture is seen, where it is not seen already.

    picture: a name for it; another one scrolls again. top, bottom: of the part, as shares of the height.
    Draw it after the picture.
    """
    _SCROLLER(data={"picture": picture, "top": top, "bottom": bottom}, key="mark_in_view")

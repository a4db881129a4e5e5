"""Whether the page is too narrow for long lines: charts can't break the lines of their titles themselves."""

from __future__ import annotations

import streamlit as st
import streamlit.components.v2

KEY = "screen"
NARROW_KEY = "screen_is_narrow"
# A title of `core.charts.theme.WIDE_TITLE_CHARS` is that wide.
NARROW_PX = 800

_SCREEN = streamlit.components.v2.component(
    "screen",
    js="""
    export default function ({ data, setStateValue }) {
      const page = document.querySelector(".stMainBlockContainer > div")
      if (!page) return
      let told = data.is_narrow
      const watch = new ResizeObserver(() => {
        const isNarrow = page.clientWidth < data.narrow_px
        // A page that is being put away has no width.
        if (isNarrow !== told && page.clientWidth) setStateValue("is_narrow", (told = isNarrow))
      })
      watch.observe(page)
      return () => watch.disconnect()
    }
    """,
)


def watch_width() -> None:
    """Have the browser say when its page gets too narrow for long lines, or wide enough again."""

    def on_change() -> None:
        st.session_state[NARROW_KEY] = bool(st.session_state[KEY].is_narrow)

    with st.container(key="screen_watch"):
        _SCREEN(
            key=KEY,
            data={"is_narrow": is_narrow(), "narrow_px": NARROW_PX},
            on_is_narrow_change=on_change,
        )


def is_narrow() -> bool:
    """Whether a page is too narrow for long lines; before its browser has told, whether it is a phone's."""
    told: bool | None = st.session_state.get(NARROW_KEY)
    # What browsers of phones, and no others, have in the name by which they call themselves.
    return "Mobi" in (st.context.headers.get("User-Agent") or "") if told is None else told

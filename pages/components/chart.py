"""A chart on a page, and the colours of the visitor's theme."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from pages.components.screen import is_narrow

if TYPE_CHECKING:
    import plotly.graph_objects as go


def draw_chart(figure: go.Figure, *, key: str, file_name: str) -> None:
    """Draw a figure whose picture can be saved under that name, sharp enough for a slide.

    It may be one that other visitors look at too: it stays as it is.
    """
    image = {"format": "png", "scale": 2, "filename": file_name}
    config = {"displaylogo": False, "toImageButtonOptions": image}
    st.plotly_chart(figure, width="stretch", key=key, config=config, alt=_words(figure))


def _words(figure: go.Figure) -> str | None:
    """What the chart is about, for people who can't see it."""
    meta = figure.layout.meta
    if not isinstance(meta, Mapping):
        return None
    told = ". ".join(filter(None, (meta.get("title"), meta.get("subtitle"))))
    return re.sub(r"<[^>]*>", " ", told) or None


def for_screen(figure: go.Figure) -> go.Figure:
    """The figure itself, changed: its titles get the width of the screen. No other page may show it."""
    from core.charts.theme import widen

    return figure if is_narrow() else widen(figure)


def paper_color() -> str | None:
    """The page's background, so that a chart's picture has it too; None while the theme is not known."""
    return theme_color("backgroundColor")


def theme_color(name: str) -> str | None:
    """A colour of the theme that the visitor sees; None while that is not known."""
    theme = st.context.theme.type
    return st.get_option(f"theme.{theme}.{name}") if theme else None

"""What every page does first: one frame with its title in one place, and settings that are right."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.pages_manager import PagesManager

from core.config.settings import Settings
from core.errors import ConfigError
from core.runtime.quiet import quiet_libraries
from pages.components.frame_style import READING_REM
from pages.components.visitor import as_visitor

# What outcomes are tinted with, the colour of captions, and of what stands on the primary colour; each has
# 4.5 of contrast to its ground.
TINTS = {
    "light": {"Success": "#00734f", "Info": "#0b62a8", "Warning": "#945400", "Error": "#b3261e"},
    "dark": {"Success": "#4cc9a0", "Info": "#8fd0f5", "Warning": "#f0b64a", "Error": "#ff9a8f"},
}
CAPTION = {"light": "#55606c", "dark": "#aab5c1"}
ON_PRIMARY = {"light": "#ffffff", "dark": "#0e1620"}
# For who shows a page to a hall.
WITHOUT_NAVIGATION = (
    'header[data-testid="stHeader"],[data-testid="stSidebar"],[data-testid="stExpandSidebarButton"]'
    "{display:none !important}"
)
READING_STYLE = f"""<style>
.stMainBlockContainer>div,[data-testid="stBottomBlockContainer"]>div{{max-width:{READING_REM}rem}}
</style>"""
# An icon of our own: Streamlit fetches those of its icon font as favicons from the internet. It is part of
# the page: a file of its own is forgotten with the page that named it, and a slow browser asks in vain.
ICON = "data:image/png;base64," + b64encode(Path(__file__).with_name("icon.png").read_bytes()).decode()
LOGO = Path(__file__).with_name("logo.svg")


def setup_page(title: str, *, wide: bool = False) -> Settings:
    """Set up the page called `title` and return the settings.

    A setting that is wrong ends the page here, with the sentence that says what to do. In a shared app the
    settings are those of the visitor, who may have to sign in first.

    Args:
        title: In the browser's tab; plain text.
        wide: The page has charts or tables, so it takes the whole width of the window.
    """
    _take_app_py()
    st.set_page_config(
        page_title=f"{title} · Overlap", page_icon=ICON, layout="wide", initial_sidebar_state="locked"
    )
    st.logo(LOGO, size="large")
    st.html(_colors() + ("" if wide else READING_STYLE))
    quiet_libraries()
    try:
        settings = Settings.from_env()
    except ConfigError as exc:
        st.error(str(exc), icon=":material/settings_alert:")
        st.stop()
    return as_visitor(settings) if settings.is_shared else settings


def page_head(title: str, about: str = "") -> DeltaGenerator:
    """Draw the page's title and one sentence on what it is for; returns the place for actions beside them."""
    with st.container(
        key="page-head", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(title, width="content", anchor=False)
        actions = st.container(horizontal=True, width="content", vertical_alignment="center")
    if about:
        st.caption(about)
    return actions


def empty_place(text: str) -> DeltaGenerator:
    """Say what a page with nothing on it is for; returns the place for the one thing to do about it."""
    box = st.container(border=True, gap="medium")
    box.markdown(f":material/inbox: {text}")
    return box.container(horizontal=True)


def to_page(path: str, label: str, icon: str, query: Mapping[str, str] | None = None) -> None:
    """A link to another page; a caption where the page runs alone and knows no others."""
    try:
        st.page_link(path, label=label, icon=icon, query_params=query)
    except (StreamlitAPIException, KeyError):
        st.caption(label)


def _colors() -> str:
    """What the theme's own settings have no words for."""
    theme = st.context.theme.type or "light"
    rules = "".join(
        f'[data-testid="stAlertContainer"]:has([data-testid="stAlertContent{kind}"]){{--tint:{color}}}'
        for kind, color in TINTS[theme].items()
    )
    caption = f'[data-testid="stCaptionContainer"]{{opacity:1;color:{CAPTION[theme]}}}'
    on_primary = (
        '[data-testid^="stBaseButton-primary"],[data-testid="stMultiSelectTagsContainer"] [data-tag]'
        f"{{color:{ON_PRIMARY[theme]}}}"
    )
    return f"<style>{rules}{caption}{on_primary}</style>"


def _take_app_py() -> None:
    """Start over with app.py where Streamlit left it out.

    Before the first `st.navigation` of its process, Streamlit takes a folder called "pages" for an app
    of the older kind: who comes to /documents first would get that page alone, without navigation.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()

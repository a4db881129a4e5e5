"""What every page does first: one frame, and settings that are right."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core.config.settings import Settings
from core.errors import ConfigError
from core.runtime.quiet import quiet_libraries
from pages.components.visitor import as_visitor

# Streamlit's own export of a table leaves cells that begin with "=" as they are: a document's name would
# be a formula. Where a table is worth keeping, the page has a download of its own.
STYLE = """<style>
.stMainBlockContainer{padding-top:4.5rem}
[data-testid="stElementToolbarButton"]:has([aria-label="Download as CSV"]){display:none}
</style>"""
# An icon of our own: Streamlit fetches those of its icon font as favicons from the internet. It is part of
# the page: a file of its own is forgotten with the page that named it, and a slow browser asks in vain.
ICON = "data:image/png;base64," + b64encode(Path(__file__).with_name("icon.png").read_bytes()).decode()
LOGO = Path(__file__).with_name("logo.svg")


def setup_page(title: str, *, wide: bool = False) -> Settings:
    """Set up the page called `title` and return the settings. wide: use the window's whole width.

    A setting that is wrong ends the page here, with the sentence that says what to do. In a shared app
    the settings are those of the visitor, who may have to sign in first.
    """
    _take_app_py()
    st.set_page_config(page_title=f"{title} · Overlap", page_icon=ICON, layout="wide" if wide else "centered")
    st.logo(LOGO, size="large")
    st.html(STYLE)
    quiet_libraries()
    try:
        settings = Settings.from_env()
    except ConfigError as exc:
        st.error(str(exc), icon=":material/settings_alert:")
        st.stop()
    return as_visitor(settings) if settings.is_shared else settings


def _take_app_py() -> None:
    """Start over with app.py where Streamlit left it out.

    Before the first `st.navigation` of its process, Streamlit takes a folder called "pages" for an app
    of the older kind: who comes to /documents first would get that page alone, without navigation.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()

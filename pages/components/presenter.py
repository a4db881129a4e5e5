"""The presenter view: one switch, and a hall sees the headline and the charts, nothing else."""

from __future__ import annotations

import streamlit as st

from pages.components.layout import WITHOUT_NAVIGATION

PRESENT_PARAMETER = "present"
_SWITCH_KEY = "presenter_view"
# Text grows with the window, so that it fits any projector.
_STYLE = (
    f"<style>{WITHOUT_NAVIGATION}</style>"
    + """<style>
.stMainBlockContainer { padding-top: 0.75rem !important; max-width: 1800px; }
.stMainBlockContainer h1 { font-size: clamp(1.7rem, 2.9vw, 3.6rem); line-height: 1.15; padding-top: 0; }
.stMainBlockContainer [data-testid="stAlertContainer"] p { font-size: clamp(1.1rem, 1.5vw, 1.8rem); }
.stMainBlockContainer [data-testid="stCaptionContainer"] p { font-size: clamp(1.05rem, 1.4vw, 1.7rem); }
.stMainBlockContainer [data-testid="stTab"] p { font-size: clamp(1.05rem, 1.4vw, 1.7rem); }
</style>"""
)


def is_presenting() -> bool:
    """Whether the presenter view is on: by the switch, or by `?present=1` before it was touched."""
    switched = st.session_state.get(_SWITCH_KEY)
    return _is_asked() if switched is None else bool(switched)


def presenter_switch() -> bool:
    """Draw the switch, and dress the page for a hall when it is on. Returns whether it is."""
    is_on = st.toggle(
        "Presenter view",
        value=_is_asked(),
        key=_SWITCH_KEY,
        help="Big type for a hall; navigation and settings are hidden until it is switched off.",
    )
    if is_on:
        st.html(_STYLE)
        st.query_params[PRESENT_PARAMETER] = "1"
    else:
        st.query_params.pop(PRESENT_PARAMETER, None)
    return is_on


def _is_asked() -> bool:
    return st.query_params.get(PRESENT_PARAMETER) == "1"

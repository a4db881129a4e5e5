"""Who visits a shared app: somebody who has signed in, or else whoever has this browser."""

from __future__ import annotations

import time
from collections.abc import Mapping

import streamlit as st

from core.config.settings import Settings
from core.errors import OverlapError
from core.hosting.identity import COOKIE, is_secret, new_secret, visitor_of_account, visitor_of_browser
from pages.components.markdown import escaped
from pages.state.app_state import host_of

SECRET_KEY = "visitor_secret"  # stands in for the cookie of a browser that keeps none
SESSION_VISITOR_KEY = "visitor_of_session"


def as_visitor(settings: Settings) -> Settings:
    """The settings of a shared app for this visitor. Ends the page where somebody has to sign in first."""
    if is_sign_in_set_up() and not st.user.is_logged_in:
        _draw_sign_in()
        st.stop()
    visitor = _visitor()
    _leave_no_traces_to(visitor)
    host = host_of(settings)
    assert host is not None
    try:
        host.welcome(visitor, time.time())
    except OverlapError as exc:
        st.warning(escaped(str(exc)), icon=":material/groups:")
        st.stop()
    return settings.for_visitor(visitor)


def is_sign_in_set_up() -> bool:
    """Whether the host has set up sign-in: [auth] in .streamlit/secrets.toml."""
    return hasattr(st.user, "is_logged_in")


def account_name() -> str | None:
    """What the visitor who has signed in is called; None where nobody has to."""
    if not is_sign_in_set_up() or not st.user.is_logged_in:
        return None
    return str(st.user.get("email") or st.user.get("name") or "your account")


def keeps_cookies() -> bool:
    """Whether the visitor is known again after the page is loaded anew."""
    return account_name() is not None or bool(_cookie())


def _cookie() -> str:
    value = st.context.cookies.get(COOKIE)
    return value if isinstance(value, str) and is_secret(value) else ""


def _visitor() -> str:
    if is_sign_in_set_up():
        return visitor_of_account(str(st.user.get("iss", "")), str(st.user["sub"]))
    return visitor_of_browser(_cookie() or st.session_state.setdefault(SECRET_KEY, new_secret()))


def _leave_no_traces_to(visitor: str) -> None:
    """A session that goes on under another account begins anew: it holds the other one's conversation."""
    if st.session_state.get(SESSION_VISITOR_KEY, visitor) != visitor:
        for key in list(st.session_state):
            del st.session_state[key]
    st.session_state[SESSION_VISITOR_KEY] = visitor


def _draw_sign_in() -> None:
    st.title("Overlap")
    st.markdown(
        "Several people use this app. Sign in, and what you upload and ask is kept apart from theirs: "
        "nobody else sees it."
    )
    for name in _providers():
        label = "Sign in" if name is None else f"Sign in with {escaped(name.capitalize())}"
        st.button(
            label,
            type="primary",
            icon=":material/login:",
            key=f"sign_in-{name or ''}",
            on_click=st.login,
            args=() if name is None else (name,),
        )


def _providers() -> list[str | None]:
    """Names of the sections [auth.NAME]; None for what [auth] itself names."""
    auth = st.secrets.get("auth", {})
    found: list[str | None] = [None] if "client_id" in auth else []
    return found + [name for name, value in auth.items() if isinstance(value, Mapping)]


def draw_whose_documents(settings: Settings) -> None:
    """Tell a visitor of a shared app what happens to documents."""
    if not settings.visitor:
        return
    limits = settings.limits
    st.caption(
        f":material/lock: Only you see what you add. It is deleted {limits.idle_hours:,} hours after "
        f"your last visit. Up to {limits.upload_mb:,} MB a file and {limits.documents_per_hour:,} documents "
        "an hour."
    )

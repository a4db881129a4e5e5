"""A visitor of a shared app: who they are here, what they may use, and how to go without a trace."""

from __future__ import annotations

import streamlit as st

from core.config.settings import Settings
from core.errors import OverlapError
from pages.components.markdown import escaped
from pages.components.visitor import account_name, keeps_cookies
from pages.state.app_state import host_of

DELETED_KEY = "visit_deleted"


def draw_visit(settings: Settings) -> None:
    """Who the visitor is, the limits, and the button that deletes all that is theirs."""
    if st.session_state.pop(DELETED_KEY, False):
        st.success("All that was yours is deleted.", icon=":material/delete:")
    st.header("Your visit")
    name = account_name()
    st.markdown(
        "Several people use this app. Your knowledge bases, questions and benchmarks are yours alone: "
        "other visitors do not see them. Who runs this app can."
    )
    if name is not None:
        st.markdown(f"You are signed in as **{escaped(name)}**.")
        st.button("Sign out", icon=":material/logout:", key="sign_out", on_click=st.logout)
    elif keeps_cookies():
        st.caption("You are known by a cookie of this browser; without it, what you added is out of reach.")
    else:
        st.warning(
            "Your browser keeps no cookie of this app: when the page is loaded anew, what you added is "
            "out of reach. Allow cookies to keep it.",
            icon=":material/cookie_off:",
        )
    _limits(settings)
    _delete(settings)


def _limits(settings: Settings) -> None:
    limits = settings.limits
    rows = {
        "Knowledge bases": f"{limits.knowledge_bases:,}",
        "Chunks of all documents": f"{limits.chunks:,}",
        "Documents": f"{limits.documents_per_hour:,} an hour, {limits.upload_mb_per_hour:,} MB together",
        "One document": f"up to {limits.upload_mb:,} MB",
        "Uploaded and not added yet": f"up to {limits.held_mb:,} MB",
        "Questions": f"{limits.questions_per_minute:,} a minute, {limits.questions_per_hour:,} an hour",
        "Measurements": f"{limits.measurements_per_hour:,} an hour; one benchmark at a time",
        "One benchmark": f"up to {limits.bench_count:,} operations a trial, {limits.bench_minutes:,} minutes",
        "Kept until": f"{limits.idle_hours:,} hours after your last visit",
    }
    with st.expander("What you may use", icon=":material/rule:"):
        st.table({"What": list(rows), "How much": list(rows.values())})


def _delete(settings: Settings) -> None:
    with st.popover("Delete everything of mine", icon=":material/delete_forever:"):
        st.markdown(
            "What is going on is stopped, and all your knowledge bases, documents and saved runs are "
            "deleted. There is no way back."
        )
        if st.button("Delete it all", type="primary", key="delete_everything"):
            try:
                with st.spinner("Stopping what is going on, then deleting…"):
                    host = host_of(settings)
                    assert host is not None
                    host.delete(settings.visitor)
            except OverlapError as exc:
                st.error(escaped(str(exc)), icon=":material/error:")
                return
            for key in list(st.session_state):
                del st.session_state[key]
            st.session_state[DELETED_KEY] = True
            st.rerun()

"""Overlap: ask your documents, and see why async wins. `streamlit run app.py`.

The server loads this file once, for the guard that each request passes; then it runs it for every visit,
for the navigation.
"""

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.config import Settings
from core.errors import ConfigError
from core.hosting.guard import Guard
from core.installed import MissingPackageError, requirements_met
from core.limits import SharedLimits
from pages.shared.kept_answers import keep_answers
from pages.shared.uploads import held_bytes


def limits() -> SharedLimits | None:
    """The limits of a host that lets strangers in; None where nobody else does."""
    try:
        settings = Settings.from_env()
    except ConfigError:
        return None  # every page says so
    return settings.limits if settings.is_shared else None


def draw() -> None:
    """The navigation and the page that the visitor is on, once all that pages need is installed."""
    page = st.navigation(
        [
            st.Page("pages/ask.py", title="Ask", default=True),
            st.Page("pages/documents.py", title="Documents"),
            st.Page("pages/knowledge_bases.py", title="Knowledge bases"),
            st.Page("pages/evaluate.py", title="Evaluate"),
            st.Page("pages/benchmark.py", title="Benchmark"),
            st.Page("pages/runs.py", title="Runs"),
            st.Page("pages/system.py", title="System"),
        ],
        position="top",
    )
    try:
        with requirements_met():
            page.run()
    except MissingPackageError as exc:
        st.error(str(exc), icon=":material/deployed_code_alert:")


if get_script_run_ctx(suppress_warning=True) is None:
    keep_answers()
    hosts = Middleware(
        Guard,
        allowed_hosts=lambda: st.get_option("server.allowedHosts"),
        limits=limits(),
        held_bytes=held_bytes,
    )
    app = st.App(__file__, middleware=[hosts])
else:
    draw()

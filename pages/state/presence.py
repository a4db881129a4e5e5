"""Whether the page in a browser that began something is still open."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

Presence = Callable[[], bool]


def session_id() -> str:
    """The page in the browser that this run draws; "" outside of one."""
    context = get_script_run_ctx(suppress_warning=True)
    return "" if context is None else context.session_id


def presence() -> Presence:
    """Whether this visitor's tab is still connected; always, where no server runs."""
    session = session_id()
    return lambda: not (session and Runtime.exists()) or Runtime.instance().is_active_session(session)

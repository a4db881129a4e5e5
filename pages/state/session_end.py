"""What a page in a browser holds of the process, given back when it is not needed any more.

Streamlit 1.67 makes an event loop for each session: three file descriptors. It closes them when the session
is shut down, yet one whose visitor has left is only dropped from the sessions that wait for their visitors'
return, and waits for a garbage collection; that seldom comes. So do the files that the visitor uploaded.
"""

from __future__ import annotations

import asyncio
from typing import Any

from streamlit.runtime import app_session, memory_session_storage, websocket_session_manager
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.scriptrunner import RerunData, ScriptRunnerEvent
from streamlit.runtime.session_manager import SessionInfo, SessionStorage

MAX_AWAY = 128  # as many as Streamlit's own storage keeps


class LightSession(AppSession):
    """A session that has an event loop only while its page is drawn: three hundred may be open at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._script_event_loop.close()

    def _create_scriptrunner(self, initial_rerun_data: RerunData) -> None:
        if self._script_event_loop.is_closed():
            self._script_event_loop = asyncio.new_event_loop()
        super()._create_scriptrunner(initial_rerun_data)

    def _handle_scriptrunner_event_on_event_loop(
        self, sender: Any, event: ScriptRunnerEvent, *args: Any, **kwargs: Any
    ) -> None:
        super()._handle_scriptrunner_event_on_event_loop(sender, event, *args, **kwargs)
        if event == ScriptRunnerEvent.SHUTDOWN and self._scriptrunner is None:
            app_session._close_script_event_loop(self._script_event_loop)


class SessionsAway(SessionStorage):
    """Sessions whose connection is gone, for a visitor who comes back soon; then they are shut down."""

    def __init__(self, ttl_seconds: float = 120, maxsize: int = MAX_AWAY) -> None:
        self._ttl_s, self._most = ttl_seconds, maxsize
        self._sessions: dict[str, SessionInfo] = {}

    def get(self, session_id: str) -> SessionInfo | None:
        """The session whose connection is gone; None where it was shut down since, or never was here."""
        return self._sessions.get(session_id)

    def save(self, session_info: SessionInfo) -> None:
        """Keep it for a while. Called on the server's event loop."""
        self._sessions[session_info.session.id] = session_info
        asyncio.get_running_loop().call_later(self._ttl_s, self._end, session_info)
        if len(self._sessions) > self._most:
            self._end(next(iter(self._sessions.values())))

    def delete(self, session_id: str) -> None:
        """Forget a session that has come back, without shutting it down.

        Raises:
            KeyError: When it is not here.
        """
        del self._sessions[session_id]

    def list(self) -> list[SessionInfo]:
        """All that are here, the one longest away first."""
        return list(self._sessions.values())

    def _end(self, info: SessionInfo) -> None:
        # A visitor who came back, and left again, has a newer one.
        if self._sessions.get(info.session.id) is info:
            del self._sessions[info.session.id]
            info.session.shutdown()


def end_sessions() -> None:
    """From now on, sessions of this process give back what they hold."""
    vars(websocket_session_manager)[AppSession.__name__] = LightSession
    vars(memory_session_storage)[MemorySessionStorage.__name__] = SessionsAway

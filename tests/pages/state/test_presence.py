from __future__ import annotations

from pages.state.presence import presence, session_id


def test_without_a_server_there_is_no_session_and_nobody_counts_as_gone() -> None:
    assert session_id() == ""
    assert presence()()

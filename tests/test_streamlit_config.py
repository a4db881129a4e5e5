""".streamlit/config.toml does what it is there for."""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed


def test_whatever_is_large_is_sent_each_time_and_not_by_a_name_that_a_browser_may_have_forgotten() -> None:
    message = ForwardMsg()
    message.delta.new_element.markdown.body = "x" * 10_000_000
    populate_hash_if_needed(message)
    assert not message.metadata.cacheable

"""What a new run of a page may not take out of the queue of messages to its browser."""

from __future__ import annotations

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session

from core.hosting.uploads import uploads
from pages.state.kept_answers import KeptAnswers, keep_answers


def where_to_send(session: str = "page", file: str = "file") -> ForwardMsg:
    message = ForwardMsg()
    url = f"/_stcore/upload_file/{session}/{file}"
    message.file_urls_response.file_urls.add(file_id=file, upload_url=url)
    return message


def a_text() -> ForwardMsg:
    message = ForwardMsg()
    message.delta.new_element.text.body = "drawn"
    return message


@pytest.mark.parametrize("fragments", [None, ["fragment"]])
def test_answer_outlives_a_new_run_once(fragments: list[str] | None) -> None:
    queue = KeptAnswers()
    queue.enqueue(where_to_send())
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    assert [message.WhichOneof("type") for message in queue.flush()] == ["file_urls_response"]
    assert queue.is_empty()


def test_what_the_last_run_drew_does_not_outlive_it() -> None:
    queue = KeptAnswers()
    queue.enqueue(a_text())
    queue.clear(retain_lifecycle_msgs=True)
    queue.enqueue(a_text())
    assert len(queue.flush()) == 1


def test_promised_file_is_waited_for() -> None:
    KeptAnswers().enqueue(where_to_send("a page", "a file"))
    assert uploads.pending("a page") == {"a file"}
    uploads.settle("a page", ["a file"])


def test_sessions_get_such_a_queue() -> None:
    keep_answers()
    assert vars(app_session)["ForwardMsgQueue"] is KeptAnswers

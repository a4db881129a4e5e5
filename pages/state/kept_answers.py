"""Answers that the browser waits for, kept while the page is drawn anew.

The browser asks where to send a file before it sends it. Streamlit 1.67 puts the answer into the session's
queue of messages, and empties that queue at the start of each run: an answer that has not left by then is
gone, the browser waits for ever, and the file is lost without a word. While the model loads, one in twelve.
"""

from __future__ import annotations

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from core.hosting.uploads import uploads

ANSWERS = ("file_urls_response", "backend_operation_response")


class KeptAnswers(ForwardMsgQueue):
    """A session's queue of messages, in which a new run does not take the place of an answer."""

    def enqueue(self, msg: ForwardMsg) -> None:
        """Take a message; one that tells the browser where to upload is noted as a promise of its files."""
        for urls in msg.file_urls_response.file_urls:
            *_, session, file = urls.upload_url.split("/")
            uploads.promise(session, file)
        super().enqueue(msg)

    def clear(
        self, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        """Empty the queue; with `retain_lifecycle_msgs` answers stay, and come first."""
        answers = [msg for msg in self._queue if _is_answer(msg)] if retain_lifecycle_msgs else []
        super().clear(retain_lifecycle_msgs, fragment_ids_this_run)
        self._queue = answers + [msg for msg in self._queue if not _is_answer(msg)]


def keep_answers() -> None:
    """From now on, sessions of this process have such a queue."""
    vars(app_session)[ForwardMsgQueue.__name__] = KeptAnswers


def _is_answer(msg: ForwardMsg) -> bool:
    return msg.WhichOneof("type") in ANSWERS

"""A visitor of the Ask page: fills the knowledge base, asks, waits, stops."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.documents.sources.incoming import IncomingFile
from core.knowledge_base import KnowledgeBase
from core.runtime import event_loop
from pages.ask import JOB_KEY
from tests.openai_server import OpenAIServer

LIGHTHOUSE = "The lighthouse was built in 1897. It is 37 metres high and still in service."


def fill(kb: KnowledgeBase, text: str = LIGHTHOUSE, name: str = "harbour.txt") -> None:
    file = IncomingFile(name=name, size_bytes=len(text), read=text.encode)
    event_loop.run(kb.ingest_job([file]).run())


def ask(page: AppTest, question: str) -> AppTest:
    page.chat_input[0].set_value(question).run()
    return finished(page)


def finished(page: AppTest) -> AppTest:
    # A quick answer may be in the history before its run has ended.
    if JOB_KEY in page.session_state:
        page.session_state[JOB_KEY].wait()
    return page.run()


def stopped(page: AppTest, model_server: OpenAIServer) -> AppTest:
    """Stop an answer that streams in."""
    assert model_server.streaming.wait(20)
    page.button(key="answer_stop").click().run()
    return page.run()

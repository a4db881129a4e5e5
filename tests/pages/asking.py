"""A visitor of the Ask page: fills the knowledge base, asks, waits, stops."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.documents.sources.incoming import IncomingFile
from core.knowledge_base import KnowledgeBase
from core.runtime import event_loop
from pages.views.ask.answer_job import AnswerJob
from pages.views.ask.chat import CHAT_KEY, Chat
from pages.views.ask.sent_files import SentFiles
from tests.openai_server import OpenAIServer

QUESTION = "How high is the lighthouse?"
LIGHTHOUSE = "The lighthouse was built in 1897. It is 37 metres high and still in service."


def fill(kb: KnowledgeBase, text: str = LIGHTHOUSE, name: str = "harbour.txt") -> None:
    file = IncomingFile(name=name, size_bytes=len(text), read=text.encode)
    event_loop.run(kb.new_ingest([file]).run())


def chat_of(page: AppTest) -> Chat:
    chat: Chat = page.session_state[CHAT_KEY]
    return chat


def answer_of(page: AppTest) -> AnswerJob:
    """The answer at work."""
    job = chat_of(page).job
    assert job is not None
    return job


def sent_of(page: AppTest) -> SentFiles:
    """The files that are going in."""
    sent = chat_of(page).sent
    assert sent is not None
    return sent


def ask(page: AppTest, question: str) -> AppTest:
    page.chat_input[0].set_value(question).run()
    return finished(page)


def answered(open_page: Callable[[str], AppTest], kb: KnowledgeBase) -> AppTest:
    """The Ask page with `QUESTION` asked of one document, and answered."""
    fill(kb)
    return ask(open_page("ask"), QUESTION)


def finished(page: AppTest) -> AppTest:
    # A quick answer may be in the history before its run has ended.
    for job in (chat_of(page).job, chat_of(page).beside):
        if job is not None:
            job.wait()
    return page.run()


def answering(page: AppTest, model_server: OpenAIServer, question: str) -> AppTest:
    """Ask for an answer that has no end, and wait until it streams in."""
    model_server.behaviour = "endless"
    page.chat_input[0].set_value(question).run()
    assert model_server.streaming.wait(20)
    return page


def stopped(page: AppTest, model_server: OpenAIServer) -> AppTest:
    """Stop an answer that streams in."""
    assert model_server.streaming.wait(20)
    page.button(key="answer_stop").click().run()
    return page.run()


def send_files(page: AppTest, question: str, *files: tuple[str, bytes]) -> AppTest:
    """Send files with a question through the chat, and wait until all is done."""
    field = page.chat_input[0]
    for name, content in files:
        field.upload(name, content)
    page = field.set_value(question).run()
    return settled(page)


def settled(page: AppTest) -> AppTest:
    """The page once its files are in and its question is answered."""
    if chat_of(page).sent is not None:
        sent_of(page).wait(60)
    return finished(page.run()) if question_is_open(page) else page.run()


def question_is_open(page: AppTest) -> bool:
    """Whether a question is being answered."""
    return chat_of(page).job is not None

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core import loop
from core.config import Settings
from core.documents.pipeline import IncomingFile
from core.knowledge import KnowledgeBase
from pages.ask import HISTORY_KEY, JOB_KEY
from pages.shared.resources import open_knowledge_base
from tests.openai_server import OpenAIServer
from tests.pages.conftest import ROOT, OpenPage, texts

LIGHTHOUSE = "The lighthouse was built in 1897. It is 37 metres high and still in service."


def _fill(kb: KnowledgeBase, text: str = LIGHTHOUSE, name: str = "harbour.txt") -> None:
    file = IncomingFile(name=name, size_bytes=len(text), read=text.encode)
    loop.run(kb.ingest_job([file]).run())


def _ask(page: AppTest, question: str) -> AppTest:
    page.chat_input[0].set_value(question).run()
    return _finished(page)


def _finished(page: AppTest) -> AppTest:
    # A quick answer may be in the history before its run has ended.
    if JOB_KEY in page.session_state:
        page.session_state[JOB_KEY].future.exception()
    return page.run()


def test_empty_knowledge_base_invites_to_upload_or_to_load_the_samples(open_page: OpenPage) -> None:
    page = open_page("ask")
    assert not page.exception
    assert "Nothing here yet" in texts(page)
    assert [button.label for button in page.button] == ["Upload documents", "Load the sample documents"]


def test_question_is_answered_with_numbered_sources(open_page: OpenPage, kb: KnowledgeBase) -> None:
    _fill(kb)
    page = _ask(open_page("ask"), "How high is the lighthouse?")
    assert not page.exception
    assert "37 metres" in texts(page)
    assert "Extractive answer" in texts(page)
    (source,) = page.expander
    assert source.label.startswith("**\\[1\\]** harbour\\.txt · cosine similarity 0.")
    assert source.text[0].value == LIGHTHOUSE


def test_history_survives_reruns(open_page: OpenPage, kb: KnowledgeBase) -> None:
    _fill(kb)
    page = _ask(open_page("ask"), "How high is the lighthouse?")
    page = _ask(page, "When was it built?").run()
    assert [message.name for message in page.chat_message] == ["user", "assistant"] * 2


def test_unrelated_question_says_that_nothing_was_found(open_page: OpenPage, kb: KnowledgeBase) -> None:
    _fill(kb)
    page = _ask(open_page("ask"), "What is the capital of Mongolia?")
    assert "I found nothing about this" in texts(page)
    assert not page.expander


def test_markup_in_questions_names_and_texts_is_shown_as_text(open_page: OpenPage, kb: KnowledgeBase) -> None:
    evil = (
        "<script>alert(1)</script> The **bold** lighthouse costs $5 and $6 :red[now] ![x](http://evil/x.png)."
    )
    _fill(kb, evil, name="<b>x.txt")
    page = _ask(open_page("ask"), "<img src=x> How much does the lighthouse cost?")
    assert page.text[0].value == "<img src=x> How much does the lighthouse cost?"
    assert page.expander[0].text[0].value == evil
    assert "\\<b\\>x" in page.expander[0].label
    shown = "\n".join(markdown.value for markdown in page.markdown)
    assert "\\*\\*bold\\*\\*" in shown and "\\$5" in shown and "\\!\\[x\\]" in shown


@pytest.fixture
def model_server(openai_server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> OpenAIServer:
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.base_url)
    monkeypatch.setenv("LLM_MODEL", "stand-in")
    return openai_server


def test_model_answers_where_one_is_set(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    page = _ask(open_page("ask"), "How high is the lighthouse?")
    assert "Async overlaps waiting [1]." in texts(page)
    assert "Extractive answer" not in texts(page)


def test_failing_model_shows_sentence_sources_and_retry(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    model_server.behaviour = "429"
    page = _ask(open_page("ask"), "How high is the lighthouse?")
    assert "slow down" in page.error[0].value
    assert page.expander
    model_server.behaviour = "answer"
    page.button(key="retry").click().run()
    page = _finished(page)
    assert not page.error
    assert "Async overlaps waiting" in texts(page)
    assert len(page.session_state[HISTORY_KEY]) == 1


def test_stopped_answer_is_kept_and_marked(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    model_server.behaviour = "endless"
    page = open_page("ask")
    page.chat_input[0].set_value("How high is the lighthouse?").run()
    assert model_server.streaming.wait(20)
    page.button(key="answer_stop").click().run()
    page.run()
    assert "Stopped. What came is kept." in texts(page)
    assert "Async overlaps waiting" in texts(page)
    assert model_server.disconnected.wait(10)


def test_answering_disables_the_input(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    model_server.behaviour = "endless"
    page = open_page("ask")
    page.chat_input[0].set_value("How high is the lighthouse?").run()
    assert page.chat_input[0].disabled
    page.session_state[JOB_KEY].stop()


def test_unreachable_milvus_is_one_sentence_without_traceback(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILVUS_URI", "http://127.0.0.1:1")
    page = AppTest.from_file(str(ROOT / "pages/ask.py"), default_timeout=60).run()
    open_knowledge_base(Settings.from_env()).exception()
    page.run()
    assert not page.exception
    assert "does not answer" in page.error[0].value


def test_wrong_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILVUS_URI", "nonsense")
    page = AppTest.from_file(str(ROOT / "pages/ask.py"), default_timeout=60).run()
    assert "MILVUS_URI" in page.error[0].value
    assert not page.chat_input

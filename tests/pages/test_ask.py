from __future__ import annotations

import threading

import pytest

from core.answers.retrieval import DEFAULT_RETRIEVAL
from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.knowledge_base import KnowledgeBase
from pages.state.ingests import Filling, start_ingest
from pages.state.opened import open_knowledge_base
from pages.views.ask.answer_job import AnswerJob
from tests.openai_server import OpenAIServer
from tests.pages.asking import LIGHTHOUSE, answer_of, answering, ask, chat_of, fill, finished, stopped
from tests.pages.conftest import OpenPage, ingested, texts
from tests.pages.page_test import page_test


def test_question_waits_for_the_first_passages_of_documents_on_their_way(open_page: OpenPage) -> None:
    go_on = threading.Event()

    def read() -> bytes:
        assert go_on.wait(30)
        return LIGHTHOUSE.encode()

    settings = Settings.from_env()
    start_ingest(settings, [IncomingFile(name="harbour.txt", size_bytes=len(LIGHTHOUSE), read=read)])
    page = open_page("ask")
    assert "Nothing here yet" not in texts(page)
    page.chat_input[0].set_value("How high is the lighthouse?").run()
    assert answer_of(page).is_running
    go_on.set()
    page = finished(page)
    assert "37 metres" in texts(page)


def test_question_for_documents_that_never_come_is_answered_all_the_same(open_page: OpenPage) -> None:
    go_on = threading.Event()

    def read() -> bytes:
        assert go_on.wait(30)
        raise OSError("the disk is away")

    settings = Settings.from_env()
    start_ingest(settings, [IncomingFile(name="harbour.txt", size_bytes=9, read=read)])
    page = open_page("ask")
    page.chat_input[0].set_value("How high is the lighthouse?").run()
    go_on.set()
    page = finished(page)
    assert "There is nothing to search in yet" in texts(page)
    assert "still going in" not in texts(page)


def test_answer_says_that_documents_were_still_going_in(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    go_on = threading.Event()

    def read() -> bytes:
        assert go_on.wait(30)
        return b"Late text."

    settings = Settings.from_env()
    page = open_page("ask")
    start_ingest(settings, [IncomingFile(name="late.txt", size_bytes=9, read=read)])
    page = ask(page, "How high is the lighthouse?")
    assert "37 metres" in texts(page)
    assert "Documents were still going in" in texts(page)
    go_on.set()
    ingested(settings)
    assert "still going in" not in texts(ask(page, "When was it built?")).split("When was it built?")[-1]


def test_question_is_answered_with_numbered_sources(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    page = ask(open_page("ask"), "How high is the lighthouse?")
    assert not page.exception
    assert "37 metres" in texts(page)
    assert "Extractive answer" in texts(page)
    (source,) = page.expander
    assert source.label.startswith("**\\[1\\]** harbour\\.txt · cosine similarity 0.")
    assert source.text[0].value == LIGHTHOUSE


def test_unrelated_question_says_that_nothing_was_found(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    page = ask(open_page("ask"), "What is the capital of Mongolia?")
    assert "I found nothing about this" in texts(page)
    assert not page.expander


def test_markup_in_questions_names_and_texts_is_shown_as_text(open_page: OpenPage, kb: KnowledgeBase) -> None:
    evil = (
        "<script>alert(1)</script> The **bold** lighthouse costs $5 and $6 :red[now] ![x](http://evil/x.png)."
    )
    fill(kb, evil, name="<b>x.txt")
    page = ask(open_page("ask"), "<img src=x> How much does the lighthouse cost?")
    assert page.text[0].value == "<img src=x> How much does the lighthouse cost?"
    assert page.expander[0].text[0].value == evil
    assert "\\<b\\>x" in page.expander[0].label
    shown = "\n".join(markdown.value for markdown in page.markdown)
    assert "\\*\\*bold\\*\\*" in shown and "\\$5" in shown and "\\!\\[x\\]" in shown


def test_model_answers_where_one_is_set(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = ask(open_page("ask"), "How high is the lighthouse?")
    assert "Async overlaps waiting [\\[1\\]](#cite-0-1)." in texts(page)
    assert "Extractive answer" not in texts(page)


def test_failing_model_shows_sentence_sources_and_retry(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    model_server.behaviour = "429"
    page = ask(open_page("ask"), "How high is the lighthouse?")
    assert "slow down" in page.error[0].value
    assert page.expander
    model_server.behaviour = "answer"
    page.button(key="regenerate").click().run()
    page = finished(page)
    assert not page.error
    assert "Async overlaps waiting" in texts(page)
    assert len(chat_of(page).turns) == 1


def test_stopped_answer_is_kept_and_marked(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = answering(open_page("ask"), model_server, "How high is the lighthouse?")
    page = stopped(page, model_server)
    assert "Stopped. What came is kept." in texts(page)
    assert "Async overlaps waiting" in texts(page)
    assert model_server.disconnected.wait(10)


def test_answering_disables_the_input(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = answering(open_page("ask"), model_server, "How high is the lighthouse?")
    assert page.chat_input[0].disabled
    answer_of(page).stop()


def test_documents_are_read_again_with_the_answer_not_with_the_question(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    model_server.behaviour = "endless"
    page = open_page("ask")
    fill(kb, "The ferry sails at noon.", name="ferry.txt")
    page.chat_input[0].set_value("How high is the lighthouse?").run()
    assert "1 document · 1 chunk" in texts(page)
    page = stopped(page, model_server)
    assert "2 documents · 2 chunks" in texts(page)


def test_document_that_is_only_partly_in_is_said_in_the_head(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    fill(kb, "The ferry sails at noon and comes back in the evening. " * 60, name="ferry.txt")
    assert "only partly in" not in texts(open_page("ask"))
    store = kb.store
    store.client.delete(store.info.collection, filter="position > 0")
    assert "1 document is only partly in" in texts(open_page("ask"))


def test_unreachable_milvus_is_one_sentence_without_traceback(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILVUS_URI", "http://127.0.0.1:1")
    page = page_test("ask").run()
    open_knowledge_base(Settings.from_env()).exception()
    page.run()
    assert not page.exception
    assert "does not answer" in page.error[0].value


def test_wrong_setting_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILVUS_URI", "nonsense")
    page = page_test("ask").run()
    assert "MILVUS_URI" in page.error[0].value
    assert not page.chat_input


def test_question_waits_for_documents_that_are_still_going_in(kb: KnowledgeBase) -> None:
    fill(kb, "The bakery opens at seven in the morning, on Sundays at eight.", "bakery.txt")
    are_all_in = threading.Event()
    job = AnswerJob(
        "When was the lighthouse built?",
        open_knowledge_base(Settings.from_env()),
        retrieval=DEFAULT_RETRIEVAL,
        llm_settings=None,
        knowledge_base_name="default",
        filling=lambda: Filling.NOT if are_all_in.is_set() else Filling.IN_PART,
    ).start()
    while not job.is_waiting_for_documents:
        assert job.is_running
        job.wait(0.01)
    # It does not say meanwhile that it found nothing.
    assert job.text == ""
    fill(kb)
    are_all_in.set()
    job.wait(30)
    assert "1897" in job.answer.text
    assert not job.was_filling

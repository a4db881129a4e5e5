from __future__ import annotations

import threading

import pytest
from streamlit.testing.v1 import AppTest

from core import loop
from core.config import Settings
from core.conversation import as_markdown
from core.documents.pipeline import IncomingFile
from core.knowledge import KnowledgeBase
from pages.ask import BESIDE_KEY, JOB_KEY, OPEN_KEY, TURNS_KEY
from pages.shared.resources import ingest_future, open_knowledge_base, start_ingest
from pages.shared.turn_view import NUM_WHOLE_TURNS
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


def _stopped(page: AppTest, model_server: OpenAIServer) -> AppTest:
    """Stop an answer that streams in."""
    assert model_server.streaming.wait(20)
    page.button(key="answer_stop").click().run()
    return page.run()


def test_empty_knowledge_base_invites_to_upload_or_to_load_the_samples(open_page: OpenPage) -> None:
    page = open_page("ask")
    assert not page.exception
    assert "Nothing here yet" in texts(page)
    assert [button.label for button in page.button] == ["Upload documents", "Load the sample documents"]


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
    assert not page.session_state[JOB_KEY].future.done()
    go_on.set()
    page = _finished(page)
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
    page = _finished(page)
    assert "I found nothing about this" in texts(page)
    assert "still going in" not in texts(page)


def test_answer_says_that_documents_were_still_going_in(open_page: OpenPage, kb: KnowledgeBase) -> None:
    _fill(kb)
    go_on = threading.Event()

    def read() -> bytes:
        assert go_on.wait(30)
        return b"Late text."

    settings = Settings.from_env()
    page = open_page("ask")
    start_ingest(settings, [IncomingFile(name="late.txt", size_bytes=9, read=read)])
    page = _ask(page, "How high is the lighthouse?")
    assert "37 metres" in texts(page)
    assert "Documents were still going in" in texts(page)
    go_on.set()
    ingest_future(settings).result()
    assert "still going in" not in texts(_ask(page, "When was it built?")).split("When was it built?")[-1]


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


def test_old_answers_keep_their_text_and_show_the_rest_on_request(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    page = open_page("ask")
    for _ in range(NUM_WHOLE_TURNS + 1):
        page = _ask(page, "How high is the lighthouse?")
    assert texts(page).count("37 metres") >= NUM_WHOLE_TURNS + 1
    assert len(page.expander) == NUM_WHOLE_TURNS
    page.toggle(key="whole-0").set_value(True).run()
    assert len(page.expander) == NUM_WHOLE_TURNS + 1
    assert page.button(key="open-0-1")


def test_rating_of_an_answer_outlives_that_it_became_old(open_page: OpenPage, kb: KnowledgeBase) -> None:
    _fill(kb)
    page = _ask(open_page("ask"), "How high is the lighthouse?")
    page.feedback(key="rate-0").set_value(1).run()
    for _ in range(NUM_WHOLE_TURNS):
        page = _ask(page, "When was it built?")
    assert page.session_state[TURNS_KEY][0].rating == "up"


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
    assert "Async overlaps waiting [\\[1\\]](#cite-0-1)." in texts(page)
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
    assert len(page.session_state[TURNS_KEY]) == 1


def test_stopped_answer_is_kept_and_marked(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    model_server.behaviour = "endless"
    page = open_page("ask")
    page.chat_input[0].set_value("How high is the lighthouse?").run()
    page = _stopped(page, model_server)
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


def test_documents_are_read_again_with_the_answer_not_with_the_question(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    model_server.behaviour = "endless"
    page = open_page("ask")
    _fill(kb, "The ferry sails at noon.", name="ferry.txt")
    page.chat_input[0].set_value("How high is the lighthouse?").run()
    assert "1 document · 1 chunk" in texts(page)
    page = _stopped(page, model_server)
    assert "2 documents · 2 chunks" in texts(page)


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


def _answered(open_page: OpenPage, kb: KnowledgeBase) -> AppTest:
    _fill(kb)
    return _ask(open_page("ask"), "How high is the lighthouse?")


def test_citation_opens_its_source_in_its_place(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _answered(open_page, kb)
    assert "[\\[1\\]](#cite-0-1)" in texts(page)
    page.button(key="open-0-1").click().run()
    assert not page.exception
    assert "cosine similarity" in texts(page)
    shown = "\n".join(element.proto.body for element in page.get("html"))
    assert '<mark style="background' in shown and "37 metres high" in shown


def test_source_that_does_not_exist_opens_nothing(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _answered(open_page, kb)
    for wrong in ((0, 99), (7, 1), (0, 0)):
        page.session_state[OPEN_KEY] = wrong
        page.run()
        assert not page.exception
        assert "<mark" not in "\n".join(element.proto.body for element in page.get("html"))


def test_only_named_sources_are_listed_as_used(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    _fill(kb, "The lighthouse keeper cooked soup for the lighthouse guests.", name="soup.txt")
    model_server.words = ["It is 37 metres high [1]."]
    page = _ask(open_page("ask"), "How high is the lighthouse?")
    assert [source.label.split(" ")[1] for source in page.expander] == ["harbour\\.txt"]
    page.toggle(key="more-0").set_value(True).run()
    assert len(page.expander) == 2


def test_refusal_of_the_model_lists_no_source_as_used(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    model_server.words = ["NOT_IN_DOCUMENTS: ", "The documents do not say who painted it."]
    page = _ask(open_page("ask"), "Who painted the lighthouse?")
    assert page.info[0].value == "The documents do not say who painted it."
    assert "1 passage found, none named by the answer:" in texts(page)


def test_follow_up_says_what_was_searched_for(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    page = _ask(open_page("ask"), "When was the lighthouse built?")
    page = _ask(page, "And how high is it?")
    assert "Searched for: How high is the lighthouse?" in texts(page)


def test_question_is_edited_and_replaces_what_came_after(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _answered(open_page, kb)
    page = _ask(page, "When was it built?")
    page.text_area(key="edit-0-How high is the lighthouse?").set_value("How tall is the lighthouse?").run()
    page.button(key="resend-0").click().run()
    page = _finished(page)
    (turn,) = page.session_state[TURNS_KEY]
    assert turn.question == "How tall is the lighthouse?"
    assert "37 metres" in turn.answer.text


def test_answer_is_generated_again_with_new_settings(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _answered(open_page, kb)
    page.slider(key="set_min_relevance").set_value(0.99).run()
    page.button(key="retry").click().run()
    page = _finished(page)
    (turn,) = page.session_state[TURNS_KEY]
    assert turn.answer.is_refusal
    assert turn.retrieval.min_relevance == 0.99


def test_question_is_asked_of_chosen_documents_only(open_page: OpenPage, kb: KnowledgeBase) -> None:
    _fill(kb)
    _fill(kb, "The lighthouse keeper cooked soup for the lighthouse guests.", name="soup.txt")
    page = open_page("ask")
    soup = next(each.id for each in kb.store.documents() if each.file == "soup.txt")
    page.multiselect(key="set_documents").set_value([soup]).run()
    page = _ask(page, "How high is the lighthouse?")
    (turn,) = page.session_state[TURNS_KEY]
    assert {source.file for source in turn.answer.sources} == {"soup.txt"}


def test_rating_and_its_reason_are_in_the_export(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _answered(open_page, kb)
    page.feedback(key="rate-0").set_value(0).run()
    page.text_input(key="why-0").set_value("Too short").run()
    (turn,) = page.session_state[TURNS_KEY]
    assert (turn.rating, turn.reason) == ("down", "Too short")
    assert "Rated down: Too short" in as_markdown([turn])


def test_new_conversation_forgets_the_old_one(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _answered(open_page, kb)
    page.button(key="new_chat").click().run()
    assert not page.chat_message


def test_both_answers_stand_side_by_side(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    page = open_page("ask")
    page.toggle(key="set_both").set_value(True).run()
    page = _ask(page, "How high is the lighthouse?")
    if BESIDE_KEY in page.session_state:
        page.session_state[BESIDE_KEY].future.exception()
        page.run()
    shown = texts(page)
    assert "Async overlaps waiting" in shown and "37 metres high" in shown and "**Extractive**" in shown


def test_receipt_says_where_the_time_went(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = _answered(open_page, kb)
    shown = "\n".join(element.proto.body for element in page.get("html"))
    for part in ("embed the question", "search Milvus", "until the first word", "total"):
        assert part in shown


def test_link_of_a_model_leads_nowhere(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    _fill(kb)
    model_server.words = ["See [this](http://evil.example) and ![x](http://evil.example/x.png) [1]."]
    page = _ask(open_page("ask"), "How high is the lighthouse?")
    assert "[this]\\(http" in texts(page)
    assert "](http" not in texts(page)

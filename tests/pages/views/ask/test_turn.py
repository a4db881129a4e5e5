from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.answers.conversation import as_markdown
from core.config.settings import Settings
from core.knowledge_base import KnowledgeBase
from core.store.collections import create_knowledge_base
from pages.ask import OPEN_KEY
from pages.state.current_kb import KB_KEY
from pages.state.opened import open_knowledge_base
from pages.views.ask.turn import NUM_WHOLE_TURNS
from tests.openai_server import OpenAIServer
from tests.pages.asking import answered, answering, ask, chat_of, fill, finished, stopped
from tests.pages.conftest import OpenPage, texts


def test_citation_opens_its_source_in_its_place(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = answered(open_page, kb)
    assert "[\\[1\\]](#cite-0-1)" in texts(page)
    page.button(key="open-0-1").click().run()
    assert not page.exception
    assert "cosine similarity" in texts(page)
    shown = "\n".join(element.proto.body for element in page.get("html"))
    assert '<mark style="background' in shown and "37 metres high" in shown


def test_passage_that_was_cut_anew_since_is_shown_as_it_was_cited(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    page = answered(open_page, kb)
    (turn,) = chat_of(page).turns
    (source,) = turn.answer.sources
    turn.answer = replace(turn.answer, sources=(replace(source, text="What was cited then."),))
    page.button(key="open-0-1").click().run()
    shown = "\n".join(element.proto.body for element in page.get("html"))
    assert "What was cited then." in shown and "still in service" not in shown
    assert "cut into other passages since" in texts(page)


def test_source_that_does_not_exist_opens_nothing(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = answered(open_page, kb)
    for wrong in ((0, 99), (7, 1), (0, 0)):
        page.session_state[OPEN_KEY] = wrong
        page.run()
        assert not page.exception
        assert "<mark" not in "\n".join(element.proto.body for element in page.get("html"))


def test_only_named_sources_are_listed_as_used(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    fill(kb, "The lighthouse keeper cooked soup for the lighthouse guests.", name="soup.txt")
    model_server.words = ["It is 37 metres high [1]."]
    page = ask(open_page("ask"), "How high is the lighthouse?")
    assert [source.label.split(" ")[1] for source in page.expander] == ["harbour\\.txt"]
    page.toggle(key="more-0").set_value(True).run()
    assert len(page.expander) == 2


def test_refusal_of_the_model_lists_no_source_as_used(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    model_server.words = ["NOT_IN_DOCUMENTS: ", "The documents do not say who painted it."]
    page = ask(open_page("ask"), "Who painted the lighthouse?")
    assert page.info[0].value == "The documents do not say who painted it."
    assert "1 passage found, none named by the answer:" in texts(page)


def test_follow_up_says_what_was_searched_for(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = ask(open_page("ask"), "When was the lighthouse built?")
    page = ask(page, "And how high is it?")
    assert "Searched for: How high is the lighthouse?" in texts(page)


def test_question_is_edited_and_replaces_what_came_after(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = answered(open_page, kb)
    page = ask(page, "When was it built?")
    page.text_area(key="edit-0-How high is the lighthouse?").set_value("How tall is the lighthouse?").run()
    page.button(key="resend-0").click().run()
    page = finished(page)
    (turn,) = chat_of(page).turns
    assert turn.question == "How tall is the lighthouse?"
    assert "37 metres" in turn.answer.text


def test_words_that_come_with_the_click_are_the_ones_that_are_asked(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    page = answered(open_page, kb)
    # A tap on Send ends the typing and clicks, both at once.
    page.text_area(key="edit-0-How high is the lighthouse?").set_value("When was the lighthouse built?")
    page = finished(page.button(key="resend-0").click().run())
    (turn,) = chat_of(page).turns
    assert turn.question == "When was the lighthouse built?" and "1897" in turn.answer.text


def test_choice_of_documents_does_not_follow_into_another_knowledge_base(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = open_page("ask")
    (document,) = kb.store.documents()
    page.multiselect(key="set_documents-default").set_value([document.id]).run()
    _switch_to_another(page, kb)
    page.chat_input[0].upload("ferry.txt", b"The ferry sails at noon.")
    page = finished(page.chat_input[0].set_value("When does the ferry sail?").run())
    (turn,) = chat_of(page).turns
    assert (turn.retrieval.document_ids, turn.answer.sources[0].file) == ((), "ferry.txt")


def test_rating_and_its_reason_are_in_the_export(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = answered(open_page, kb)
    page.feedback(key="rate-0").set_value(0).run()
    page.text_input(key="why-0").set_value("Too short").run()
    (turn,) = chat_of(page).turns
    assert (turn.rating, turn.reason) == ("down", "Too short")
    assert "Rated down: Too short" in as_markdown([turn])


def test_export_has_what_was_typed_last(
    open_page: OpenPage, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: dict[str, Callable[[], str]] = {}
    monkeypatch.setattr(
        st, "download_button", lambda label, make, name, *_, **__: offered.update({name: make})
    )
    page = answered(open_page, kb)
    page.feedback(key="rate-0").set_value(0).run()
    page.text_input(key="why-0").set_value("Too short").run()
    assert "Rated down: Too short" in offered["conversation.md"]()
    assert "Too short" in offered["conversation.json"]()


def test_new_conversation_forgets_the_old_one(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = answered(open_page, kb)
    page.button(key="new_chat").click().run()
    assert not page.chat_message


def test_both_answers_stand_side_by_side(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = open_page("ask")
    page.toggle(key="set_both").set_value(True).run()
    page = ask(page, "How high is the lighthouse?")
    shown = texts(page)
    assert "Async overlaps waiting" in shown and "37 metres high" in shown and "**Extractive**" in shown


def test_receipt_says_where_the_time_went(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = answered(open_page, kb)
    shown = "\n".join(element.proto.body for element in page.get("html"))
    for part in ("embed the question", "search Milvus", "until the first word", "total"):
        assert part in shown


def test_link_of_a_model_leads_nowhere(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    model_server.words = ["See [this](http://evil.example) and ![x](http://evil.example/x.png) [1]."]
    page = ask(open_page("ask"), "How high is the lighthouse?")
    assert "[this]\\(http" in texts(page)
    assert "](http" not in texts(page)


def test_reasoning_is_folded_up_beside_the_answer(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    model_server.words = ["<think>Is it [1]?</think>", "It is **37 m** `a[1]` for $5 [1]."]
    page = ask(open_page("ask"), "How high is the lighthouse?")
    assert page.expander[0].label.startswith("Reasoning")
    assert page.expander[0].text[0].value == "Is it [1]?"
    assert r"It is **37 m** `a[1]` for \$5 [\[1\]](#cite-0-1)." in texts(page)


def test_retry_is_offered_only_where_it_can_help(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    model_server.behaviour = "402"
    page = ask(open_page("ask"), "How high is the lighthouse?")
    assert "no credit left" in page.error[0].value
    assert "regenerate" not in [button.key for button in page.button]
    model_server.behaviour = "500"
    page = ask(page, "How high is the lighthouse?")
    assert page.button(key="regenerate").label == "Retry"


def test_history_survives_reruns(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    page = ask(open_page("ask"), "How high is the lighthouse?")
    page = ask(page, "When was it built?").run()
    assert [message.name for message in page.chat_message] == ["user", "assistant"] * 2


def test_old_answers_keep_their_text_and_show_the_rest_on_request(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = open_page("ask")
    for _ in range(NUM_WHOLE_TURNS + 1):
        page = ask(page, "How high is the lighthouse?")
    assert texts(page).count("37 metres") >= NUM_WHOLE_TURNS + 1
    assert len(page.expander) == NUM_WHOLE_TURNS
    page.toggle(key="whole-0").set_value(True).run()
    assert len(page.expander) == NUM_WHOLE_TURNS + 1
    assert page.button(key="open-0-1")


def test_rating_of_an_answer_outlives_that_it_became_old(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    page = ask(open_page("ask"), "How high is the lighthouse?")
    page.feedback(key="rate-0").set_value(1).run()
    for _ in range(NUM_WHOLE_TURNS):
        page = ask(page, "When was it built?")
    assert chat_of(page).turns[0].rating == "up"


def test_citation_opens_after_a_switch_to_another_knowledge_base(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    page = answered(open_page, kb)
    _switch_to_another(page, kb)
    page.button(key="open-0-1").click().run()
    assert not page.exception
    shown = "\n".join(element.proto.body for element in page.get("html"))
    assert '<mark style="background' in shown and "37 metres high" in shown
    assert "no longer in the knowledge base" not in texts(page)


def test_turn_belongs_to_the_knowledge_base_that_was_asked(
    model_server: OpenAIServer, open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = answering(open_page("ask"), model_server, "How high is the lighthouse?")
    _switch_to_another(page, kb)
    page = stopped(page, model_server)
    assert [turn.knowledge_base for turn in chat_of(page).turns] == ["default"]


def _switch_to_another(page: AppTest, kb: KnowledgeBase) -> None:
    settings = Settings.from_env()
    create_knowledge_base(settings.target, "Letters", model=kb.embedder.name, dim=kb.embedder.dim)
    open_knowledge_base(settings, "Letters").result()
    page.session_state[KB_KEY] = "Letters"
    page.run()

from __future__ import annotations

import json
import threading

from core.answers.conversation import as_json, as_markdown
from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.knowledge_base import KnowledgeBase
from core.runtime.jobs import JobState
from pages.components.uploads import held_bytes
from pages.state.ingests import start_ingest
from pages.views.ask.sent_files import Message, SentFiles
from tests.documents import build_zip
from tests.pages.asking import (
    LIGHTHOUSE,
    QUESTION,
    answer_of,
    chat_of,
    fill,
    finished,
    send_files,
    sent_of,
    settled,
)
from tests.pages.conftest import OpenPage, texts


def test_question_is_answered_from_the_file_that_came_with_it(open_page: OpenPage) -> None:
    page = send_files(open_page("ask"), QUESTION, ("harbour.txt", LIGHTHOUSE.encode()))
    assert not page.exception
    (turn,) = chat_of(page).turns
    assert [source.file for source in turn.answer.sources] == ["harbour.txt"]
    assert [(file.name, file.is_in) for file in turn.files] == [("harbour.txt", True)]
    assert "1 chunk added" in turn.files[0].outcome
    shown = texts(page)
    assert "37 metres" in shown and "harbour\\.txt" in shown and "1 chunk added" in shown
    assert not page.chat_input[0].disabled


def test_question_waits_until_its_own_file_is_in(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb, "The harbour was opened in 1911 by the queen.", "old.txt")
    go_on = threading.Event()
    page = open_page("ask")

    def read() -> bytes:
        assert go_on.wait(30)
        return LIGHTHOUSE.encode()

    file = IncomingFile(name="harbour.txt", size_bytes=len(LIGHTHOUSE), read=read)
    start_ingest(Settings.from_env(), [file])
    page.chat_input[0].upload("crane.txt", b"The crane can lift 40 tonnes.")
    page.chat_input[0].set_value("How much can the crane lift?").run()
    job = sent_of(page)
    assert answer_of(page).is_running and job.is_running
    assert page.chat_input[0].disabled
    go_on.set()
    page = settled(page)
    (turn,) = chat_of(page).turns
    assert turn.answer.sources[0].file == "crane.txt"


def test_file_that_cannot_be_read_is_a_sentence_and_the_question_is_answered(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    page = send_files(open_page("ask"), QUESTION, ("broken.pdf", b"%PDF-1.4 nonsense"))
    (turn,) = chat_of(page).turns
    assert not turn.files[0].is_in and "broken.pdf is damaged" in turn.files[0].outcome
    assert turn.answer.sources[0].file == "harbour.txt"
    shown = texts(page)
    assert shown.count("broken\\.pdf is damaged") == 1 and "37 metres" in shown


def test_files_without_a_question_leave_the_chat_ready(open_page: OpenPage) -> None:
    page = send_files(open_page("ask"), "", ("a.txt", b"First text."), ("b.txt", b"Second text."))
    (turn,) = chat_of(page).turns
    assert turn.question == "" and [file.is_in for file in turn.files] == [True, True]
    assert not page.chat_input[0].disabled
    page = send_files(page, "What is the second text?")
    assert len(chat_of(page).turns) == 2


def test_archive_is_taken_apart(open_page: OpenPage) -> None:
    archive = build_zip({"harbour.txt": LIGHTHOUSE.encode()})
    page = send_files(open_page("ask"), QUESTION, ("all.zip", archive))
    (turn,) = chat_of(page).turns
    assert [file.name for file in turn.files] == ["harbour.txt"] and turn.answer.sources


def test_archive_that_is_none_is_a_sentence(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    page = send_files(open_page("ask"), QUESTION, ("all.zip", b"no archive"))
    (turn,) = chat_of(page).turns
    assert not turn.files[0].is_in and "all.zip" in turn.files[0].outcome
    assert turn.answer.sources


def test_files_that_are_left_out_leave_the_question(open_page: OpenPage, kb: KnowledgeBase) -> None:
    fill(kb)
    page = open_page("ask")
    page.chat_input[0].upload("harbour.txt", b"The lighthouse is 52 metres high.").set_value(QUESTION).run()
    job = sent_of(page)
    asks = threading.Event()
    while not job.conflicts and job.is_running:
        asks.wait(0.02)
    page.run().button(key="sent_none").click().run()
    page = settled(page)
    (turn,) = chat_of(page).turns
    assert turn.files[0].outcome == "was left out." and "37 metres" in turn.answer.text


def test_answer_that_is_asked_for_again_keeps_its_files(open_page: OpenPage) -> None:
    page = send_files(open_page("ask"), QUESTION, ("harbour.txt", LIGHTHOUSE.encode()))
    page.button(key="regenerate").click().run()
    page = finished(page)
    (turn,) = chat_of(page).turns
    assert [file.name for file in turn.files] == ["harbour.txt"]


def test_files_stand_in_the_exports_of_the_conversation(open_page: OpenPage) -> None:
    page = send_files(open_page("ask"), "", ("harbour.txt", LIGHTHOUSE.encode()))
    turns = chat_of(page).turns
    assert json.loads(as_json(turns))["turns"][0]["files"][0]["name"] == "harbour.txt"
    assert "- File harbour.txt: 1 chunk added" in as_markdown(turns)


def message(*, is_open: bool, text: str = LIGHTHOUSE) -> Message:
    file = IncomingFile(name="harbour.txt", size_bytes=len(text), read=text.encode)
    return Message(
        question="", files=[file], knowledge_base="default", session="a-session", is_open=lambda: is_open
    )


def test_abandoned_files_are_let_go_and_counted_as_held_until_then(kb: KnowledgeBase) -> None:
    fill(kb, "Something else, which is longer than the other one.")
    job = SentFiles(Settings.from_env(), message(is_open=False), abandoned_s=0.5).start()
    seen: dict[str, int] = {}
    tick = threading.Event()
    while job.is_running:
        seen |= held_bytes()
        tick.wait(0.02)
    assert seen == {"a-session": len(LIGHTHOUSE)}
    assert job.state is JobState.STOPPED and not held_bytes()
    assert [file.outcome for file in job.outcome] == ["was left out."]
    assert kb.store.count() == 1


def test_files_that_are_left_out_before_they_go_in_do_not(kb: KnowledgeBase) -> None:
    job = SentFiles(Settings.from_env(), message(is_open=True))
    job.stop()
    assert job.start().wait(60) is JobState.STOPPED
    assert kb.store.count() == 0
    assert [file.outcome for file in job.outcome] == ["was left out."]

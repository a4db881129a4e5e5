"""What becomes of files in the conversation, and what somebody has to decide."""

from __future__ import annotations

import threading

import pytest

from core.config.settings import Settings
from core.knowledge_base import KnowledgeBase
from pages.state.ingests import ingest_job
from tests.documents import build_pdf
from tests.pages.asking import (
    QUESTION,
    chat_of,
    fill,
    send_files,
    sent_of,
    settled,
)
from tests.pages.conftest import OpenPage, texts


def test_several_files_that_cannot_be_read_stand_beside_their_answer(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    fill(kb)
    broken = [(f"broken-{number}.pdf", b"%PDF-1.4 nonsense") for number in range(2)]
    page = send_files(open_page("ask"), QUESTION, *broken)
    assert not page.exception
    labels = [button.label for button in page.button]
    assert "Regenerate" in labels
    # What they are does not change by trying again.
    assert not any("again" in label for label in labels)
    assert len(page.error) == 2 and "37 metres" in texts(page)


def test_locked_pdf_is_opened_in_the_conversation(open_page: OpenPage) -> None:
    page = send_files(
        open_page("ask"), "", ("locked.pdf", build_pdf(["The secret is 42."], password="sesame"))
    )
    assert not chat_of(page).turns[0].files[0].is_in
    page.text_input(key="password-of-0").input("sesame")
    next(button for button in page.button if button.label == "Try again").click().run()
    job = ingest_job(Settings.from_env())
    assert job is not None
    job.wait(60)
    page = page.run()
    assert chat_of(page).turns[0].files[0].is_in
    assert "sesame" not in texts(page)


@pytest.mark.parametrize("is_replacing", [True, False])
def test_name_that_is_taken_is_asked_about_first(
    open_page: OpenPage, kb: KnowledgeBase, *, is_replacing: bool
) -> None:
    fill(kb)
    page = open_page("ask")
    page.chat_input[0].upload("harbour.txt", b"The lighthouse is 52 metres high.").set_value(QUESTION).run()
    job = sent_of(page)
    asks = threading.Event()
    while not job.conflicts and job.is_running:
        asks.wait(0.02)
    page = page.run()
    assert "already, with other content" in page.radio(key="sent_same_name").label
    assert kb.store.count() == 1
    page.radio(key="sent_same_name").set_value("replace" if is_replacing else "keep")
    page.button(key="sent_add").click().run()
    page = settled(page)
    assert "52 metres" in texts(page)
    assert kb.store.count() == (1 if is_replacing else 2)

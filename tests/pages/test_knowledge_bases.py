from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.embedding.choices import NANO_SETTING
from core.errors import StoreError
from core.ingest.model_change import ModelChange
from core.knowledge_base import KnowledgeBase
from core.runtime import event_loop
from core.runtime.jobs import JobState
from core.store.collections import (
    knowledge_base_names,
    overview,
    rename_knowledge_base,
)
from pages.state.app_state import jobs
from pages.state.current_kb import KB_KEY
from pages.state.ingests import begin_model_change, ingest_job, model_change, retry_file, start_ingest
from pages.state.opened import forget_knowledge_base, open_knowledge_base
from pages.views.documents.deletion import ASKED_KEY
from tests.pages.conftest import OpenPage, ingested, texts


def _names() -> list[str]:
    return knowledge_base_names(Settings.from_env().target)


def _create(page: AppTest, name: str, description: str = "") -> AppTest:
    page.text_input[0].set_value(name)
    page.text_input[1].set_value(description)
    next(button for button in page.button if button.label == "Create").click().run()
    return page


def test_first_knowledge_base_is_shown_with_what_it_holds(open_page: OpenPage) -> None:
    page = open_page("knowledge_bases")
    assert not page.exception
    shown = texts(page)
    assert "default :blue-badge[open]" in shown
    assert "0 documents · 0 chunks" in shown
    assert "384 dimensions · Milvus Lite · made 2" in shown


def test_name_that_is_refused_is_said_beside_the_form_which_may_be_folded(open_page: OpenPage) -> None:
    page = _create(open_page("knowledge_bases"), "x" * 300)
    assert "this one has 300" in page.error[0].value
    assert not any(expander.error for expander in page.expander)
    assert _names() == ["default"]


def test_new_one_is_made_described_and_opened(open_page: OpenPage) -> None:
    page = _create(open_page("knowledge_bases"), "Contracts", "What we signed.")
    assert not page.exception
    assert "Made “Contracts”" in page.success[0].value
    assert page.session_state[KB_KEY] == "Contracts"
    assert _names() == ["Contracts", "default"]
    assert "What we signed\\." in texts(page.run())


def test_name_that_is_taken_gets_its_sentence_and_is_kept_in_the_field(open_page: OpenPage) -> None:
    page = _create(open_page("knowledge_bases"), "DEFAULT")
    assert "exists already" in page.error[0].value
    assert page.text_input[0].value == "DEFAULT"


def test_renamed_one_stays_open_under_its_new_name(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = open_page("knowledge_bases")
    page.text_input(key="kb_name-default").set_value("Papers")
    next(button for button in page.button if button.label == "Save").click().run()
    assert not page.exception
    assert page.session_state[KB_KEY] == "Papers"
    assert _names() == ["Papers"]


def test_new_one_of_the_old_name_knows_nothing_of_what_went_into_the_renamed_one(
    open_page: OpenPage, kb: KnowledgeBase
) -> None:
    settings = Settings.from_env()
    start_ingest(settings, [IncomingFile(name="bad.pdf", size_bytes=9, read=lambda: b"no PDF")], "default")
    ingested(settings)
    page = open_page("knowledge_bases")
    page.text_input(key="kb_name-default").set_value("Papers")
    next(button for button in page.button if button.label == "Save").click().run()
    _create(page, "default")
    assert ingest_job(settings, "default") is None
    renamed = ingest_job(settings, "Papers")
    assert renamed is not None and renamed.result is not None
    assert renamed.result.files[0].error, "what can be tried again stays with the documents' knowledge base"


def test_refused_name_saves_nothing_of_its_form(open_page: OpenPage) -> None:
    page = _create(open_page("knowledge_bases"), "Contracts", "What was signed.")
    page.text_input(key="kb_name-Contracts").set_value("default")
    page.text_area(key="kb_description-Contracts").set_value("Something else.")
    page.button(key="kb_save-Contracts").click().run()
    assert "exists already" in page.error[0].value
    described = {card.name: card.description for card in overview(Settings.from_env().target)}
    assert described == {"default": "", "Contracts": "What was signed."}


def test_it_is_deleted_only_when_its_name_is_typed(open_page: OpenPage) -> None:
    page = _create(open_page("knowledge_bases"), "Contracts")
    page.text_input(key="kb_typed-Contracts").set_value("contract")
    page.button(key="kb_delete-Contracts").click().run()
    assert "nothing was deleted" in page.error[0].value
    assert "Contracts" in _names()
    page.text_input(key="kb_typed-Contracts").set_value("Contracts")
    page.button(key="kb_delete-Contracts").click().run()
    assert "Deleted “Contracts”" in page.success[0].value
    assert _names() == ["default"]
    assert page.session_state[KB_KEY] == "default"


async def test_emptied_one_has_no_documents(open_page: OpenPage, kb: KnowledgeBase) -> None:
    from core.documents.sources.incoming import IncomingFile
    from core.runtime import event_loop

    files = [IncomingFile(name="a.txt", size_bytes=5, read=lambda: b"Words.")]
    event_loop.run(kb.new_ingest(files).run())
    page = open_page("knowledge_bases")
    page.button(key="kb_empty-default").click().run()
    assert "1 chunk deleted" in page.success[0].value
    assert overview(Settings.from_env().target)[0].num_chunks == 0


NOTE = IncomingFile(name="a.txt", size_bytes=9, read=lambda: b"Some text")


@pytest.fixture
def changing(kb: KnowledgeBase) -> Iterator[Settings]:
    """While the model of the open knowledge base is changed."""
    settings = Settings.from_env()
    change = Waiting(settings, "default", None)
    jobs.begin(ModelChange, f"{settings.target.key}|default", lambda: change)
    yield settings
    change.stop()
    change.wait()


def test_nothing_is_added_while_the_model_is_changed(changing: Settings) -> None:
    with pytest.raises(StoreError, match="is being changed just now"):
        start_ingest(changing, [NOTE])


def test_nothing_is_deleted_while_the_model_is_changed(
    open_page: OpenPage, changing: Settings, kb: KnowledgeBase
) -> None:
    event_loop.run(kb.new_ingest([NOTE]).run())
    (document,) = kb.store.documents()
    page = open_page("documents")
    page.session_state[ASKED_KEY] = (document.id,)
    page.run().button(key="delete_confirmed").click().run()
    assert "is being changed just now" in page.error[0].value
    assert kb.store.count() == 1


def test_samples_are_not_loaded_while_the_model_is_changed_and_it_is_said(
    open_page: OpenPage, changing: Settings
) -> None:
    page = open_page("ask")
    next(button for button in page.button if button.label == "Load the sample documents").click().run()
    assert not page.exception
    assert any("is being changed just now" in warning.value for warning in page.warning)


def test_nothing_is_tried_again_while_the_model_is_changed(kb: KnowledgeBase) -> None:
    settings = Settings.from_env()
    broken = IncomingFile(name="a.pdf", size_bytes=3, read=lambda: b"no!")
    start_ingest(settings, [broken])
    ingest = ingested(settings).ingest
    change = Waiting(settings, "default", None)
    jobs.begin(ModelChange, f"{settings.target.key}|default", lambda: change)
    with pytest.raises(StoreError, match="is being changed just now"):
        retry_file(settings, ingest, 0)
    change.stop()
    change.wait()


def test_model_is_not_changed_while_documents_are_added(kb: KnowledgeBase) -> None:
    settings, may_be_read = Settings.from_env(), threading.Event()

    def read() -> bytes:
        may_be_read.wait()
        return b"Some text"

    start_ingest(settings, [replace(NOTE, read=read)])
    try:
        with pytest.raises(StoreError, match="Documents are being added"):
            begin_model_change(settings, "default", NANO_SETTING)
    finally:
        may_be_read.set()
        ingested(settings)
    assert model_change(settings, "default") is None


@pytest.mark.parametrize("opened_as", ["DEFAULT", "default"])
def test_documents_that_go_in_under_another_spelling_or_the_first_name_count(
    kb: KnowledgeBase, opened_as: str
) -> None:
    settings, may_be_read = Settings.from_env(), threading.Event()
    name = "default"
    if opened_as == "default":
        name = rename_knowledge_base(settings.target, "default", "Papers")
        forget_knowledge_base(settings, "default")

    def read() -> bytes:
        may_be_read.wait()
        return b"Some text"

    start_ingest(settings, [replace(NOTE, read=read)], opened_as)
    try:
        with pytest.raises(StoreError, match="Documents are being added"):
            begin_model_change(settings, name, NANO_SETTING)
        assert not start_ingest(settings, [NOTE], name), "a second one would compete with it"
    finally:
        may_be_read.set()
        ingested(settings, name)


def test_what_is_open_under_several_spellings_is_forgotten_under_each(kb: KnowledgeBase) -> None:
    settings = Settings.from_env()
    shouted = open_knowledge_base(settings, "DEFAULT")
    assert shouted.result().store.info.name == "default"
    forget_knowledge_base(settings, "default")
    assert open_knowledge_base(settings, "DEFAULT") is not shouted


def test_last_ingest_is_forgotten_with_the_model_that_it_was_made_for(kb: KnowledgeBase) -> None:
    settings = Settings.from_env()
    start_ingest(settings, [NOTE])
    ingested(settings)
    begin_model_change(settings, "default", NANO_SETTING)
    job = model_change(settings, "default")
    assert job is not None and job.wait(60) is JobState.DONE
    assert ingest_job(settings) is None


class Waiting(ModelChange):
    """Goes on until it is stopped."""

    async def work(self) -> int:
        await asyncio.to_thread(self.stopping.wait)
        return 0

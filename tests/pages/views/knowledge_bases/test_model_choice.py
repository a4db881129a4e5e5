"""Another embedding model for a knowledge base, chosen on its page."""

from __future__ import annotations

import pytest

from core.config.settings import BUNDLED_MODEL, Settings
from core.documents.sources.incoming import IncomingFile
from core.embedding.choices import NANO_MODEL, NANO_SETTING
from core.knowledge_base import KnowledgeBase
from core.runtime import event_loop
from core.runtime.jobs import JobState
from core.store.collections import (
    create_knowledge_base,
)
from pages.state.ingests import model_change
from pages.state.opened import open_knowledge_base
from tests.pages.conftest import OpenPage, texts


def test_one_of_another_model_is_listed_with_what_to_do_where_a_model_is_asked_for(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_knowledge_base(Settings.from_env().target, "Foreign", model="big-model", dim=16)
    monkeypatch.setenv("EMBED_MODEL", NANO_SETTING)
    open_knowledge_base(Settings.from_env()).result()
    page = open_page("knowledge_bases")
    assert "set EMBED_MODEL" in page.warning[0].value
    assert "big\\-model" in page.warning[0].value
    assert not [button for button in page.button if button.key == "kb_open-Foreign"]


def test_each_opens_with_its_own_model_where_none_is_asked_for(open_page: OpenPage) -> None:
    create_knowledge_base(Settings.from_env().target, "Foreign", model="big-model", dim=16)
    page = open_page("knowledge_bases")
    assert not page.warning
    assert page.button(key="kb_open-Foreign")


def test_model_is_changed_by_a_choice_and_a_click(open_page: OpenPage, kb: KnowledgeBase) -> None:
    file = IncomingFile(name="a.txt", size_bytes=9, read=lambda: b"Some text")
    event_loop.run(kb.new_ingest([file]).run())
    page = open_page("knowledge_bases")
    page.radio(key="kb_model-default").set_value(NANO_SETTING).run()

    page.button(key="kb_change-default").click().run()

    job = model_change(Settings.from_env(), "default")
    assert job is not None and job.wait(60) is JobState.DONE
    page.run()
    assert not page.exception
    assert NANO_MODEL.replace("(", "\\(").replace("-", "\\-").replace(")", "\\)") in texts(page)
    assert ready_model() == NANO_MODEL


def ready_model() -> str:
    """The model of the knowledge base that the app opens now."""
    return open_knowledge_base(Settings.from_env()).result().embedder.name


def test_other_models_of_hugging_face_are_typed(open_page: OpenPage, kb: KnowledgeBase) -> None:
    page = open_page("knowledge_bases")
    page.radio(key="kb_model-default").set_value("other").run()
    page.text_input(key="kb_model_name-default").set_value("/nowhere").run()
    page.button(key="kb_change-default").click().run()
    job = model_change(Settings.from_env(), "default")
    assert job is not None and job.wait(60) is JobState.FAILED
    assert "/nowhere" in page.run().error[0].value
    assert ready_model() == BUNDLED_MODEL

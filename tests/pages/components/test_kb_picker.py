"""The choice between several knowledge bases, and one that is gone."""

from __future__ import annotations

from core.config.settings import Settings
from core.embedding.model import Embedder
from core.store.collections import (
    create_knowledge_base,
    knowledge_base_names,
)
from pages.state.current_kb import KB_KEY
from pages.state.opened import forget_knowledge_base, open_knowledge_base
from tests.pages.conftest import OpenPage


def test_switch_is_offered_on_the_documents_page_and_by_the_address(
    open_page: OpenPage, embedder: Embedder
) -> None:
    page = open_page("documents")
    assert not [box for box in page.selectbox if box.label == "Knowledge base"]
    target = Settings.from_env().target
    create_knowledge_base(target, "Contracts", model=embedder.name, dim=embedder.dim)

    forget_knowledge_base(Settings.from_env(), "Contracts")
    page.run()
    page.selectbox(key="kb_choice").set_value("Contracts").run()
    open_knowledge_base(Settings.from_env(), "Contracts").result()
    page.run()
    assert page.session_state[KB_KEY] == "Contracts"
    assert page.query_params["kb"] in ("Contracts", ["Contracts"])
    page.query_params["kb"] = "default"
    page.run()
    assert page.selectbox(key="kb_choice").value == "default"


def test_one_that_was_deleted_elsewhere_says_so_and_leads_on(open_page: OpenPage, embedder: Embedder) -> None:
    from core.knowledge_base_deletion import delete_knowledge_base

    page = open_page("documents")
    settings = Settings.from_env()
    create_knowledge_base(settings.target, "Contracts", model=embedder.name, dim=embedder.dim)
    page.query_params["kb"] = "Contracts"
    page.run()
    open_knowledge_base(settings, "Contracts").result()
    page.run()
    assert "empty" in page.info[-1].value
    delete_knowledge_base(settings, "Contracts")
    page.run()
    assert not page.exception
    assert "it was deleted" in page.warning[0].value
    page.button(key="open-kb-default").click().run()
    assert "empty" in page.info[-1].value
    assert knowledge_base_names(settings.target) == ["default"]

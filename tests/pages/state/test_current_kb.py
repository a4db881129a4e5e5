"""Which knowledge base a visitor works with."""

from __future__ import annotations

from core.config.settings import Settings
from core.embedding.model import Embedder
from core.store.collections import (
    create_knowledge_base,
)
from pages.state.current_kb import KB_KEY
from pages.state.opened import open_knowledge_base
from tests.pages.conftest import OpenPage


def test_switch_holds_where_the_address_comes_late(open_page: OpenPage, embedder: Embedder) -> None:

    settings = Settings.from_env()
    for name in ("Contracts", "Letters"):
        create_knowledge_base(settings.target, name, model=embedder.name, dim=embedder.dim)
        open_knowledge_base(settings, name).result()
    page = open_page("documents")
    page.query_params["kb"] = "Contracts"
    page.run()
    page.selectbox(key="kb_choice").set_value("Letters").run()
    # What a browser sends that has not heard of the switch yet.
    page.query_params["kb"] = "Contracts"
    page.run()
    assert page.session_state[KB_KEY] == "Letters"
    page.query_params["kb"] = "default"
    page.run()
    assert page.session_state[KB_KEY] == "default"

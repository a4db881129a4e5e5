"""Who visits a shared app."""

from __future__ import annotations

import pytest

from core.answers.conversation import Turn
from core.answers.models import Answer
from pages.components.visitor import SECRET_KEY
from tests.pages.asking import chat_of
from tests.pages.page_test import page_test
from tests.pages.sharing import (
    ANN,
    BEN,
    add_note,
    visit,
)

pytestmark = pytest.mark.usefixtures("shared_app")


def test_session_under_another_account_begins_anew() -> None:
    page = visit(ANN, "ask")
    chat_of(page).turns.append(Turn(question="Ann's", answer=Answer(text="", mode="llm", sources=())))
    page.session_state[SECRET_KEY] = BEN
    page.run()
    assert chat_of(page).turns == []


def test_app_that_is_full_takes_no_new_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERLAP_SHARED_TOTAL_VISITORS", "1")
    add_note(ANN)
    page = page_test("runs")
    page.session_state[SECRET_KEY] = BEN
    assert "as many as it takes" in page.run().warning[0].value
    visit(ANN, "runs")

"""A visitor of a shared app goes without a trace."""

from __future__ import annotations

import pytest

from tests.pages.conftest import texts
from tests.pages.sharing import (
    ANN,
    BEN,
    add_note,
    everything,
    visit,
)

pytestmark = pytest.mark.usefixtures("shared_app")


def test_all_of_a_visitor_is_deleted_on_request() -> None:
    add_note(ANN)
    add_note(BEN)
    page = visit(ANN, "system")
    page.button(key="delete_everything").click().run()
    assert "All that was yours is deleted." in texts(page)
    assert "harbour.txt" not in everything(visit(ANN, "documents"))
    assert "harbour.txt" in everything(visit(BEN, "documents"))

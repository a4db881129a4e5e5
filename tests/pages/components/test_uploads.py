"""pages.components.uploads: what is said of files that did not come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.hosting.uploads import uploads
from tests.pages.page_test import quick

# What Streamlit's AppTest calls its only session.
SESSION = "test session id"


def page() -> None:
    import streamlit as st

    from pages.components.uploads import draw_gone

    st.file_uploader("Files", key="files", accept_multiple_files=True)
    draw_gone("files")


@pytest.fixture
def app() -> Iterator[AppTest]:
    uploads.refusal(SESSION)
    yield quick(AppTest.from_function(page)).run()
    uploads.refusal(SESSION)


def warnings(app: AppTest) -> list[str]:
    return [warning.value for warning in app.warning]


def test_refused_file_is_said_until_another_one_comes(app: AppTest) -> None:
    assert warnings(app) == []
    uploads.refuse(SESSION, "second", "Too much")
    # The first run that hears of it may be cut short.
    assert warnings(app.run()) == warnings(app.run()) == ["Too much"]
    app.file_uploader[0].set_value([("a.txt", b"a", "text/plain")]).run()
    assert warnings(app) == []
    uploads.refuse(SESSION, "third", "Still too much")
    assert warnings(app.run()) == ["Still too much"]

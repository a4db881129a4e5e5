"""pages.components.uploads: what is said of files that did not come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from core.hosting.uploads import uploads
from pages.components.uploads import name_of
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


@pytest.mark.parametrize(
    ("sent", "name"), [("Rechnung %22März%22.pdf", 'Rechnung "März".pdf'), ("100%.pdf", "100%.pdf")]
)
def test_name_with_quotation_marks_is_as_the_visitor_wrote_it(sent: str, name: str) -> None:
    record = UploadedFileRec(file_id="1", name=sent, type="application/pdf", data=b"")
    assert name_of(UploadedFile(record, FileURLs())) == name


def test_refused_file_is_said_until_another_one_comes(app: AppTest) -> None:
    assert warnings(app) == []
    uploads.refuse(SESSION, "second", "Too much")
    # The first run that hears of it may be cut short.
    assert warnings(app.run()) == warnings(app.run()) == ["Too much"]
    app.file_uploader[0].set_value([("a.txt", b"a", "text/plain")]).run()
    assert warnings(app) == []
    uploads.refuse(SESSION, "third", "Still too much")
    assert warnings(app.run()) == ["Still too much"]

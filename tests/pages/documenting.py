"""A visitor of the Documents page: adds files, looks at the list, opens a document."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from core.config.settings import Settings
from core.knowledge_base import KnowledgeBase
from tests.pages.conftest import ingested


def upload(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    uploads = [(name, data, "application/octet-stream") for name, data in files]
    page.file_uploader[0].set_value(uploads).run()
    page.button(key="add").click().run()
    return ended(page)


def ended(page: AppTest) -> AppTest:
    ingested(Settings.from_env())
    return page.run()


def listed(page: AppTest) -> list[str]:
    return [str(name) for name in page.dataframe[0].value["Document"]]


def open_document(page: AppTest, kb: KnowledgeBase, file: str) -> AppTest:
    page.query_params["doc"] = next(found.id for found in kb.store.documents() if found.file == file)
    return page.run()


def opened_text(page: AppTest) -> str:
    """The text of the opened page, without the chunk beside it."""
    return next(element.proto.body for element in page.get("html") if "begins here" in element.proto.body)

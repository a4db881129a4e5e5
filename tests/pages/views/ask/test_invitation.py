"""What an empty knowledge base offers, and what can be asked about."""

from __future__ import annotations

from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from pages.state.ingests import start_ingest
from tests.pages.conftest import OpenPage, ingested, texts


def test_empty_knowledge_base_invites_to_upload_or_to_load_the_samples(open_page: OpenPage) -> None:
    page = open_page("ask")
    assert not page.exception
    assert "Nothing here yet" in texts(page)
    assert [field.key for field in page.file_uploader] == ["ask-upload-0"]
    assert [button.label for button in page.button] == ["Load the sample documents"]


def test_documents_that_can_be_asked_about_are_named_the_newest_first(open_page: OpenPage) -> None:
    page = open_page("ask")
    settings = Settings.from_env()
    for name in ("a_b.txt", "harbour.txt"):
        text = f"The lighthouse of {name} is 37 metres high."
        start_ingest(settings, [IncomingFile(name=name, size_bytes=len(text), read=text.encode)])
        ingested(settings, "default")
    page.run()
    assert "Ask about harbour\\.txt, a\\_b\\.txt." in [each.value for each in page.markdown]

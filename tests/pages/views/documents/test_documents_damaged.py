"""What the Documents page says of a PDF with a page that can't be read."""

from __future__ import annotations

from core.config.settings import Settings
from core.documents.file_identity import document_id
from tests.damaged import erase_pages
from tests.documents import build_pdf
from tests.pages.conftest import OpenPage, ingested


def test_damaged_page_is_named_when_the_rest_is_in_and_again_later(open_page: OpenPage) -> None:
    data = erase_pages(build_pdf(["The pier is made of oak.", "Lost."]), 2)
    page = open_page("documents")
    for _ in range(2):
        page.file_uploader[0].set_value([("pier.pdf", data, "application/pdf")]).run()
        page.button(key="add").click().run()
        ingested(Settings.from_env())
        page.run()
        assert not page.exception
        shown = [element.value for element in [*page.warning, *page.info]]
        assert len(shown) == 1
        assert shown[0].endswith("Page 2 of 2 is damaged and was left out\\.")
    assert "was already there" in shown[0]
    assert list(page.dataframe[0].value["Pages"]) == [2]
    page.query_params["doc"] = document_id(data)
    page.run()
    assert [element.value for element in page.warning] == ["Page 2 of 2 is damaged and was left out\\."]

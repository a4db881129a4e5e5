"""The very first visit after a start may be to any page: a bookmark, or a tab that was left open."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.app import running_app


def test_first_visitor_of_a_page_has_the_navigation_and_stays_on_it(browser: Browser, tmp_path: Path) -> None:
    with running_app(tmp_path) as address:
        page = browser.new_page()
        page.goto(f"{address}/documents")
        page.get_by_role("heading", name="Documents").wait_for()
        links = page.get_by_test_id("stTopNavLink")
        links.first.wait_for()
        assert links.all_inner_texts() == [
            "Ask", "Documents", "Knowledge bases", "Evaluate", "Benchmark", "Runs", "System"
        ]  # fmt: skip
        assert page.url == f"{address}/documents"
        page.close()

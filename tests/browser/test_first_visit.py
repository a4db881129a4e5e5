"""The very first visit after a start may be to any page: a bookmark, or a tab that was left open."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.app import IDLE, Visitor, browsing, running_app
from tests.checkout import make_checkout

# In a window of 1440 px: beside the navigation, below the frame's edge.
TITLE_PLACE = "268 38"


def test_first_visitor_of_a_page_has_the_navigation_and_stays_on_it(browser: Browser, tmp_path: Path) -> None:
    with running_app(tmp_path) as address:
        page = browser.new_page()
        page.goto(f"{address}/documents")
        page.get_by_role("heading", name="Documents").wait_for()
        links = page.get_by_test_id("stSidebarNavLink")
        links.first.wait_for()
        assert links.all_inner_texts() == [
            "Ask", "Documents", "Knowledge bases", "Evaluate", "Tour", "Benchmark", "Runs", "System"
        ]  # fmt: skip
        assert page.url == f"{address}/documents"
        page.close()


# Where the title stood in each frame since it was there.
WATCH_TITLE = """
window.places = []
const look = () => {
  const title = document.querySelector("h1")
  if (title) {
    const { x, y } = title.getBoundingClientRect(), place = `${Math.round(x)} ${Math.round(y)}`
    if (place !== window.places.at(-1)) window.places.push(place)
  }
  requestAnimationFrame(look)
}
look()
"""


@pytest.mark.parametrize("name", ["", "documents", "runs", "benchmark", "system"])
def test_title_stands_from_its_first_frame_where_it_stays(visitor: Visitor, name: str) -> None:
    visitor.page.add_init_script(WATCH_TITLE)
    visitor.open(name)
    visitor.page.wait_for_selector(IDLE)
    assert visitor.page.evaluate("window.places") == [TITLE_PLACE]


def test_newcomer_who_copied_the_example_settings_can_ask_the_samples(
    browser: Browser, tmp_path: Path
) -> None:
    python = make_checkout(tmp_path, "MILVUS_URI=./data/own.db\nOPENAI_API_KEY=\nOVERLAP_SHARED=0\n")
    (tmp_path / "data").mkdir()
    app = running_app(tmp_path / "data", (tmp_path, python))
    with app as address, browsing(browser, address) as visitor:
        visitor.open()
        visitor.page.get_by_role("button", name="Load the sample documents").click()
        visitor.page.get_by_text("6 documents").first.wait_for()
        visitor.ask("What does async overlap?")
        visitor.page.get_by_test_id("stChatMessage").nth(1).get_by_text("Extractive answer").wait_for()
    assert (tmp_path / "data" / "own.db").is_dir()


def test_app_gets_ready_before_the_first_visitor_comes(tmp_path: Path) -> None:
    with running_app(tmp_path):
        until_s = time.monotonic() + 120.0
        # Nobody asks; what the knowledge base is stored in appears all the same.
        while not (tmp_path / "overlap.db").is_dir():
            assert time.monotonic() < until_s
            time.sleep(0.05)

"""Every page, with nothing and with something on it, for who can't see well or uses no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.bench.records.codec import write_run
from core.evaluation.samples import SUGGESTED_QUESTIONS
from core.runtime.paths import REPOSITORY
from tests.bench_runs import first_look_run, ladder_run
from tests.browser.app import IDLE, Visitor, browsing, running_app

PAGES = sorted(path.stem for path in (REPOSITORY / "pages").glob("[a-z]*.py"))
RUNS = (first_look_run(), ladder_run())
GRAVE = {"serious", "critical"}
# Streamlit 1.67 wraps the links of each group of its navigation into a <div> inside of the <ul>: a reader of
# screens still says "App pages, navigation" and each link, but not how many there are.
OF_STREAMLIT = {"list": "[data-testid=stSidebarNavItems]", "listitem": "[data-testid=stSidebarNavItems] *"}


@pytest.fixture(scope="module")
def filled_address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app with the sample documents and two runs."""
    folder = tmp_path_factory.mktemp("filled")
    for number, run in enumerate(RUNS):
        write_run(run, folder / "runs" / f"{number}.json")
    with running_app(folder) as address:
        with browsing(browser, address) as visitor:
            visitor.open()
            visitor.page.get_by_role("button", name="Load the sample documents").click()
            visitor.page.get_by_role("button", name=SUGGESTED_QUESTIONS[0]).wait_for()
        yield address


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def violations(page: Page) -> list[str]:
    """What is wrong with the page as it stands, and not Streamlit's own."""
    page.wait_for_selector(IDLE)
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {rule['id']}, {rule['help']}: {node['html'][:200]}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
        if not _is_streamlits(page, rule["id"], node)
    ]


def _is_streamlits(page: Page, rule: str, node: dict[str, Any]) -> bool:
    selector = OF_STREAMLIT.get(rule)
    script = "([target, selector]) => document.querySelector(target)?.matches(selector) ?? false"
    return selector is not None and bool(page.evaluate(script, [node["target"][0], selector]))


def look_at(visitor: Visitor, scheme: str, path: str) -> Page:
    visitor.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visitor.open(path)
    return visitor.page


def test_pages_with_nothing_on_them_have_no_grave_fault(visitor: Visitor, scheme: str) -> None:
    found = []
    for name in PAGES:
        found += violations(look_at(visitor, scheme, "" if name == "ask" else name))
    assert found == []


def test_pages_with_something_on_them_have_no_grave_fault(
    browser: Browser, filled_address: str, scheme: str
) -> None:
    found = []
    with browsing(browser, filled_address) as visitor:
        for name in set(PAGES) - {"ask"}:
            found += violations(look_at(visitor, scheme, name))
        page = look_at(visitor, scheme, f"runs?run={RUNS[0].id}")
        page.locator(".js-plotly-plot").first.wait_for()
        found += violations(page)
        page = look_at(visitor, scheme, f"runs?compare={RUNS[0].id},{RUNS[1].id}")
        page.locator(".js-plotly-plot").first.wait_for()
        found += violations(page)
        page = look_at(visitor, scheme, "")
        page.get_by_role("button", name=SUGGESTED_QUESTIONS[4]).click()
        page.get_by_test_id("stFeedback").wait_for()
        found += violations(page)
        page.locator('a[href="#cite-0-1"]').first.click()
        page.get_by_role("dialog").get_by_role("img").first.wait_for()
        found += violations(page)
    assert found == []


def test_question_is_asked_and_its_source_opened_and_closed_with_keys_alone(
    browser: Browser, filled_address: str
) -> None:
    with browsing(browser, filled_address) as visitor:
        visitor.open()
        page = visitor.page
        page.get_by_role("button", name=SUGGESTED_QUESTIONS[0]).wait_for()
        _tab_to(page, '[data-testid="stChatInputTextArea"]')
        page.keyboard.type("What is a time tick?")
        page.keyboard.press("Enter")
        page.get_by_test_id("stFeedback").wait_for()
        _tab_to(page, 'a[href="#cite-0-1"]')
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        # The list of sources is another way to the same place.
        _tab_to(page, '[data-testid="stExpander"] summary')
        page.keyboard.press("Enter")
        _tab_to(page, ".st-key-open-0-1 button")
        page.keyboard.press("Enter")
        dialog.wait_for()


def test_document_is_opened_from_the_list_with_keys_alone(browser: Browser, filled_address: str) -> None:
    with browsing(browser, filled_address) as visitor:
        visitor.open("documents")
        page = visitor.page
        page.get_by_test_id("stDataFrame").wait_for()
        page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
        _tab_to(page, '[data-testid="data-grid-canvas"]')
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Shift+Space")
        # While the page is drawn anew there may be two of it.
        page.locator(".st-key-open_document button:enabled").first.wait_for()
        _tab_to(page, ".st-key-open_document button")
        page.keyboard.press("Enter")
        page.wait_for_url("**/documents?doc=*")


def test_pages_are_changed_with_keys_alone(visitor: Visitor) -> None:
    visitor.open()
    page = visitor.page
    _tab_to(page, '[data-testid="stSidebarNavLink"][href$="/runs"]')
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Runs", level=1).wait_for()


def _tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the focus is on what `selector` finds."""
    page.wait_for_selector(IDLE)
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{most} times Tab do not lead to {selector}")


PHONE_PX = 390


@pytest.mark.parametrize("width", [1440, 1280, PHONE_PX])
def test_titles_begin_at_the_same_place_on_every_page(visitor: Visitor, width: int) -> None:
    visitor.page.set_viewport_size({"width": width, "height": 844})
    places = {}
    for name in PAGES:
        if name == "tour":
            continue  # a stage of its own
        page = look_at(visitor, "light", "" if name == "ask" else name)
        page.wait_for_selector(IDLE)
        box = page.get_by_role("heading", level=1).first.bounding_box()
        assert box is not None
        places[name] = round(box["x"]), round(box["y"])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(set(places.values())) == 1, places


def test_paragraphs_from_right_to_left_stand_on_the_right(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    """An answer, the question, a source's text and the document itself, by where their words end."""
    note = tmp_path / "harbour.txt"
    note.write_text("ارتفاع المنارة 37 مترا.\n\nThe crane lifts 40 tonnes.", encoding="utf-8")
    with browsing(browser, address) as visitor:
        visitor.open()
        page = visitor.page
        page.get_by_test_id("stChatInput").locator("input[type=file]").set_input_files(note)
        page.get_by_test_id("stChatInput").get_by_text(note.name).wait_for()
        visitor.ask("ارتفاع المنارة")
        page.get_by_test_id("stFeedback").wait_for()
        page.get_by_test_id("stExpander").first.locator("summary").click()
        page.get_by_role("button", name="Open in its place").wait_for()
        gaps = page.evaluate(WORDS_AND_ROOM)
        assert len(gaps) >= 3, "question, answer and source"
        assert all(right <= 2 < left for left, right in gaps), gaps
        page.get_by_role("button", name="Open in its place").click()
        page.get_by_role("dialog").locator("mark").first.wait_for()
        page.wait_for_selector(IDLE)
        gaps = page.get_by_role("dialog").evaluate(WORDS_AND_ROOM)
        assert gaps and all(right <= 8 < left for left, right in gaps), gaps


# Of each line of Arabic: the room to its left and to its right, within the block that it stands in.
WORDS_AND_ROOM = r"""
root => [...(root ?? document.body).querySelectorAll(
  '[data-testid=stChatMessage] p, [data-testid=stChatMessage] .stText, [role=dialog] div[dir=auto]'
)].concat(root?.matches?.('[role=dialog]') ? [...root.querySelectorAll('div[dir=auto]')] : [])
  .filter(block => /^[\u0600-\u06ff]/.test(block.textContent.trim()))
  .map(block => {
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT)
    while (walker.nextNode() && !/[\u0600-\u06ff]/.test(walker.currentNode.textContent)) continue
    const range = document.createRange()
    const text = walker.currentNode.textContent
    range.setStart(walker.currentNode, text.search(/[\u0600-\u06ff]/))
    range.setEnd(walker.currentNode, text.search(/[\u0600-\u06ff]/) + 3)
    const words = range.getBoundingClientRect(), room = block.getBoundingClientRect()
    return [words.left - room.left, room.right - words.right]
  })
"""

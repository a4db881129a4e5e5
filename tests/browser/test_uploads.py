"""A file is never lost: chosen or dropped at any moment, it arrives, or the page says what to do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route

from tests.browser.app import IDLE, Visitor, browsing, running_app

NUM_UPLOADS = 50
BATCH = 10
LOOK_EVERY_MS, MAX_LOOKS = 250, 240
SEED = 11
# Draws the whole page anew, as a click on any field does.
REDRAW = "r"
ADD = """() => [...document.querySelectorAll("button:enabled")]
  .find((button) => /Add [0-9]+ document/.test(button.innerText))?.click()"""
UPLOADS = "**/_stcore/upload_file/**"
DELETE = """async (url) => {
  const token = /_streamlit_xsrf=([^;]+)/.exec(document.cookie)[1]
  await fetch(url, {method: "DELETE", headers: {"X-Xsrftoken": token}})
}"""
CHOOSE = """async ([files, way]) => {
  const transfer = new DataTransfer()
  for (const [name, text] of files) transfer.items.add(new File([text], name, {type: "text/plain"}))
  const input = document.querySelector('[data-testid="stFileUploaderDropzoneInput"]')
  if (way === "drop") {
    const options = {dataTransfer: transfer, bubbles: true, cancelable: true}
    for (const kind of ["dragenter", "dragover", "drop"])
      input.parentElement.dispatchEvent(new DragEvent(kind, options))
  } else {
    input.files = transfer.files
    input.dispatchEvent(new Event("change", {bubbles: true}))
  }
}"""


@pytest.fixture
def fresh(browser: Browser, tmp_path: Path) -> Iterator[Visitor]:
    """The first visitor of an app that has just started: the model is yet to be loaded."""
    with running_app(tmp_path) as address, browsing(browser, address) as visitor:
        yield visitor


def choose(page: Page, name: str, text: str, *, way: str = "input") -> None:
    page.evaluate(CHOOSE, [[[name, text]], way])


def test_fifty_files_at_random_moments_all_arrive(fresh: Visitor) -> None:
    moments, page = random.Random(SEED), fresh.page
    fresh.open("documents")
    page.get_by_test_id("stFileUploaderDropzoneInput").first.wait_for(state="attached")
    for number in range(NUM_UPLOADS):
        if moments.random() < 0.7:
            page.keyboard.press(REDRAW)
        page.wait_for_timeout(moments.uniform(0, 120))
        # The first of each batch takes a while to embed: the next ones come meanwhile.
        text = " ".join(
            f"Note {number} has a line {line * 7}." for line in range(700 if number % BATCH == 0 else 1)
        )
        choose(page, f"note-{number}.txt", text, way=moments.choice(["input", "drop"]))
        if number % BATCH == BATCH - 1:
            _add(page)
    # What has arrived can be added, and is; what has not is missed in the end.
    for _ in range(MAX_LOOKS):
        if page.get_by_text(f"“default” · {NUM_UPLOADS} documents").count():
            return
        _add(page)
        page.wait_for_timeout(LOOK_EVERY_MS)
    pytest.fail(f"not all of {NUM_UPLOADS} files have arrived")


def _add(page: Page) -> None:
    """Add what is there, where that is possible now; the button may be gone the moment after."""
    page.evaluate(ADD)


@contextmanager
def held_up(page: Page, name: str) -> Iterator[None]:
    """The file called `name` is on its way all the while, and arrives afterwards."""
    held: list[Route] = []

    def on_upload(route: Route) -> None:
        if name in (route.request.post_data_buffer or b"").decode("latin-1"):
            held.append(route)
        else:
            route.continue_()

    page.route(UPLOADS, on_upload)
    yield
    assert len(held) == 1, "it was sent, and once"
    held[0].continue_()


def choose_in(page: Page, field: int, name: str) -> None:
    file: FilePayload = {"name": name, "mimeType": "text/plain", "buffer": f"The text of {name}.".encode()}
    page.get_by_test_id("stFileUploaderDropzoneInput").nth(field).set_input_files(file)


def test_file_on_its_way_arrives_though_another_is_added_meanwhile(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("documents")
    choose_in(page, 0, "first.txt")
    page.get_by_role("button", name="Add 1 document").wait_for()
    with held_up(page, "second.txt"), page.expect_request(UPLOADS):
        choose_in(page, 0, "second.txt")
        page.get_by_role("button", name="Add 1 document").click()
        page.get_by_text("first.txt: 1 chunk added").wait_for()
    page.get_by_role("button", name="Add 1 document").click()
    page.get_by_text("second.txt: 1 chunk added").wait_for()


def test_file_that_the_app_no_longer_has_is_missed_aloud(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("documents")
    with page.expect_request(UPLOADS) as sent:
        choose_in(page, 0, "gone.txt")
    page.get_by_role("button", name="Add 1 document").wait_for()
    page.evaluate(DELETE, sent.value.url)
    page.wait_for_selector(IDLE)
    page.keyboard.press(REDRAW)
    page.get_by_text("The connection was lost, and 1 file with it.").wait_for()


@pytest.fixture(scope="module")
def narrow_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A shared app that holds little: one file of a large kind waits, and no other."""
    limits = {"OVERLAP_SHARED": "1", "OVERLAP_SHARED_UPLOAD_MB": "1", "OVERLAP_SHARED_HELD_MB": "1"}
    with running_app(tmp_path_factory.mktemp("app"), **limits) as address:
        yield address


def test_uploads_that_are_never_added_do_not_fill_the_memory(browser: Browser, narrow_address: str) -> None:
    large = "x" * 700_000
    with browsing(browser, narrow_address, harmless=r".*(413|File uploader error).*") as visitor:
        page = visitor.page
        visitor.open("documents")
        # Files that come while the page is not ready yet are the subject of the test above.
        page.get_by_text("Getting ready to answer").wait_for(state="hidden")
        page.wait_for_selector(IDLE)
        assert _status(page, "first.txt", large) == 204
        assert _status(page, "second.txt", large) == 413
        # While the page is being drawn, the browser does not heed the key.
        page.wait_for_selector(IDLE)
        page.keyboard.press(REDRAW)
        page.get_by_text("up to 1 MB that are uploaded and not added").wait_for()
        with browsing(browser, narrow_address) as another:
            another.open("documents")
            assert _status(another.page, "third.txt", large) == 204
        page.get_by_role("button", name="Add 1 document").click()
        page.get_by_text("first.txt: ").wait_for()
        assert _status(page, "fourth.txt", large) == 204


def _status(page: Page, name: str, text: str) -> int:
    page.get_by_test_id("stFileUploaderDropzoneInput").first.wait_for(state="attached")
    with page.expect_response(lambda response: response.request.method == "PUT") as answered:
        choose(page, name, text)
    return answered.value.status

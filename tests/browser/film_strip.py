"""The first minute as pictures with a clock: run command, tour, first look, a question with a file.

    python -m tests.browser.film_strip [FOLDER]

FOLDER: where the pictures go; default docs/screenshots. A fresh app with an empty data folder is started, and
each picture is taken as soon as what it shows is there. The seconds since the run command are printed, which
the README gives beside them; nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from core.runtime.paths import REPOSITORY
from tests.browser.app import Visitor, launch, running_app
from tests.browser.test_sent_files import QUESTION, drop
from tests.documents import build_pdf

SIZE: ViewportSize = {"width": 1280, "height": 720}
TIMEOUT_MS = 120_000
# Charts fade in.
SETTLE_MS = 400
PAGES_OF_PDF = [
    "The harbour of Bergen was dredged in 1884, and its quay was lengthened twice since then.",
    "The lighthouse at its mouth is 37 metres high. It was built in 1897 from granite.",
    "Ferries leave every hour in summer and every two hours in winter.",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=REPOSITORY / "docs/screenshots")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(TIMEOUT_MS)
        begun_s = time.perf_counter()
        with running_app(Path(data)) as address:
            for number, (name, shown) in enumerate(_scenes(page, address, Path(data)), start=1):
                shown()
                elapsed_s = time.perf_counter() - begun_s
                page.wait_for_timeout(SETTLE_MS)
                page.screenshot(path=folder / f"minute-{number}-{name}.png")
                print(f"{name}: {elapsed_s:.1f} s since the run command")
        browser.close()


def _scenes(page: Page, address: str, folder: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is done, one after the other, and what says that it is there."""
    visitor = Visitor(page, address)
    page.goto(address, wait_until="commit")
    yield "ask", page.get_by_role("button", name="Load the sample documents").wait_for
    # Its heading is that of a scene.
    page.get_by_role("link", name="Tour", exact=True).first.click()
    yield "tour", page.locator(".steady-chart[data-drawn] .main-svg").first.wait_for
    page.goto(f"{address}/benchmark", wait_until="commit")
    page.get_by_role("button", name="Start", exact=True).click()
    yield "first-look", lambda: _wait_for_result(page)
    page.get_by_role("link", name="Ask", exact=True).first.click()
    file = folder / "harbour.pdf"
    file.write_bytes(build_pdf(PAGES_OF_PDF))
    drop(visitor, file)
    visitor.ask(QUESTION)
    yield "answer", page.get_by_test_id("stChatMessage").nth(1).get_by_text("[1]").first.wait_for


def _wait_for_result(page: Page) -> None:
    # What to measure next is offered once there is a result; its chart is drawn after that.
    page.locator('[class*="st-key-next-"]').first.wait_for()
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
    page.locator('[data-testid="stPlotlyChart"] .bars path').first.wait_for()


if __name__ == "__main__":
    main()

"""Make the README's pictures: a real app, a real 300-page document, a real run.

    python -m tests.browser.screenshots [FOLDER] [--all] [--runs RECORDS]

FOLDER: where the pictures go; default docs/screenshots. With --all, every page is taken at the sizes of a
desk, a hall and a phone and in full length, light and dark, to look the app over. With --runs, only the
records in that folder are taken, each as run-PRESET.png, as it is opened on the Runs page.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from core.bench.records.archive import list_runs
from core.evaluation.samples import SUGGESTED_QUESTIONS
from core.runtime.paths import REPOSITORY
from tests.browser.app import Visitor, launch, running_app
from tests.documents import build_pdf

PAGES = ("Ask", "Documents", "Knowledge bases", "Evaluate", "Benchmark", "Runs", "System")
SIZES = {"desk": (1440, 900), "hall": (1280, 720), "phone": (390, 844), "tall": (1440, 2600)}
README_PICTURES = {("Ask", "desk", "light")}
# Answered by a PDF among the samples.
PDF_QUESTION = SUGGESTED_QUESTIONS[4]
LONG_NAME = "A report with a rather long name that somebody gave it in a hurry, final version (2).pdf"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=REPOSITORY / "docs/screenshots")
    parser.add_argument("--all", action="store_true", help="every page, at all sizes, light and dark")
    parser.add_argument("--runs", type=Path, help="a folder of records to take instead")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    if args.runs:
        _take_runs(args.runs, args.folder)
        return
    with (
        tempfile.TemporaryDirectory() as data,
        running_app(Path(data)) as address,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        _fill(browser, address, Path(data))
        for size in SIZES:
            for scheme in ("light", "dark"):
                _take(browser, address, size, scheme, args.folder, is_all=args.all)
        browser.close()


def _fill(browser: Browser, address: str, folder: Path) -> None:
    """Load the samples and a long document, and run the quick benchmark."""
    path = folder / LONG_NAME
    path.write_bytes(
        build_pdf([f"Page {number} of a report about the harbour and its ships." for number in range(1, 61)])
    )
    page = browser.new_page()
    page.set_default_timeout(120_000)
    visitor = Visitor(page, address)
    visitor.open()
    page.get_by_role("button", name="Load the sample documents").click()
    page.get_by_role("button", name=SUGGESTED_QUESTIONS[1]).wait_for()
    visitor.click_link("Documents")
    visitor.add(path, "60 pages, 60 chunks")
    page.get_by_role("button", name="Close").click()
    visitor.click_link("Benchmark")
    page.get_by_role("button", name="Start").click()
    page.get_by_test_id("stPlotlyChart").first.wait_for(timeout=600_000)
    page.close()


def _take_runs(records: Path, folder: Path) -> None:
    """The charts of each record, below the list of runs."""
    with (
        tempfile.TemporaryDirectory() as data,
        running_app(Path(data)) as address,
        sync_playwright() as playwright,
    ):
        shutil.copytree(records, Path(data) / "runs")
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(60_000)
        visitor = Visitor(page, address)
        visitor.open()
        for listed in list_runs(records):
            if listed.run is None:
                continue
            page.goto(f"{address}/runs?run={listed.run.id}")
            chart = page.get_by_test_id("stPlotlyChart").first
            chart.wait_for()
            page.wait_for_timeout(2500)
            page.wait_for_timeout(500)
            chart.screenshot(path=folder / f"run-{listed.run.plan.preset}.png")
        browser.close()


def _take(browser: Browser, address: str, size: str, scheme: str, folder: Path, *, is_all: bool) -> None:
    wanted = [name for name in PAGES if is_all or (name, size, scheme) in README_PICTURES]
    if not wanted:
        return
    width, height = SIZES[size]
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.set_default_timeout(60_000)
    visitor = Visitor(page, address)
    for name in wanted:
        visitor.open("" if name == "Ask" else name.lower().replace(" ", "_"))
        if name == "Ask":
            page.get_by_role("button", name=SUGGESTED_QUESTIONS[1]).click()
            page.get_by_test_id("stExpander").first.wait_for()
        if name in {"Benchmark", "Runs"}:
            page.get_by_test_id("stPlotlyChart" if name == "Benchmark" else "stDataFrame").first.wait_for()
        page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
        # Charts and tables draw themselves after their element is there.
        page.wait_for_timeout(2500)
        stem = f"{name.lower().replace(' ', '-')}-{scheme}"
        file = f"{stem}.png" if size == "desk" else f"{stem}-{size}.png"
        if name == "Benchmark":
            page.get_by_test_id("stPlotlyChart").first.scroll_into_view_if_needed()
            page.wait_for_timeout(500)
        page.screenshot(path=folder / file)
        if (name, size, scheme) == ("Ask", "desk", "light"):
            _take_source(page, folder)
    page.close()


def _take_source(page: Page, folder: Path) -> None:
    """A cited page of a PDF, opened by a click on the answer's citation."""
    page.get_by_test_id("stChatInputTextArea").fill(PDF_QUESTION)
    page.keyboard.press("Enter")
    page.locator('a[href*="#cite-1-1"]').first.click()
    page.get_by_role("dialog").locator("img").wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / "source-light.png")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")


if __name__ == "__main__":
    main()

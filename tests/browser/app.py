"""The app as a process of its own, and a real Chromium to visit it with; for tests and screenshots."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from core.runtime.paths import REPOSITORY

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = "no Chromium is installed (on Debian: apt-get install chromium)"
START_TIMEOUT_S = 180.0
TEXT_TIMEOUT_MS = 5_000
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def chromium_path() -> str | None:
    """The system's Chromium, or None."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(
        executable_path=chromium_path(),
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )


@contextmanager
def a_browser() -> Iterator[Browser]:
    """A Chromium; skips the test where none is installed."""
    if chromium_path() is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@contextmanager
def running_app(
    data_dir: Path, checkout: tuple[Path, str] = (REPOSITORY, sys.executable), /, **environ: str
) -> Iterator[str]:
    """The app on a free port; yields its address. checkout: its folder, and its Python."""
    root, python = checkout
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (data_dir / "app.log").open("w") as log:
        process = subprocess.Popen(
            [python, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=root,
            env={**os.environ, "OVERLAP_DATA_DIR": str(data_dir), **environ},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health"):
                return
        except URLError as exc:
            if isinstance(exc, HTTPError):
                exc.close()
            time.sleep(0.1)
    raise RuntimeError("the app did not start; see app.log in its data folder")


@dataclass
class Visitor:
    """A page in the browser, with all that went wrong on it."""

    page: Page
    address: str
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        # Opened at a page's address, Streamlit looks for its server below that path first.
        is_probe = f"{self.address}/_stcore/" not in message.location["url"] and (
            "/_stcore/" in message.location["url"] and "404" in message.text
        )
        if message.type == "error" and not is_probe:
            self.problems.append(f"{message.text} {message.location['url']}")

    def _on_request(self, request: Request) -> None:
        if request.url.startswith("http") and not request.url.startswith(self.address):
            self.problems.append(f"asked another host: {request.url}")

    def open(self, path: str = "") -> None:
        """Go to a page of the app; the app starts at "", so that the navigation is known."""
        self.page.goto(f"{self.address}/{path}")
        self.page.get_by_test_id("stHeading").first.wait_for()

    def text(self) -> str:
        """What can be read on the page, or why nothing can: to be said beside an error, not instead of it."""
        try:
            return self.page.locator("body").inner_text(timeout=TEXT_TIMEOUT_MS)
        except PlaywrightError as exc:
            return f"can't be read: {exc}"

    def click_link(self, name: str) -> None:
        link = self.page.get_by_test_id("stSidebarNavLink").get_by_text(name, exact=True)
        opener = self.page.get_by_role("button", name="Expand sidebar")  # on a phone
        link.or_(opener).filter(visible=True).first.wait_for()
        if opener.is_visible():
            opener.click()
        link.click()
        self.page.get_by_role("heading", name=name).first.wait_for()

    def open_plan(self) -> None:
        """On the Benchmark page, unfold the settings where an earlier result has folded them up."""
        self.page.get_by_role("button", name="Start").wait_for()
        folded = self.page.get_by_text("Settings of the next run")
        if folded.count():
            folded.click()

    def choose_preset(self, preset: str) -> None:
        """On the Benchmark page, take another preset, and wait until the form is its own."""
        self.open_plan()
        self.page.get_by_test_id("stButtonGroup").get_by_text(preset, exact=True).click()
        self.page.get_by_text(f"{preset} on ").wait_for()

    def add(self, file: Path, what: str) -> None:
        """On the Documents page, upload `file` and wait until `what` of it ("2 pages, 3 chunks") is in.

        Its name is waited for too: what another test has added stands on the page as well.
        """
        # Until then the uploader of the page before may still be there; a file in it goes with it.
        self.page.get_by_text("What questions are answered from").wait_for()
        self.page.wait_for_selector(IDLE)
        self.page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(file)
        self.page.get_by_role("button", name="Add 1 document").click()
        self.page.get_by_text(f"{file.name}: {what} added").wait_for()

    def ask(self, question: str) -> None:
        field = self.page.get_by_test_id("stChatInputTextArea")
        field.fill(question)
        # While files of it are on their way, Enter does nothing.
        self.page.locator("[data-testid=stChatInputSubmitButton]:enabled").wait_for()
        field.press("Enter")


@contextmanager
def browsing(
    browser: Browser, address: str, width: int = 1440, height: int = 900, harmless: str | None = None
) -> Iterator[Visitor]:
    """A visitor with a browser profile of their own; ends without a problem on any page.

    harmless: a regular expression of what looks like a problem and is none.
    """
    # A browser of its own, too: in an app that is not shared, one that comes back has its conversation again.
    agent = f"Mozilla/5.0 (X11; Linux x86_64) Chrome/{browser.version} Safari/537.36 Visitor/{uuid4().hex}"
    context = browser.new_context(viewport={"width": width, "height": height}, user_agent=agent)
    page = context.new_page()
    # The first visit imports the model's libraries, which takes a minute where others use the machine.
    page.set_default_timeout(180_000)
    visitor = Visitor(page, address)
    try:
        yield visitor
    except Exception as exc:
        exc.add_note(f"The page {page.url}:\n{visitor.text()}")
        raise
    finally:
        context.close()
    problems = visitor.problems
    if harmless is not None:
        problems = [problem for problem in problems if not re.fullmatch(harmless, problem, re.DOTALL)]
    # Said here: pytest takes apart the asserts of test modules only.
    assert problems == [], problems

"""How soon can a first visitor type a question? The app against a one-line Streamlit app.

    python tests/performance/first_paint.py [--rounds 5]

Each measurement is the first visit to a fresh server process by a fresh browser: from `goto` until
the chat input is visible and enabled. The sides take turns. Exit code 1 when the ratio is over 1.3.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.performance.report import check_at_most, print_settings, print_side

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
MOST_RATIO = 1.3
START_TIMEOUT_S = 60.0
PAINT_TIMEOUT_S = 60.0
ONE_LINE = 'import streamlit as st; st.chat_input("x")\n'
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        print("No Chromium or Chrome is on the PATH. Install one and start again.", file=sys.stderr)
        return 2
    print_settings("streamlit", "playwright", rounds=rounds, browser=executable, visit="first, empty cache")
    with tempfile.TemporaryDirectory() as folder:
        one_line = Path(folder) / "one_line.py"
        one_line.write_text(ONE_LINE)
        apps = {"the app": ROOT / "app.py", "one line": one_line}
        return compare(executable, apps, rounds, Path(folder))


def compare(executable: str, apps: dict[str, Path], rounds: int, folder: Path) -> int:
    from playwright.sync_api import sync_playwright

    times_s: dict[str, list[float]] = {label: [] for label in apps}
    with sync_playwright() as playwright:
        for number in range(rounds):
            # Each side goes first in turn: a machine that slows down meanwhile treats both alike.
            for label in sorted(apps, reverse=bool(number % 2)):
                data_dir = folder / f"data-{number}"
                with server(apps[label], data_dir) as url:
                    browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)
                    times_s[label].append(first_paint_s(browser, url))
                    browser.close()
    app_s = print_side("the app, first visit until usable", times_s["the app"], "s")
    one_line_s = print_side("one-line app, the same", times_s["one line"], "s")
    return 0 if check_at_most("the app / one-line app", app_s / one_line_s, MOST_RATIO) else 1


def first_paint_s(browser: Browser, url: str) -> float:
    """Seconds until the chat input can be typed into."""
    page = browser.new_context().new_page()
    started_s = time.perf_counter()
    page.goto(url, wait_until="commit")
    chat_input = page.locator('[data-testid="stChatInputTextArea"]:enabled')
    chat_input.wait_for(state="visible", timeout=PAINT_TIMEOUT_S * 1000)
    return time.perf_counter() - started_s


@contextmanager
def server(script: Path, data_dir: Path) -> Iterator[str]:
    """A fresh Streamlit server of `script`, with the app's own configuration on both sides."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    environment = {**os.environ, "OVERLAP_DATA_DIR": str(data_dir), "MILVUS_URI": ""}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_up(url, process)
            yield url
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except (URLError, OSError):
            _pause()
    raise RuntimeError(f"the server at {url} did not start")


def _pause() -> None:
    # Outside of any measurement, while nothing of Playwright waits.
    time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())

"""How soon is the app of use? Title on the page, first question possible, first answer, memory.

    python tests/performance/ready.py [--rounds 5] [--app PATH_OF_ANOTHER_CHECKOUTS_APP_PY]

Each round starts a fresh server with an empty data folder, and a fresh browser that knows the address.
All times count from the run command. "ready": the knowledge base is open, so that the page offers to load
the samples. "answered": the samples were loaded by a click and a question about them has its answer.
Memory is what the server's process holds after that (resident), and its highest; readers count apart.

Exit code 1 when ready takes over 1.6 times as long as the title, the answer over 2.2 times, or the
memory after it is 600 MB or more.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.performance.first_paint import CHROMIUM_ARGS, CHROMIUM_NAMES, ROOT, _free_port, _wait_until_up
from tests.performance.report import check_at_most, print_settings, print_side

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MOST_READY, MOST_ANSWERED, MOST_MB = 1.6, 2.2, 600
TIMEOUT_MS = 120_000
QUESTION = "What does async overlap?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """One start of the app: seconds from the run command, and memory after the answer in MB."""

    title_s: float
    ready_s: float
    answered_s: float
    memory_mb: float
    peak_mb: float
    readers_mb: float


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--app", type=Path, default=ROOT / "app.py")
    args = parser.parse_args()
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        print("No Chromium or Chrome is on the PATH. Install one and start again.", file=sys.stderr)
        return 2
    print_settings("streamlit", "openvino", rounds=args.rounds, visit="first, empty cache and data folder")
    return _judge([_start(executable, args.app.resolve()) for _ in range(args.rounds)])


def _judge(starts: list[Start]) -> int:
    title_s = print_side("title on the page", [start.title_s for start in starts], "s")
    ready_s = print_side("a question can be asked", [start.ready_s for start in starts], "s")
    answered_s = print_side("first answer, samples loaded", [start.answered_s for start in starts], "s")
    memory_mb = print_side("memory after the first answer", [start.memory_mb for start in starts], "MB")
    print_side("its highest until then", [start.peak_mb for start in starts], "MB")
    print_side("processes that read files, together", [start.readers_mb for start in starts], "MB")
    is_met = [
        check_at_most("ready / title", ready_s / title_s, MOST_READY),
        check_at_most("first answer / title", answered_s / title_s, MOST_ANSWERED),
        check_at_most("memory after the first answer, MB", memory_mb, MOST_MB),
    ]
    return 0 if all(is_met) else 1


def _start(executable: str, app: Path) -> Start:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)
        try:
            return _visit(browser, app, Path(folder))
        finally:
            browser.close()


def _visit(browser: Browser, app: Path, folder: Path) -> Start:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(TIMEOUT_MS)
    started_s = time.perf_counter()
    with _server(app, folder) as (url, pid):
        page.goto(url, wait_until="commit")
        page.get_by_role("heading", name="Ask your documents").wait_for()
        title_s = time.perf_counter() - started_s
        samples = page.get_by_role("button", name="Load the sample documents")
        samples.wait_for()
        ready_s = time.perf_counter() - started_s
        samples.click()
        # As a person does: what was clicked has shown its effect before the next thing is done.
        samples.wait_for(state="detached")
        field = page.locator('[data-testid="stChatInputTextArea"]:enabled')
        field.fill(QUESTION)
        field.press("Enter")
        page.get_by_test_id("stChatMessage").nth(1).get_by_text("[1]").first.wait_for()
        answered_s = time.perf_counter() - started_s
        memory_mb, peak_mb, readers_mb = _memory_mb(pid)
    return Start(
        title_s=title_s,
        ready_s=ready_s,
        answered_s=answered_s,
        memory_mb=memory_mb,
        peak_mb=peak_mb,
        readers_mb=readers_mb,
    )


def _memory_mb(pid: int) -> tuple[float, float, float]:
    import psutil

    process = psutil.Process(pid)
    children = sum(child.memory_info().rss for child in process.children(recursive=True))
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak_kb = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return process.memory_info().rss / 1e6, peak_kb * 1024 / 1e6, children / 1e6


@contextmanager
def _server(app: Path, data_dir: Path) -> Iterator[tuple[str, int]]:
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", app.name, "--server.port", str(port)]
    environment = {**os.environ, "OVERLAP_DATA_DIR": str(data_dir)}
    with (data_dir / "app.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=app.parent, env=environment, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_up(url, process)
            yield url, process.pid
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())

"""How soon does a run of a million operations open, and how much memory does that take?

    python tests/performance/record.py [--operations 1000000] [--rounds 3]

Makes such a record and measures: loading it (against `json.loads` of the same file), listing its
folder, and opening it on the Runs page of a real app in Chromium, from the click that chooses it until
the script has ended and its first chart is drawn. The app has never read it; the visitor has looked at a
small run before, so that Plotly's 4.7 MB of JavaScript, which cost the same for any chart, are there. A
first visit by link is measured too, without a goal: most of it is those. Peak memory is that of the
app's process. Exit code 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.bench.analysis.speedups import summarize
from core.bench.analysis.stats import latency_figures
from core.bench.plan.plan import Plan
from core.bench.records.archive import list_runs, load_run
from core.bench.records.codec import parse_light, write_run
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from tests.browser.app import IDLE, chromium_path, launch, running_app
from tests.performance.report import check_at_most, print_settings, print_side

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MOST_LOAD_S = 1.5
MOST_OPEN_S = 3.0
MOST_MEMORY_MB = 1000.0
LANES = ("sync", "async")
REPEATS = 5
HUGE_ID = "20261122T154012Z-0a1b2c"
SMALL_IDS = ("20261122T154010Z-0a1b2c", "20261122T154011Z-0a1b2c")
CHART = ".js-plotly-plot .main-svg"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if chromium_path() is None:
        print("No Chromium or Chrome is on the PATH. Install one and start again.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{HUGE_ID}.json"
        write_run(make_run(HUGE_ID, args.operations), path)
        size_mb = path.stat().st_size / 1e6
        print_settings(
            "streamlit", "orjson", "plotly", operations=args.operations, record_MB=f"{size_mb:.1f}"
        )
        met = [measure_loading(path, args.rounds), *measure_page(path, args.rounds)]
    return 0 if all(met) else 1


def make_run(run_id: str, operations: int) -> Run:
    """Sync and async searches, the same number in each repeat, with a tail as servers have it."""
    import numpy as np

    rng = np.random.default_rng(7)
    count = operations // (len(LANES) * REPEATS)
    trials = []
    for repeat in range(REPEATS):
        for lane in LANES:
            each_s = rng.lognormal(-6.0 if lane == "sync" else -3.0, 0.3, count)
            start_s = np.cumsum(each_s) - each_s if lane == "sync" else np.linspace(0, count / 2000, count)
            end_s = start_s + each_s
            samples = tuple(
                (round(start, 6), round(end, 6), True)
                for start, end in zip(start_s.tolist(), end_s.tolist(), strict=True)
            )
            trials.append(
                Trial(
                    operation="search", lane=lane, count=count, repeat=repeat, elapsed_s=float(end_s.max()),
                    num_ok=count, num_failed=0, latency_s=latency_figures(samples), samples=samples,
                )
            )  # fmt: skip
    plan = Plan(operations=("search",), counts=(count,), repeats=REPEATS, lanes=LANES)
    run = Run(
        id=run_id,
        name=name_of(run_id),
        created_at="2026-11-22T15:40:12Z",
        status="complete",
        plan=plan,
        trials=tuple(trials),
    )
    return replace(run, summary=summarize(run))


def name_of(run_id: str) -> str:
    return f"run {run_id[13:15]}"


def measure_loading(path: Path, rounds: int) -> bool:
    def read() -> Any:
        return json.loads(path.read_text(encoding="utf-8"))

    def load() -> Run:
        # A changed file is read anew; the same one would come from memory.
        path.touch()
        return load_run(path)

    print_side("json.loads alone", times(read, rounds), "s")
    print_side("list its folder, first time", times(lambda: parse_light(path.read_bytes(), ""), rounds), "s")
    list_runs(path.parent)
    print_side("list its folder again", times(lambda: list_runs(path.parent), rounds), "s")
    load_s = print_side("load_run, checked and typed", times(load, rounds), "s")
    return check_at_most("load a record, s", load_s, MOST_LOAD_S)


def times(call: Callable[[], object], rounds: int) -> list[float]:
    found = []
    for _ in range(rounds):
        started_s = time.perf_counter()
        call()
        found.append(time.perf_counter() - started_s)
    return found


def measure_page(path: Path, rounds: int) -> list[bool]:
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                runs_dir = Path(folder) / "runs"
                for run_id in SMALL_IDS:
                    write_run(make_run(run_id, 1000), runs_dir / f"{run_id}.json")
                with running_app(Path(folder)) as address:
                    browser = launch(playwright)
                    for side, value in one_round(browser, address, path, runs_dir).items():
                        found.setdefault(side, []).append(value)
                    browser.close()
    small_s = print_side("choose a run of 1,000 operations", found["small"], "s")
    page_s = print_side("choose the huge one, never read before", found["huge"], "s")
    print_side("first visit, link to the small one", found["first small"], "s")
    print_side("first visit, link to the huge one", found["first huge"], "s")
    peak = print_side("peak memory of the app", found["peak"], "MB")
    print(f"       the huge one takes {page_s / small_s:.1f} times as long as a small one")
    return [
        check_at_most("open the page, s", page_s, MOST_OPEN_S),
        check_at_most("memory, MB", peak, MOST_MEMORY_MB),
    ]


def one_round(browser: Browser, address: str, path: Path, runs_dir: Path) -> dict[str, float]:
    """Seconds of each side, and the peak memory in MB, of one app that starts fresh."""
    visit(browser, address, SMALL_IDS[0]).context.close()
    started_s = time.perf_counter()
    page = visit(browser, address, SMALL_IDS[0])
    found = {"first small": time.perf_counter() - started_s}
    shutil.copy(path, runs_dir)
    found["small"] = choose_s(page, SMALL_IDS[1])
    found["huge"] = choose_s(page, HUGE_ID)
    page.context.close()
    started_s = time.perf_counter()
    visit(browser, address, HUGE_ID).context.close()
    return found | {"first huge": time.perf_counter() - started_s, "peak": peak_mb()}


def visit(browser: Browser, address: str, run_id: str) -> Page:
    """Follow a link to a run with an empty cache, until the script has ended and a chart is drawn."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{address}/runs?run={run_id}", wait_until="commit")
    page.locator(CHART).first.wait_for()
    page.wait_for_selector(IDLE)
    return page


def choose_s(page: Page, run_id: str) -> float:
    """Seconds from the click on a run's name until the script has ended and its first chart is drawn."""
    page.wait_for_selector(IDLE)
    page.get_by_test_id("stMultiSelect").get_by_role("button", name="Clear all").click()
    page.locator(CHART).first.wait_for(state="detached")
    page.wait_for_selector(IDLE)
    page.get_by_test_id("stMultiSelect").locator("input").click()
    option = page.get_by_role("option").filter(has_text=name_of(run_id))
    option.wait_for()
    started_s = time.perf_counter()
    option.click()
    page.locator(CHART).first.wait_for()
    page.wait_for_selector(IDLE)
    elapsed_s = time.perf_counter() - started_s
    # The list of names stays open for a second choice.
    page.keyboard.press("Escape")
    return elapsed_s


def peak_mb() -> float:
    """The most memory that the app, our only child that runs Streamlit, has had so far."""
    import psutil

    for child in psutil.Process().children():
        if "streamlit" in child.cmdline():
            status = Path(f"/proc/{child.pid}/status").read_text()
            line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("the app is not running")


if __name__ == "__main__":
    sys.exit(main())

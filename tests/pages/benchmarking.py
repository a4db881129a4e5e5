"""A visitor of the Benchmark page, and runs that begin and end as a test wants it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.bench.plan.plan import Plan
from core.bench.supervisor import BenchProcess, runs
from tests.pages.page_test import page_test

WAIT_S = 60.0
PLAN = Plan(counts=(10,), dim=8)
BUSY = """
import signal, sys
def stop(*_):
    print('{"event": "finished", "status": "stopped", "path": "x"}', flush=True)
    sys.exit(130)
signal.signal(signal.SIGTERM, stop)
print('{"event": "progress", "operation": "search", "lane": "sync", "count": 10, "repeat": 0, "done": 3, '
      '"failed": 1, "elapsed_s": 0.5, "ops_per_s": 6.0, "p95_s": 0.25, "in_flight": 7, "eta_s": 2.0, '
      '"trial": 1, "num_trials": 4}', flush=True)
while True: signal.pause()
"""
DONE = """print('{"event": "finished", "status": "complete", "path": "x"}')"""
CRASH = "raise SystemExit('<b>out of memory</b>')"


def open_benchmark(preset: str = "") -> AppTest:
    """The page as a visitor finds it; preset: as a link to it names one."""
    page = page_test("benchmark")
    if preset:
        page.query_params["preset"] = preset
    page.run()
    assert not page.exception
    return page


def start_bench(program: str, run_path: Path, plan: Plan = PLAN) -> BenchProcess:
    """A run of that program, which has begun, or ended where it ends by itself."""
    argv = [sys.executable, "-c", program]
    process = runs.start(lambda: BenchProcess(argv, env=os.environ, run_path=run_path, plan=plan))
    if program != BUSY:
        process.wait(WAIT_S)
    while process.is_running and process.snapshot().state == "starting":
        process.wait(0.01)
    return process


def says(page: AppTest, words: str) -> bool:
    """Whether some caption of the page has these words."""
    return any(words in caption.value.replace("\\", "") for caption in page.caption)

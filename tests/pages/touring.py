"""A visitor of the Tour, and runs of its scenes that have ended as a test wants it."""

from __future__ import annotations

import os
import sys

from streamlit.testing.v1 import AppTest

from core.bench.records.codec import write_run
from core.bench.records.run import Run
from core.bench.supervisor import BenchProcess, runs
from core.config.settings import Settings
from core.tour.scenes import SCENES
from pages.state.talk import Talk
from tests.pages.page_test import page_test

WAIT_S = 60.0
SAYS = """print('{"event": "finished", "status": "STATUS", "path": "x", "note": "NOTE"}')"""


def open_tour(**parameters: str) -> AppTest:
    """The Tour with these parameters of its address."""
    page = page_test("tour")
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def started(
    talk: Talk, settings: Settings, status: str, run: Run | None, number: int = 1, note: str = ""
) -> BenchProcess:
    """A run of the scene whose process has ended like that, with that record."""
    plan = SCENES[number - 1].plan("lite", 60)
    path = settings.runs_dir / "20261127T000000Z-0a1b2c.json"
    if run is not None:
        write_run(run, path)
    argv = [sys.executable, "-c", SAYS.replace("STATUS", status).replace("NOTE", note)]
    process = runs.start(lambda: BenchProcess(argv, env=os.environ, run_path=path, plan=plan))
    process.wait(WAIT_S)
    talk.measuring = (number, plan)
    return process

"""core.bench.load.other_programs: what else loaded the machine is said, and what a run starts is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.bench.load.other_programs import Others

pytestmark = pytest.mark.slow

BURN = """
import os, sys, time
if os.fork():
    os._exit(0)
while time.process_time() < 2:
    pass
with open(sys.argv[1] + ".new", "w") as file:
    file.write(str(os.getpid()))
os.rename(sys.argv[1] + ".new", sys.argv[1])
while True:
    pass
"""


def test_load_by_other_programs_is_said(tmp_path: Path) -> None:
    others, told = Others(), tmp_path / "pid"
    # The one in the middle ends, so that the one that computes is nobody's child here.
    subprocess.run([sys.executable, "-c", BURN, str(told)], check=True)
    deadline_s = time.monotonic() + 60
    while not told.exists() and time.monotonic() < deadline_s:
        threading.Event().wait(0.05)
    try:
        note = others.note()
    finally:
        os.kill(int(told.read_text()), signal.SIGKILL)
    assert note.startswith("Other programs used ")


def test_what_the_run_starts_is_no_other_program() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as child:
        used = Others()._then
        child.kill()
    assert child.pid not in {process.pid for process in used}
    assert os.getpid() not in {process.pid for process in used}

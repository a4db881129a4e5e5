"""The cores that the app leaves to a benchmark, and gets back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.bench.plan.plan import Plan
from core.bench.supervisor import BenchProcess
from core.runtime.cpu_affinity import Aside, cores_of, given_cores, num_cores

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or num_cores() < 2,
    reason="there are no cores to leave, or none that can be told apart",
)
# It ends with its standard input.
WAITING = "import sys; sys.stdin.read()"
WAIT_S = 60.0


def threads_cores(pid: int) -> set[frozenset[int]]:
    return {cores_of(int(task.name)) for task in Path(f"/proc/{pid}/task").iterdir()}


@contextmanager
def waiting_process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", WAITING], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        yield process
        process.stdin.close()


@contextmanager
def waiting_thread() -> Iterator[None]:
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    yield
    go.set()
    thread.join()


def test_every_thread_keeps_to_half_of_the_cores_until_the_end() -> None:
    every = given_cores()
    with waiting_thread():
        aside = Aside(os.getpid())
        try:
            with waiting_thread():
                (kept,) = threads_cores(os.getpid())
            assert kept < every and len(kept) == len(every) // 2
            assert num_cores() == len(every), "what is set up meanwhile counts on all of them"
        finally:
            aside.end()
        assert threads_cores(os.getpid()) == {every}


def test_process_that_was_there_keeps_its_cores_and_one_started_meanwhile_gets_them_back() -> None:
    every = given_cores()
    with waiting_process() as before:
        aside = Aside(os.getpid())
        try:
            with waiting_process() as meanwhile:
                assert cores_of(before.pid) == every
                assert cores_of(meanwhile.pid) < every
                aside.end()
                assert cores_of(meanwhile.pid) == every
        finally:
            aside.end()


def test_end_is_no_error_when_the_process_is_gone() -> None:
    with waiting_process() as process:
        aside = Aside(process.pid)
    aside.end()


def test_app_steps_aside_for_a_benchmark_that_it_starts_and_comes_back(tmp_path: Path) -> None:
    every = given_cores()
    script = tmp_path / "bench.py"
    script.write_text(
        "import os, pathlib, sys\n"
        f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists(): os.sched_yield()\n"
        "sys.exit(str(sorted(os.sched_getaffinity(0))))\n"
    )
    process = BenchProcess(
        [sys.executable, str(script)], env=os.environ, run_path=tmp_path / "x", plan=Plan()
    )
    assert all(cores < every for cores in threads_cores(os.getpid()))
    (tmp_path / "go").touch()
    snapshot = process.wait(WAIT_S)
    assert threads_cores(os.getpid()) == {every}
    assert str(sorted(every)) in (snapshot.error or ""), "the benchmark had all cores"

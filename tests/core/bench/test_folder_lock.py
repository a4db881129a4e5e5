"""core.bench.folder_lock: benchmarks of one data folder run one after another."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.bench.folder_lock import LOCK_NAME, alone
from core.errors import BenchError
from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.slow

HOLD = """
import sys
from pathlib import Path
from core.bench.folder_lock import alone
with alone(Path(sys.argv[1]), "20261122T154012Z-0a1b2c", waits=False, say=print):
    print("held", flush=True)
    sys.stdin.read()
"""
SMALL = ["--counts", "2", "--dim", "8", "--op", "add"]


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that is measuring; it ends when its input does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "data")],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stdin is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def command(*flags: str) -> list[str]:
    return [sys.executable, "-m", "core", "bench", *SMALL, *flags]


def test_second_benchmark_is_told_who_measures(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    done = subprocess.run(command(), cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert (
        f"Another benchmark is running with this data folder (process {holder.pid}, run 2026" in done.stderr
    )
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data" / "runs").exists()


def test_second_benchmark_waits_in_line_when_told_so(holder: subprocess.Popen[str]) -> None:
    second = subprocess.Popen(
        command("--wait"), cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert second.stderr is not None and holder.stdin is not None
    assert "Waiting for its end." in second.stderr.readline()
    holder.stdin.close()
    out, _ = second.communicate(timeout=120)
    assert second.returncode == 0
    assert "Checks passed: 2 of 2." in out


def test_lock_of_a_killed_benchmark_is_free(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.kill()
    holder.wait()
    with alone(tmp_path / "data", "x", waits=False, say=print):
        pass


def test_data_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(BenchError, match="can't be written"),
        alone(tmp_path / "file", "x", waits=False, say=print),
    ):
        pass


def test_lock_with_odd_text_is_still_a_lock(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text("[1")
    with (
        alone(tmp_path, "x", waits=False, say=print),
        pytest.raises(BenchError, match="Another benchmark is running with this data folder"),
        alone(tmp_path, "y", waits=False, say=print),
    ):
        pass

"""The lock of a data folder: one benchmark at a time uses it, as a second one would spoil both.

The system lets go of the lock when its process ends, however that happens.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from core.errors import BenchError

LOCK_NAME = "bench.lock"
POLL_S = 0.5


@contextmanager
def alone(data_dir: Path, run_id: str, *, waits: bool, say: Callable[[str], object]) -> Iterator[None]:
    """Hold the lock of the data folder while the block runs.

    Args:
        data_dir: The folder; made where it is missing.
        run_id: Noted in the lock's file, for others to be told who holds it.
        waits: Whether to wait for another benchmark's end.
        say: Told once that another one is waited for.

    Raises:
        BenchError: When another benchmark runs and `waits` is False, or when the folder can't be written.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        # Not emptied: it names who holds it.
        file = os.fdopen(os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o666), "r+", encoding="utf-8")
    except OSError as exc:
        raise BenchError(
            f"The data folder {data_dir} can't be written: {exc.strerror}. Correct its rights."
        ) from exc
    with file:
        is_told = False
        while not _lock(file):
            text = f"Another benchmark is running with this data folder{_holder(file)}."
            if not waits:
                raise BenchError(f"{text} Wait for its end and start again, or add --wait.")
            if not is_told:
                say(f"{text} Waiting for its end.")
            is_told = True
            time.sleep(POLL_S)
        _write(file, {"pid": os.getpid(), "run": run_id})
        try:
            yield
        finally:
            _write(file, {})


def _lock(file: IO[str]) -> bool:
    """Whether the lock is ours now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            # A byte far behind the text, which others may go on reading.
            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder(file: IO[str]) -> str:
    with suppress(OSError, ValueError):
        file.seek(0)
        found = json.loads(file.read() or "{}")
        if isinstance(found, dict) and isinstance(found.get("pid"), int):
            return f" (process {found['pid']}, run {str(found.get('run'))[:40]})"
    return ""


def _write(file: IO[str], values: dict[str, Any]) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(values))
    file.flush()

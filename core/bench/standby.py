"""A benchmark process that has its imports done, and waits to be told what to run.

Importing takes seconds, which nobody who presses Start should wait for. `core.cli.standby` is the process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from core.config.environ import environ_without_secrets
from core.config.paths import REPOSITORY

# Nobody asked for it any more for so long: the page is closed.
KEEP_S = 90.0
END_TIMEOUT_S = 5.0


class Spare:
    """One waiting process at the most. Its methods may be called from any thread."""

    def __init__(self, keep_s: float = KEEP_S) -> None:
        self._keep_s = keep_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._until_s = 0.0

    def keep(self) -> None:
        """Have one wait from now on, for `keep_s` seconds unless this is called again."""
        with self._lock:
            self._until_s = time.monotonic() + self._keep_s
            if self._process is not None:
                if self._process.poll() is None:
                    return
                _end(self._process)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "core.cli.standby"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environ_without_secrets(),
                cwd=REPOSITORY,
                encoding="utf-8",
                errors="replace",
            )
            watch = threading.Thread(target=self._end_in_time, args=(self._process,), daemon=True)
            watch.start()

    def take(self, argv: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[str] | None:
        """The waiting process, told to run `python -m core` with `argv` in `env`; None when there is none."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return None
        assert process.stdin is not None
        try:
            with process.stdin as orders:
                orders.write(json.dumps({"argv": list(argv), "env": dict(env)}) + "\n")
        except OSError:  # it has ended
            _end(process)
            return None
        return process

    def close(self) -> None:
        """End the waiting process, if there is one."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            _end(process)

    def _end_in_time(self, process: subprocess.Popen[str]) -> None:
        while self._process is process:
            left_s = self._until_s - time.monotonic()
            if left_s <= 0:
                self.close()
                return
            with suppress(subprocess.TimeoutExpired):
                process.wait(left_s)
                return


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()

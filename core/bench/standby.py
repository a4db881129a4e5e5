"""A benchmark process that has its imports done, and waits to be told what to run.

Importing takes seconds, which nobody who presses Start should wait for. `core.cli.preloaded` is the process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence

from core.config.environ import environ_without_secrets
from core.runtime.child_process import ChildProcess, module_argv

# Nobody asked for it any more for so long: the page is closed.
KEEP_S = 90.0


class Standby:
    """One waiting process at the most. Its methods may be called from any thread."""

    def __init__(self, keep_s: float = KEEP_S) -> None:
        self._keep_s = keep_s
        self._lock = threading.Lock()
        self._process: ChildProcess | None = None
        self._until_s = 0.0

    def keep(self) -> None:
        """Have one wait from now on, for `keep_s` seconds unless this is called again."""
        with self._lock:
            self._until_s = time.monotonic() + self._keep_s
            if self._process is not None:
                if self._process.is_alive:
                    return
                self._process.end()
            self._process = ChildProcess(module_argv("core.cli.preloaded"), env=environ_without_secrets())
            watch = threading.Thread(target=self._end_in_time, args=(self._process,), daemon=True)
            watch.start()

    def take(self, argv: Sequence[str], env: Mapping[str, str]) -> ChildProcess | None:
        """The waiting process, told to run `python -m core` with `argv` in `env`; None when there is none."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return None
        try:
            process.send({"argv": list(argv), "env": dict(env)})
        except OSError:  # it has ended
            process.end()
            return None
        return process

    def close(self) -> None:
        """End the waiting process, if there is one."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.end()

    def _end_in_time(self, process: ChildProcess) -> None:
        while self._process is process:
            left_s = self._until_s - time.monotonic()
            if left_s <= 0:
                self.close()
                return
            if process.wait(left_s):
                return

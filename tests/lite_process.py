"""Milvus Lite as a server that can be killed and started again on the same port, with or without its data."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from core.config.settings import Target

HERE = "127.0.0.1"
START_TIMEOUT_S = 60.0
POLL_S = 0.02


class LiteProcess:
    """A Milvus over TCP in a process of its own; a context manager that starts and ends it.

    folder: its data, which stays when the process ends.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind((HERE, 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def target(self) -> Target:
        return Target(uri=f"http://{HERE}:{self.port}")

    def start(self) -> None:
        """Returns once connections are accepted."""
        argv = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(self.folder)]
        argv += ["--host", HERE, "--port", str(self.port)]
        self._process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until_s = time.monotonic() + START_TIMEOUT_S
        while not self._is_open():
            assert self._process.poll() is None, "Milvus Lite ended at its start"
            assert time.monotonic() < until_s, "Milvus Lite does not start"
            time.sleep(POLL_S)

    def kill(self) -> None:
        """End it as a crash does, with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def lose_data(self) -> None:
        """Empty its disk; only while it does not run."""
        shutil.rmtree(self.folder)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.kill()

    def _is_open(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HERE, self.port)) == 0

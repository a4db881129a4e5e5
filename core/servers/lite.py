"""Milvus Lite as a server of its own process, so that its work does not slow the measured client down.

Milvus Lite is written in Python: embedded, it shares the client's interpreter. Here it is reached
over TCP like any other Milvus, which also lets a delay proxy stand in between.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from core.config.environ import bare_environ, keep_from_pymilvus
from core.config.paths import REPOSITORY
from core.errors import BenchError

START_TIMEOUT_S = 60.0
END_TIMEOUT_S = 5.0
POLL_INTERVAL_S = 0.05
HERE = "127.0.0.1"


class LiteServer:
    """A running Milvus Lite server with empty data. Use it as a context manager, or call `close()`.

    It ends with the process that made it, and its folder is removed, however that ends.
    """

    def __init__(self, folder: Path, *, timeout_s: float = START_TIMEOUT_S) -> None:
        """Make the data folder and serve it; returns once connections are accepted.

        folder: must not exist yet, because `close()` removes it. timeout_s: seconds to start in.
        Raises BenchError; then neither the process nor the folder is left.
        """
        self.folder = folder.absolute()
        try:
            self.folder.mkdir(parents=True)
        except OSError as exc:
            raise BenchError(f"Milvus Lite can't make its folder {self.folder}: {exc.strerror}.") from exc
        self.port = _free_port()
        # Only its start is read; the process keeps the file open for the rest of what it says.
        with tempfile.TemporaryFile() as log:
            self._process = self._start(log)
            atexit.register(self.close)
            try:
                self._wait_until_open(timeout_s, log)
            except BaseException:
                self.close()
                raise

    @property
    def uri(self) -> str:
        """Where clients connect to, such as "http://127.0.0.1:40123"."""
        return f"http://{HERE}:{self.port}"

    def close(self) -> None:
        """End the server and remove its folder. Calling it again does nothing."""
        atexit.unregister(self.close)
        self._process.terminate()
        try:
            self._process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> LiteServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "core.servers.lite", str(self.folder), str(self.port)]
        try:
            return subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=REPOSITORY,
                env=bare_environ(),
            )
        except OSError as exc:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise BenchError(f"The Milvus Lite server could not be started: {exc.strerror}.") from exc

    def _wait_until_open(self, timeout_s: float, log: IO[bytes]) -> None:
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            code = self._process.poll()
            if code is not None:
                said = _last_words(log)
                raise BenchError(f"The Milvus Lite server ended with exit code {code} at its start.{said}")
            with socket.socket() as probe:
                if probe.connect_ex((HERE, self.port)) == 0:
                    return
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(POLL_INTERVAL_S)
        raise BenchError(f"The Milvus Lite server was not ready within {timeout_s:g} s.")


def _last_words(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f" Its last words: {last[:300]}" if last else ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port: int = probe.getsockname()[1]
    return port


def main() -> None:
    """The server's process: Milvus Lite's own server command, ended when standard input ends."""
    folder, port = sys.argv[1:]
    # Ctrl-C reaches the whole process group; a run that stops on it still needs its Milvus.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    keep_from_pymilvus()
    from milvus_lite.cmdline import main as run

    run(["server", "--data-dir", folder, "--host", HERE, "--port", port])


def _end_with_parent(folder: str) -> None:
    # A parent that is killed can't clean up; its end of the pipe is closed all the same.
    while os.read(0, 1024):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    main()

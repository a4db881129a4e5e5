"""Milvus Lite as a server of its own process, so that its work does not slow the measured client down.

Milvus Lite is written in Python: embedded, it shares the client's interpreter. Here it is reached
over TCP like any other Milvus, which also lets a delay proxy stand in between.
"""

from __future__ import annotations

import atexit
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from types import TracebackType

from core.config.environ import bare_environ, keep_from_pymilvus
from core.errors import BenchError
from core.runtime.child_process import ChildProcess, end_with_stdin, module_argv

START_TIMEOUT_S = 60.0
POLL_INTERVAL_S = 0.05
HERE = "127.0.0.1"


class LiteServer:
    """A running Milvus Lite server with empty data. Use it as a context manager, or call `close()`.

    It ends with the process that made it, and its folder is removed, however that ends.
    """

    def __init__(self, folder: Path, *, timeout_s: float = START_TIMEOUT_S) -> None:
        """Make the data folder and serve it; returns once connections are accepted.

        Args:
            folder: Must not exist yet, because `close()` removes it.
            timeout_s: Seconds to start in.

        Raises:
            BenchError: When it does not come up in time; neither the process nor the folder is left then.
        """
        self.folder = folder.absolute()
        try:
            self.folder.mkdir(parents=True)
        except OSError as exc:
            raise BenchError(f"Milvus Lite can't make its folder {self.folder}: {exc.strerror}.") from exc
        self.port = _free_port()
        self._child = self._start()
        atexit.register(self.close)
        try:
            self._wait_until_open(timeout_s)
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
        self._child.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> LiteServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> ChildProcess:
        argv = module_argv("core.servers.lite", str(self.folder), str(self.port))
        try:
            return ChildProcess(argv, env=bare_environ(), answers=False)
        except OSError as exc:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise BenchError(f"The Milvus Lite server could not be started: {exc.strerror}.") from exc

    def _wait_until_open(self, timeout_s: float) -> None:
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            code = self._child.exit_code
            if code is not None:
                last = self._child.last_words()
                said = f" Its last words: {last}" if last else ""
                raise BenchError(f"The Milvus Lite server ended with exit code {code} at its start.{said}")
            with socket.socket() as probe:
                if probe.connect_ex((HERE, self.port)) == 0:
                    return
            self._child.wait(POLL_INTERVAL_S)
        raise BenchError(f"The Milvus Lite server was not ready within {timeout_s:g} s.")


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
    # A parent that is killed can't clean up; its end of the pipe is closed all the same.
    end_with_stdin(lambda: shutil.rmtree(folder, ignore_errors=True))
    keep_from_pymilvus()
    from milvus_lite.cmdline import main as run

    run(["server", "--data-dir", folder, "--host", HERE, "--port", port])


if __name__ == "__main__":
    main()

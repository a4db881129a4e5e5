"""One process that reads files, as the app sees it; `core.documents.read_worker` is what runs in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.documents.read_worker import LENGTH
from core.environ import bare_environ

REPOSITORY = Path(__file__).resolve().parents[2]
OnPages = Callable[[int, int], None]


class ReaderProcess:
    """One process that reads files, one after another. memory_bytes: its address space, on Linux."""

    def __init__(self, memory_bytes: int) -> None:
        self.has_expired = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.documents.read_worker", str(memory_bytes)],
            cwd=REPOSITORY,
            env=bare_environ("TESSDATA_PREFIX"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the app, and what the worker has started ends with it.
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def exchange(self, request: dict[str, Any], data: bytes, on_pages: OnPages | None) -> dict[str, Any]:
        """Hand a file over and wait for what it became. Raises OSError or EOFError when the process ends."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        stdin.write(json.dumps(request).encode() + b"\n")
        stdin.write(data)
        stdin.flush()
        while True:
            message = self._receive()
            if "pages" not in message:
                return message
            if on_pages is not None:
                on_pages(*message["pages"])

    def _receive(self) -> dict[str, Any]:
        import orjson

        assert self._process.stdout is not None
        head = self._process.stdout.read(LENGTH.size)
        if len(head) < LENGTH.size:
            raise EOFError
        (length,) = LENGTH.unpack(head)
        body = self._process.stdout.read(length)
        if len(body) < length:
            raise EOFError
        message: dict[str, Any] = orjson.loads(body)
        return message

    def expire(self) -> None:
        """Its time is up."""
        self.has_expired = True
        self.kill()

    def kill(self) -> None:
        """End it and all that it has started, from any thread; its pipes stay the owner's to close."""
        # The number of a process is not given to another one before it was waited for.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                if hasattr(os, "killpg"):
                    os.killpg(self._process.pid, signal.SIGKILL)
                else:
                    self._process.kill()

    def close(self) -> None:
        """End it and give everything back; for the one thread that uses it."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            # What was not written any more can't be flushed into a pipe that is broken.
            with suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()

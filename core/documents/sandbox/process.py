"""A process that reads and cuts files, as the app sees it; in it runs `core.documents.sandbox.worker`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from core.config.environ import bare_environ
from core.config.paths import REPOSITORY
from core.documents.models import Tokenization
from core.documents.sandbox.worker import LENGTH
from core.runtime.cpu_affinity import num_cores

# More threads than this would take address space that is the file's.
MAX_THREADS = 4


class ReaderProcess:
    """One process that reads and cuts files, one after another. memory_bytes: its address space, on Linux.

    expired_after_s: the time limit at which it was ended; None while it was not.
    """

    def __init__(self, memory_bytes: int) -> None:
        self.expired_after_s: float | None = None
        self._timer: threading.Timer | None = None
        self._tokenization: Tokenization | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.documents.sandbox.worker", str(memory_bytes)],
            cwd=REPOSITORY,
            env={
                **bare_environ("TESSDATA_PREFIX"),
                "RAYON_NUM_THREADS": str(min(num_cores(), MAX_THREADS)),  # the tokenizer's
                "OPENBLAS_NUM_THREADS": "1",  # numpy's; nothing is multiplied here
            },
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

    def exchange(
        self, request: dict[str, Any], data: bytes, tokenization: Tokenization | None
    ) -> Iterator[dict[str, Any]]:
        """Hand a file over; gives the messages about it, without end: whoever asks knows the last one.

        Raises OSError or EOFError when the process ends.
        """
        stdin = self._process.stdin
        assert stdin is not None
        # A tokenizer is half a MB or more, and the same for every file: it goes over once.
        is_new = tokenization is not None and tokenization != self._tokenization
        header = {**request, "tokenization": asdict(tokenization) if tokenization and is_new else None}
        stdin.write(json.dumps(header).encode() + b"\n")
        stdin.write(data)
        stdin.flush()
        self._tokenization = tokenization or self._tokenization
        while True:
            yield self._receive()

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

    def limit(self, limit_s: float | None) -> None:
        """End it when so much time has passed from now on, instead of what was said before; None: never."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if limit_s is not None:
            self._timer = threading.Timer(limit_s, self._expire, [limit_s])
            self._timer.daemon = True
            self._timer.start()

    def _expire(self, limit_s: float) -> None:
        self.expired_after_s = limit_s
        self.kill()

    def kill(self) -> None:
        """End it and all that it has started, from any thread; its pipes stay the owner's to close."""
        # The number of a process is not given to another one before it was waited for.
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                if sys.platform == "win32":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and give everything back; for the one thread that uses it."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            # What was not written any more can't be flushed into a pipe that is broken.
            with suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()

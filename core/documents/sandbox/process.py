"""A process that reads and cuts files, as the app sees it; in it runs `core.documents.sandbox.worker`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from core.config.environ import bare_environ
from core.documents.tokenization import Tokenization
from core.runtime.child_process import ChildProcess, module_argv
from core.runtime.cpu_affinity import num_cores

# More threads than this would take address space that is the file's.
MAX_THREADS = 4


class ReaderProcess:
    """One process that reads and cuts files, one after another.

    Args:
        memory_bytes: Its address space, on Linux.

    Attributes:
        expired_after_s: The time limit at which it was ended; None while it was not.
    """

    def __init__(self, memory_bytes: int) -> None:
        self.expired_after_s: float | None = None
        self._timer: threading.Timer | None = None
        self._tokenization: Tokenization | None = None
        self._child = ChildProcess(
            module_argv("core.documents.sandbox.worker", str(memory_bytes)),
            env={
                **bare_environ("TESSDATA_PREFIX"),
                "RAYON_NUM_THREADS": str(min(num_cores(), MAX_THREADS)),  # the tokenizer's
                "OPENBLAS_NUM_THREADS": "1",  # numpy's; nothing is multiplied here
            },
            # Ctrl-C is for the app, and what the worker has started ends with it.
            own_group=True,
        )

    @property
    def pid(self) -> int:
        """The process's id, which stays after its end."""
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        """False once it has ended by itself, crashed or was ended; it can't be used again then."""
        return self._child.is_alive

    def exchange(
        self, request: dict[str, Any], data: bytes, tokenization: Tokenization | None
    ) -> Iterator[dict[str, Any]]:
        """Hand a file over and yield the messages about it; whoever asks has to know which is the last.

        Raises:
            OSError: When the process ends while the file is handed over.
            EOFError: When the process ends before the last message.
        """
        # A tokenizer is half a MB or more, and the same for every file: it goes over once.
        is_new = tokenization is not None and tokenization != self._tokenization
        sent = asdict(tokenization) if tokenization is not None and is_new else None
        self._child.send({**request, "tokenization": sent}, data)
        self._tokenization = tokenization or self._tokenization
        yield from self._child.messages()
        raise EOFError

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
        self._child.kill()

    def close(self) -> None:
        """End it and give everything back; for the one thread that uses it."""
        self._child.end(grace_s=0)

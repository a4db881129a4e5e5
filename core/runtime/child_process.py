"""How this project runs a process of its own.

Two others are started elsewhere: a Milvus server, which outlives who started it and is ended by its number
(`core.servers.standalone`), and the clients of a benchmark, which hand Python objects to each other
(`core.bench.load.client_pool`).

A child is a module of ours, started with an environment that is chosen for it. Both speak lines of JSON,
each of which may be followed by bytes that it announces. What a child says on standard error is kept for the
sentence that tells of its end. A child is ended by one rule: its input is closed, it is asked to end,
waited for, and killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from core.runtime.paths import REPOSITORY

END_TIMEOUT_S = 5.0
# Of what a child said last, for a sentence.
LAST_WORDS_CHARS = 300
_TAIL_BYTES = 64 * 1024
LOOK_FOR_PARENT_EVERY_S = 1.0


def module_argv(module: str, *args: str) -> list[str]:
    """The command that runs a module of this project with the interpreter of this process."""
    return [sys.executable, "-m", module, *args]


class ChildProcess:
    """A running child. Its methods may be called from any thread; one thread at a time reads and writes."""

    def __init__(
        self, argv: Sequence[str], *, env: Mapping[str, str], answers: bool = True, own_group: bool = False
    ) -> None:
        """Start it.

        Args:
            argv: the whole command; no secret may be in it, every user of the machine can read it.
            env: its whole environment; see `core.config.environ`.
            answers: whether anybody reads what it says on standard output.
            own_group: Ctrl-C does not reach it, and what it starts is killed with it.

        Raises:
            OSError: The program can't be started.
        """
        # A file, not a pipe: nobody has to read along, and it can't fill up. Appended to, because a reader's
        # place in it is the writer's too.
        self._stderr = tempfile.TemporaryFile("a+b")  # noqa: SIM115 (it is closed in `end`)
        self._own_group = own_group
        try:
            self._process = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if answers else subprocess.DEVNULL,
                stderr=self._stderr,
                cwd=REPOSITORY,
                env=dict(env),
                start_new_session=own_group,
            )
        except OSError:
            self._stderr.close()
            raise

    def __repr__(self) -> str:
        state = "running" if self.is_alive else f"ended with {self._process.returncode}"
        return f"<{type(self).__name__} {self.pid}: {state}>"

    @property
    def pid(self) -> int:
        """Of the process, also after its end."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """False once it has ended, by itself or ended by somebody."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; the negative number of the signal that ended it."""
        return self._process.poll()

    def send(self, message: Mapping[str, Any], data: bytes = b"") -> None:
        """Write one line of JSON, and the bytes that it announces.

        Raises:
            OSError: When the child is gone; BrokenPipeError where it was ended here.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n" + data)
            self._process.stdin.flush()
        except ValueError as exc:  # it was ended here, by another thread
            raise BrokenPipeError from exc

    def send_no_more(self) -> None:
        """Close the child's standard input: that is all it hears."""
        assert self._process.stdin is not None
        # What was not written any more can't be flushed into a pipe that is broken.
        with suppress(OSError, ValueError):
            self._process.stdin.close()

    def messages(self) -> Iterator[dict[str, Any]]:
        """What it says, until it ends. A line that is no JSON object is a library's, and passed over."""
        import orjson

        assert self._process.stdout is not None
        for line in self._process.stdout:
            with suppress(ValueError):
                message = orjson.loads(line)
                if isinstance(message, dict):
                    yield message

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for its end, `timeout_s` at most; returns whether it has ended."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def ask_to_end(self) -> None:
        """Send it SIGTERM, which on Windows ends it at once."""
        self._process.terminate()

    def kill(self) -> None:
        """End it at once, with all that it has started where it has a group of its own."""
        # The number of a process is not given to another one before it was waited for.
        if self._process.returncode is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if self._own_group and sys.platform != "win32":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def end_soon(self, grace_s: float = END_TIMEOUT_S) -> None:
        """Ask it to end and return at once; it is killed when it does not within `grace_s`."""
        self.ask_to_end()
        threading.Thread(target=self._kill_late, args=(grace_s,), daemon=True, name="child-kill").start()

    def end(self, grace_s: float = END_TIMEOUT_S) -> None:
        """End it and give everything back. Calling it again does nothing."""
        self.send_no_more()
        if grace_s > 0:
            self.ask_to_end()
            self.wait(grace_s)
        self.kill()
        self._process.wait()
        if self._process.stdout is not None:
            with suppress(OSError, ValueError):
                self._process.stdout.close()
        self._stderr.close()

    def last_words(self) -> str:
        """The last line that it wrote on standard error, or "". Call it before `end`."""
        end = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, end - _TAIL_BYTES))
        lines = self._stderr.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")[:LAST_WORDS_CHARS]

    def _kill_late(self, grace_s: float) -> None:
        if not self.wait(grace_s):
            self.kill()


def end_with_parent() -> None:
    """In a child: end when the process that started it is gone, even if this one is stuck in C code."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_FOR_PARENT_EVERY_S)
        os._exit(0)

    threading.Thread(target=watch, daemon=True, name="parent").start()


def end_with_stdin(clean_up: Callable[[], object]) -> None:
    """In a child that reads nothing: end at once when standard input does, whichever way the parent ended."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        clean_up()
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="parent").start()

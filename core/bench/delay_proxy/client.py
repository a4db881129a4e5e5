"""Network distance, simulated: a TCP proxy that delays what passes, in a process of its own.

The measured client must not share its interpreter with the proxy, so `DelayProxy` starts
`core.bench.delay_proxy.relay` as a process and tells it what to do.

Only the delay is simulated: bandwidth has no limit, nothing gets lost, and connecting, which the
system answers before the proxy knows of it, takes no longer than to this machine.
"""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any

from core.bench.delay_proxy.relay import HERE
from core.config.environ import bare_environ
from core.errors import BenchError
from core.runtime.child_process import ChildProcess, module_argv

START_TIMEOUT_S = 30.0
ANSWER_TIMEOUT_S = 10.0


class DelayProxy:
    """A running proxy before a server. Use it as a context manager, or call `close()`.

    Its methods may be called from any thread and take about a millisecond. It starts without delay,
    and it ends with the process that made it, however that ends.
    """

    def __init__(self, host: str, port: int) -> None:
        """Start a proxy before `host`:`port`, which need not be reachable yet.

        Raises:
            BenchError: When it can't be started in time.
        """
        argv = module_argv("core.bench.delay_proxy.relay", host, str(port))
        try:
            self._child = ChildProcess(argv, env=bare_environ())
        except OSError as exc:
            raise BenchError(f"The delay proxy could not be started: {exc.strerror}.") from exc
        self._lock = threading.Lock()
        # None when it has ended.
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True, name="bench-distance")
        self._reader.start()
        self.port = int(self._answer(START_TIMEOUT_S)["port"])

    @property
    def uri(self) -> str:
        """Where clients connect to, such as "http://127.0.0.1:40123"."""
        return f"http://{HERE}:{self.port}"

    def set_rtt(self, rtt_ms: float) -> None:
        """From now on bytes take `rtt_ms` / 2 in each direction; those on their way are not sped up.

        Args:
            rtt_ms: Milliseconds, from 0. Returns once it is in force.

        Raises:
            BenchError: When the round trip is below 0, or the proxy does not answer.
        """
        _check_duration("A round trip", rtt_ms, "ms")
        self._tell({"rtt_ms": rtt_ms})

    def freeze(self, seconds: float) -> None:
        """Stop both directions for that long; then everything goes on, in order and that much later.

        Returns once it is in force, not when it is over.

        Raises:
            BenchError: When the time is below 0, or the proxy does not answer.
        """
        _check_duration("A freeze", seconds, "s")
        self._tell({"freeze_s": seconds})

    def cut(self) -> None:
        """Reset all open connections; what is on its way is lost. New ones are accepted at once.

        Raises:
            BenchError: When the proxy does not answer.
        """
        self._tell({"cut": True})

    def close(self) -> None:
        """End the proxy and its connections. Calling it again does nothing."""
        self._child.end()
        self._reader.join()

    def __enter__(self) -> DelayProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tell(self, command: Mapping[str, Any]) -> None:
        with self._lock:
            # What can't be written to a proxy that is gone is not answered either.
            with suppress(OSError):
                self._child.send(command)
            self._answer(ANSWER_TIMEOUT_S)

    def _answer(self, timeout_s: float) -> dict[str, Any]:
        try:
            answer = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            self.close()
            raise BenchError(f"The delay proxy did not answer within {timeout_s:g} s; start again.") from None
        if answer is not None:
            return answer
        # Left there for the next call, which gets no other answer either.
        self._answers.put(None)
        self.close()
        raise BenchError(f"The delay proxy has ended (exit code {self._child.exit_code}); start again.")

    def _read(self) -> None:
        for answer in self._child.messages():
            self._answers.put(answer)
        self._answers.put(None)


def _check_duration(what: str, value: float, unit: str) -> None:
    if not 0 <= value < math.inf:
        raise BenchError(f"{what} of {value} {unit} can't be simulated; give 0 or more.")

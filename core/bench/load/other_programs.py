"""What else loaded the machine during a run: processor time of the programs that have no part in it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

# Cores that others may use on average without a word: less than what a desktop does when nobody works on it.
QUIET_CORES = 0.3
MIN_LENGTH_S = 1.0
# A Milvus server on this machine has a part in the run.
_TARGET = "milvus"


@dataclass(kw_only=True, slots=True)
class Others:
    """Processor seconds of every other process when it was made; `note` says what has come since.

    No names: a record is given to others, and which programs somebody uses is nobody's business.
    """

    _started_s: float = field(default_factory=time.monotonic)
    _then: dict[psutil.Process, float] = field(default_factory=lambda: _used_s())

    def note(self) -> str:
        """One sentence when others used more than `QUIET_CORES` on average; "" otherwise."""
        length_s = time.monotonic() - self._started_s
        used_s = sum(seconds - self._then.get(process, 0.0) for process, seconds in _used_s().items())
        cores = used_s / length_s if length_s >= MIN_LENGTH_S else 0.0
        if cores <= QUIET_CORES:
            return ""
        return (
            f"Other programs used {cores:.1f} of this machine's {os.cpu_count()} cores on average meanwhile. "
            "Close them and measure again."
        )


def _used_s() -> dict[psutil.Process, float]:
    """Processor seconds of each process that has no part in a run.

    psutil tells one from another that has its number later, also where the clock was set in between.
    """
    import psutil

    own = psutil.Process()
    # Who started it watches it or waits for it; what it started works for it.
    ours = {own.pid, *(process.pid for process in own.parents() + own.children(recursive=True))}
    found = {}
    for process in psutil.process_iter(["pid", "name", "cpu_times", "cmdline"]):
        about = process.info
        times, words = about["cpu_times"], [about["name"] or "", *(about["cmdline"] or ())[:3]]
        if times is not None and about["pid"] not in ours and _TARGET not in " ".join(words):
            found[process] = times.user + times.system
    return found

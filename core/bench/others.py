"""What else loaded the machine during a run: processor time of the programs that have no part in it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

# Cores that others may use on average without a word: less than what a desktop does when nobody works on it.
QUIET_CORES = 0.3
MOST_NAMED = 3
MIN_LENGTH_S = 1.0
# A Milvus server on this machine has a part in the run.
_TARGET = "milvus"


@dataclass(kw_only=True, slots=True)
class Others:
    """Processor seconds of every other process when it was made; `note` says what has come since."""

    _started_s: float = field(default_factory=time.monotonic)
    _then: dict[tuple[int, float], tuple[str, float]] = field(default_factory=lambda: _used())

    def note(self) -> str:
        """One sentence when others used more than `QUIET_CORES` on average; "" otherwise."""
        length_s = time.monotonic() - self._started_s
        used: dict[str, float] = {}
        for process, (name, seconds) in _used().items():
            used[name] = used.get(name, 0.0) + seconds - self._then.get(process, ("", 0.0))[1]
        cores = sum(used.values()) / length_s if length_s >= MIN_LENGTH_S else 0.0
        if cores <= QUIET_CORES:
            return ""
        most = sorted(used.items(), key=lambda item: -item[1])[:MOST_NAMED]
        named = ", ".join(f"{name} {seconds / length_s:.1f}" for name, seconds in most)
        return (
            f"Other programs loaded the machine meanwhile: {cores:.1f} of {os.cpu_count()} cores on average "
            f"({named}). Measure again when they are closed."
        )


def _used() -> dict[tuple[int, float], tuple[str, float]]:
    """(process id, start) to name and processor seconds, of all that have no part in a run."""
    import psutil

    own = psutil.Process()
    # Who started it watches it or waits for it; what it started works for it.
    ours = {own.pid, *(process.pid for process in own.parents() + own.children(recursive=True))}
    found = {}
    for process in psutil.process_iter(["pid", "name", "create_time", "cpu_times", "cmdline"]):
        about = process.info
        name, times = about["name"] or "unknown", about["cpu_times"]
        is_target = _TARGET in " ".join([name, *(about["cmdline"] or ())[:3]])
        if times is not None and about["pid"] not in ours and not is_target:
            found[about["pid"], about["create_time"]] = (name, times.user + times.system)
    return found

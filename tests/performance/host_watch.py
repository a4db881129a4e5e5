"""How much of this machine its host keeps for others: the cores of a virtual machine are not its own."""

from __future__ import annotations

import os
import time

import psutil

# Below it a time counts as undisturbed.
QUIET_BELOW = 0.10
# The disturbance of a while before makes a queue that is still there.
LOOK_BACK_S = 10.0


class HostWatch:
    """Looks taken every second or so, of the time that something wanted to run here and was held up.

    Linux says it as steal time; elsewhere it is 0.
    """

    def __init__(self) -> None:
        self._looks: list[tuple[float, float]] = []
        self.look()

    def look(self) -> None:
        """Take down what the host has taken so far."""
        self._looks.append((time.perf_counter(), getattr(psutil.cpu_times(), "steal", 0.0)))

    def share(self, since_s: float, until_s: float) -> float:
        """The share of all cores that the host took between two times of the performance counter."""
        before = [look for look in self._looks if look[0] <= since_s] or self._looks[:1]
        after = [look for look in self._looks if look[0] >= until_s] or self._looks[-1:]
        (begin_s, taken_s), (end_s, taken_until_s) = before[-1], after[0]
        return (taken_until_s - taken_s) / max(1e-9, (end_s - begin_s) * (os.cpu_count() or 1))

    def is_quiet(self, since_s: float, until_s: float) -> bool:
        """Whether the host left the machine alone from `LOOK_BACK_S` before `since_s` until `until_s`."""
        return self.share(since_s - LOOK_BACK_S, until_s) < QUIET_BELOW

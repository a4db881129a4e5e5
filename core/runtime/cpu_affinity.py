"""The cores of this process: all that it was given, or half of them while a benchmark is measured."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path


@cache
def given_cores() -> frozenset[int]:
    """The cores that this process was started with; empty where the system does not tell."""
    return cores_of(os.getpid())


def num_cores() -> int:
    """How many cores this process was given, also while it keeps to fewer."""
    return len(given_cores()) or os.cpu_count() or 1


def cores_of(pid: int) -> frozenset[int]:
    """The cores on which a process may run; empty where the system does not tell."""
    return frozenset(os.sched_getaffinity(pid)) if hasattr(os, "sched_getaffinity") else frozenset()


class Aside:
    """While this lasts, a process keeps to half of its cores, so that a benchmark has the others for itself.

    What it has started before, such as that benchmark, keeps all. Linux only; elsewhere, and on a single
    core, nothing changes.
    """

    def __init__(self, pid: int) -> None:
        given_cores()  # to be known when they are fewer
        self._pid = pid
        self._all = cores_of(pid)
        self._kept = frozenset(sorted(self._all)[: len(self._all) // 2])
        _set_cores(pid, self._kept)

    def end(self) -> None:
        """Give the cores back, also to processes that were started meanwhile."""
        import psutil

        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self._pid).children(recursive=True):
                with suppress(OSError):
                    if cores_of(child.pid) == self._kept:
                        _set_cores(child.pid, self._all)
            _set_cores(self._pid, self._all)


def _set_cores(pid: int, cores: Iterable[int]) -> None:
    if sys.platform != "linux" or not cores:
        return
    # Twice: a new thread has the cores of the one that started it, which may not have had its turn.
    for _ in range(2):
        with suppress(OSError):  # of a thread or process that has ended
            for task in Path(f"/proc/{pid}/task").iterdir():
                with suppress(OSError):
                    os.sched_setaffinity(int(task.name), cores)

"""Which process something belongs to, so that another one can tell later whether it still runs."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

_PROC = Path("/proc")
# The start is told by the machine's clock, which may be set a little meanwhile.
_TOLERANCE_S = 2.0


def this_process() -> dict[str, Any]:
    """Names this process, as plain values that fit into JSON."""
    pid = os.getpid()
    named = {"host": platform.node(), "pid": pid, "started_s": _started_s(pid)}
    return named | _since_boot(pid)


def is_alive(owner: dict[str, Any] | None) -> bool:
    """Whether the process still runs. One of another machine counts as running: it can't be asked.

    A process id is used again after a while, its start is not. Where both tell it, the start is compared as
    ticks since the machine came up: on Linux what the clock says of it changes when the clock is set.
    """
    if not owner or not isinstance(owner.get("pid"), int):
        return False
    if owner.get("host") != platform.node():
        return True
    started_s = _started_s(owner["pid"])
    if started_s is None:
        return False
    now = _since_boot(owner["pid"])
    if now and owner.get("boot"):
        return bool(now.items() <= owner.items())
    then_s = owner.get("started_s")
    return isinstance(then_s, int | float) and abs(started_s - then_s) <= _TOLERANCE_S


def _started_s(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else round(process.create_time(), 2)
    except (psutil.Error, ValueError, OverflowError):
        return None


def _since_boot(pid: int) -> dict[str, Any]:
    """The start in ticks of the machine, and since which start of it; empty where it does not tell."""
    if sys.platform != "linux":
        return {}
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        about = (_PROC / str(pid) / "stat").read_bytes()
        # The name, in brackets, may hold anything; the start is the 22nd field, the 3rd one follows the name.
        return {"boot": boot, "started_ticks": int(about[about.rindex(b")") + 1 :].split()[19])}
    except (OSError, ValueError, IndexError):
        return {}

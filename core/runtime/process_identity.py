"""Which process something belongs to, so that another one can tell later whether it still runs."""

from __future__ import annotations

import os
import platform
from typing import Any


def this_process() -> dict[str, Any]:
    """Names this process, as plain values that fit into JSON."""
    return {"host": platform.node(), "pid": os.getpid(), "started_s": _started_s(os.getpid())}


def is_alive(owner: dict[str, Any] | None) -> bool:
    """Whether the process still runs. One of another machine counts as running: it can't be asked."""
    if not owner or not isinstance(owner.get("pid"), int):
        return False
    if owner.get("host") != platform.node():
        return True
    started_s = _started_s(owner["pid"])
    # A process id is used again after a while; its start time is not.
    return started_s is not None and started_s == owner.get("started_s")


def _started_s(pid: int) -> float | None:
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else round(process.create_time(), 2)
    except (psutil.Error, ValueError, OverflowError):
        return None

"""File descriptors of this process: each connection takes one, and without any it can't answer."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

WANTED = 65_536
# What one visit may take at once: its connections, its event loop, a document's child process, files.
SPARE = 32


def raise_limit(wanted: int = WANTED) -> int | None:
    """Let this process have as many as it may, `wanted` at most; returns the limit, None where none is."""
    if sys.platform == "win32":  # it counts otherwise
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return soft
    with contextlib.suppress(OSError, ValueError):  # a system may have a limit below the one it names
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def are_scarce(spare: int = SPARE) -> bool:
    """Whether this process has fewer than `spare` left."""
    if sys.platform == "win32":
        return False
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        # Less the one that reads the folder.
        used = sum(1 for _ in Path("/dev/fd").iterdir()) - 1
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return soft != resource.RLIM_INFINITY and soft - used < spare

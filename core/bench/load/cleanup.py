"""What runs that were killed have left: their collections on a server, their Milvus Lite folders here.

Only what carries our mark and whose run is over is removed: its process is gone, or nobody can tell any
more and it is old.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core import store
from core.bench.records.run import is_id
from core.config.settings import Target
from core.errors import StoreError
from core.runtime.process_identity import is_alive, this_process

# A run whose process can't be asked, such as one of another machine, is over by then.
OLD_AFTER = timedelta(days=3)
# From making its folder until it locks it, a run needs a moment.
FOLDER_REST_S = 3600.0
_STAMP = re.compile(re.escape(store.BENCH_PREFIX) + r"(\d{8}T\d{6}Z)_")


def owner_mark() -> str:
    """Names this process, for a collection's owner."""
    return json.dumps(this_process() | {"space": _space()})


def clear_collections(target: Target, now: datetime | None = None) -> list[str]:
    """Drop the collections that dead runs have left at the target; returns their names.

    What can't be dropped stays for the next time.

    Raises:
        StoreError: When the target can't be asked.
    """
    dropped = []
    for name, owner in store.bench_collections(target).items():
        if not is_left(name, owner, now or datetime.now(UTC)):
            continue
        with suppress(StoreError):
            store.drop_left_collection(target, name)
            dropped.append(name)
    return dropped


def is_left(name: str, owner: str, now: datetime) -> bool:
    """Whether the run that made the collection `name` is over.

    Args:
        name: Begins with the time at which it was made.
        owner: What its run has noted on it: the process that measures. Where that can't be asked
            from here, a collection older than `OLD_AFTER` is left.
        now: The time now, with its zone.
    """
    process = _parse(owner)
    if process.get("host") == platform.node() and process.get("space") == _space():
        return not is_alive(process)
    stamp = _STAMP.match(name)
    if stamp is None:
        return False
    with suppress(ValueError):
        return now - datetime.strptime(stamp[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) > OLD_AFTER
    return False


def clear_folders(folder: Path) -> list[Path]:
    """Remove the Milvus Lite folders, the passages and the documents that runs have left in `folder`.

    Returns:
        What it removed.
    """
    removed = []
    for path in sorted(path for kind in ("db", "npz", "document") for path in folder.glob(f"*.{kind}")):
        with suppress(OSError):
            is_resting = time.time() - path.stat().st_mtime > FOLDER_REST_S
            if is_id(path.stem) and is_resting and not store.is_lite_held(path):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
                removed.append(path)
    return removed


def _parse(owner: str) -> dict[str, Any]:
    try:
        values = json.loads(owner)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _space() -> str:
    """Where process numbers mean the same: this start of this machine, inside one container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""

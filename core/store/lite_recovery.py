"""Looking at a Milvus Lite folder before Milvus Lite does.

Where it finds its list of files damaged, it goes on with an older list, without a word, and removes the
files that are not on it: all that was added since would be lost for good.

It drops a collection file by file. A process that ends in between would leave a collection that looks
damaged, so what is to be dropped is noted first.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_LIST, _OLDER_LIST = "manifest.json", "manifest.json.prev"
_DROPS = "overlap-drops"


@contextmanager
def dropping(folder: Path, collection: str) -> Iterator[None]:
    """Note that the collection is being dropped, for as long as this lasts; a kill leaves the note."""
    note = folder / _DROPS / collection
    # A disk with no room for a note is a reason to drop, not to refuse it.
    with suppress(OSError):
        note.parent.mkdir(exist_ok=True)
        note.touch()
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink()


def finish_drops(folder: Path) -> None:
    """Remove what a killed process was dropping. Only while nobody has the folder open; raises OSError."""
    for note in (folder / _DROPS).glob("*"):
        remains = folder / "collections" / note.name
        if remains.is_dir():
            shutil.rmtree(remains)
        note.unlink()


def damaged_file(folder: Path) -> Path | None:
    """The first file that is damaged or missing, of those that say what there is; None when all are well.

    Only while nobody has the folder open.

    Raises:
        OSError: When it can't be read.
    """
    for collection in sorted((folder / "collections").glob("*/")):
        found = _damaged_in(collection)
        if found is not None:
            return found
    return None


def is_lite_held(path: Path) -> bool:
    """Whether a process has the Milvus Lite folder open."""
    try:
        with (path / "LOCK").open("r+b") as file:
            return _is_locked(file.fileno())
    except OSError:
        return False


def _is_locked(fd: int) -> bool:
    """Whether somebody has the lock that Milvus Lite takes on this file; if not, it is ours until closed."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
            msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # what flock says, and what Windows does
        return True
    return False


def _damaged_in(collection: Path) -> Path | None:
    listing = collection / _LIST
    if not listing.exists():
        # The list is replaced in one step, so no crash leaves a folder with files and without it.
        has_files = any(collection.glob("partitions/*/data/*"))
        return listing if has_files or (collection / _OLDER_LIST).exists() else None
    values = _parse(listing)
    if values is None:
        return listing
    if _parse(collection / "schema.json") is None:
        return collection / "schema.json"
    named = [
        collection / "partitions" / partition / str(name)
        for partition, files in dict(values.get("partitions") or {}).items()
        for kind in ("data_files", "delta_files")
        for name in files.get(kind, ())
    ]
    return next((path for path in named if not path.exists()), None)


def _parse(path: Path) -> dict[str, Any] | None:
    try:
        values = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return values if isinstance(values, dict) else None

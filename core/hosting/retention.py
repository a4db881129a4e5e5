"""When each visitor of a shared app was here last, and what is deleted when that is long ago."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from core.config.settings import Settings
from core.errors import OverlapError, StoreError
from core.runtime.logs import kinds
from core.store.owners import drop_all, owners

logger = logging.getLogger(__name__)

SEEN, HOLDS = "seen", "holds"
NOTED_EVERY_S = 60.0
_VISITOR = re.compile(r"[0-9a-f]{24}")


class Visits:
    """Last visits, as the time of change of a file in each visitor's folder: they outlive a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, visitor: str, now_s: float) -> None:
        """The visitor is here now (Unix time). A disk that is full or read-only is no reason to fail."""
        path = self._folder / visitor / SEEN
        last_s = self.last_s(visitor)
        if last_s is not None and 0 <= now_s - last_s < NOTED_EVERY_S:
            return
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            os.utime(path, (now_s, now_s))

    def last_s(self, visitor: str) -> float | None:
        """Unix time of the last visit; None when none is known."""
        try:
            return (self._folder / visitor / SEEN).stat().st_mtime
        except OSError:
            return None

    def keep(self, visitor: str) -> None:
        """The visitor is about to have something here, and so to hold a place."""
        with contextlib.suppress(OSError):
            (self._folder / visitor).mkdir(parents=True, exist_ok=True)
            (self._folder / visitor / HOLDS).touch()

    def is_empty(self, visitor: str) -> bool:
        """Whether the visitor has only looked: nothing but the visit is noted, and no file is kept."""
        folder = self._folder / visitor
        return not folder.is_dir() or all(path.name == SEEN for path in folder.iterdir())

    def known(self) -> Iterator[str]:
        """Every visitor with a folder."""
        if self._folder.is_dir():
            yield from sorted(path.name for path in self._folder.iterdir() if _VISITOR.fullmatch(path.name))


def clear_idle(settings: Settings, now_s: float, *, delete: Callable[[str], object]) -> list[str]:
    """Delete all that visitors have who were not here for `idle_hours`; returns these visitors.

    Args:
        settings: Of the app, without a visitor.
        now_s: Unix time.
        delete: Stops what a visitor has going on, and deletes it all. Where it can't yet, the visitor is left
            for the next time, and holds up no other.

    Raises:
        StoreError: When Milvus refuses or fails a call; what was deleted by then stays deleted.
    """
    visits = Visits(settings.visitors_dir)
    made = {owner: _unix_s(at) for owner, at in owners(settings.target).items()}
    cleared = []
    for visitor in sorted({*visits.known(), *made}):
        seen_s = max(visits.last_s(visitor) or 0.0, made.get(visitor, 0.0))
        if now_s - seen_s <= 3600 * settings.limits.idle_hours:
            continue
        try:
            delete(visitor)
        except OverlapError as exc:
            logger.warning("What an idle visitor has could not be deleted yet: %s", kinds(exc))
            continue
        cleared.append(visitor)
    return cleared


def delete_visitor(settings: Settings, visitor: str) -> None:
    """Delete a visitor's knowledge bases, kept files and runs.

    Raises:
        StoreError: Milvus refused or failed a call; the files are kept then.
        ValueError: When `visitor` has not the form of one, so that no other folder is deleted.
    """
    if not _VISITOR.fullmatch(visitor):
        raise ValueError(f"{visitor!r} is no visitor")
    drop_all(settings.for_visitor(visitor).target, visitor)
    shutil.rmtree(settings.visitors_dir / visitor, ignore_errors=True)


def try_clear_idle(settings: Settings, now_s: float, *, delete: Callable[[str], object]) -> list[str]:
    """`clear_idle`; a Milvus that is away is tried again next time."""
    try:
        return clear_idle(settings, now_s, delete=delete)
    except StoreError:
        return []


def _unix_s(at: str) -> float:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

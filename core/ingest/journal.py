"""What happens to the files of an ingest, and when: its clock, its log, the steps of each file."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from core.ingest.file_state import FileState
from core.ingest.progress import Stage
from core.ingest.timeline import StepSpan
from core.runtime.words import counted


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEntry:
    """Something that happened.

    Attributes:
        at: With its time zone.
        file: "" when it is about the whole ingest.
        is_wait: Whether it is that a Milvus is waited for that does not answer.
    """

    at: datetime
    file: str
    event: str
    is_wait: bool = False


class Journal:
    """What happened in one ingest, and when.

    Attributes:
        log: Oldest first.
        started_s: On the clock of `time.perf_counter`.
    """

    def __init__(self) -> None:
        self.log: list[LogEntry] = []
        self.started_s = time.perf_counter()

    def since_start_s(self) -> float:
        """Seconds since `started_s`."""
        return time.perf_counter() - self.started_s

    def note(self, file: FileState, event: str, *, is_wait: bool = False) -> None:
        """Add a line to the log, with the time now in UTC."""
        self.log.append(LogEntry(at=datetime.now(UTC), file=file.name, event=event, is_wait=is_wait))

    def finish(self, file: FileState, stage: Stage) -> None:
        """The file has ended in `stage`."""
        file.finish(stage, time.perf_counter())
        self.note(file, _ended_as(file))

    @contextlib.contextmanager
    def step(self, file: FileState | None, step: str, num_chunks: int = 0) -> Iterator[None]:
        """A stretch of work on `file`; one that fails was work as well."""
        start_s = self.since_start_s()
        try:
            yield
        finally:
            if file is not None:
                end_s = self.since_start_s()
                file.spans.append(StepSpan(step=step, start_s=start_s, end_s=end_s, num_chunks=num_chunks))


def _ended_as(file: FileState) -> str:
    if file.stage is Stage.DONE:
        assert file.finished_s is not None and file.started_s is not None
        added = f"{counted(file.chunks_added, 'chunk')}{embedded_before(file.chunks_reused)}"
        return f"is in: {added} in {file.finished_s - file.started_s:.2f} s"
    if file.stage is Stage.PRESENT:
        return f"was already there. {file.error or ''}".strip()
    if file.stage is Stage.FAILED:
        return f"failed: {file.error}"
    return f"was stopped after {counted(file.chunks_done, 'chunk')}"


def embedded_before(num_chunks: int) -> str:
    """What stands behind a number of added chunks when `num_chunks` of them were known; "" for none."""
    return f" ({num_chunks:,} of them embedded before)" if num_chunks else ""


def log_text(entries: Iterable[LogEntry]) -> str:
    """The log as lines of time (UTC, with milliseconds), file and event, for reading and for download."""
    lines = []
    for entry in entries:
        told_at = entry.at.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
        lines.append("  ".join(filter(None, [told_at, entry.file, entry.event])))
    return "\n".join(lines) + "\n" if lines else ""

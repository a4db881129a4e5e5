"""What happens to the files of an ingest, and when: its clock, its log, the steps of each file."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from core.documents.models import Stage
from core.ingest.progress import FileState
from core.ingest.timeline import LogEntry, StepSpan, embedded_before
from core.runtime.words import counted


class Journal:
    """Of one ingest.

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

    def note(self, file: FileState, event: str) -> None:
        """Add a line to the log, with the time now in UTC."""
        self.log.append(LogEntry(at=datetime.now(UTC), file=file.name, event=event))

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

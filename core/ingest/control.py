"""An ingest as pages and programs see it: how far each file is, stopping, trying again, the log."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Lock

from core.config.settings import Secret
from core.documents.models import Stage
from core.documents.sandbox.pool import ReadCall
from core.documents.sources.incoming import IncomingFile
from core.ingest.progress import FileState, IngestSnapshot
from core.ingest.timeline import LogEntry, StepSpan, embedded_before


class IngestControl:
    """The files of an ingest and what can be done with them from any thread.

    ended: set while no run is under way, after the first.
    """

    def __init__(self, files: Sequence[IncomingFile]) -> None:
        self._files = [FileState(incoming=file, index=index) for index, file in enumerate(files)]
        self._pending = deque(self._files)
        self._log: list[LogEntry] = []
        self._lock = Lock()
        self._stop = Event()
        self._reading: tuple[FileState, ReadCall] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started_s = time.perf_counter()
        self._finished_s: float | None = None
        self.ended = Event()

    async def run(self) -> IngestSnapshot:
        """Do the work; again after `retry` asked for it."""
        raise NotImplementedError

    def _goes_on(self) -> bool:
        """Whether files wait. Where none does it ends here, so that a retry knows to start it anew."""
        with self._lock:
            if self._pending and not self._stop.is_set():
                return True
            self._finished_s = time.perf_counter()
            return False

    def stop(self) -> None:
        """End soon: what is inserted stays, the same files go on from there next time."""
        self._stop.set()
        self._end_reading()

    def stop_file(self, index: int) -> None:
        """End one file; the others go on. Nothing happens where it has ended."""
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._stop_file, self._files[index])
        else:
            self._stop_file(self._files[index])

    def _stop_file(self, file: FileState) -> None:
        if file.stage.is_final:
            return
        self._finish(file, Stage.STOPPED)
        reading = self._reading
        if reading is not None and reading[0] is file:
            reading[1].stop()

    def retry(
        self, index: int, *, password: Secret | None = None, ocr: bool = False, encoding: str = ""
    ) -> bool:
        """Try a file again that failed or was stopped; with an encoding also one that is in.

        Returns whether `run` has to be started again, on the loop of the first run: it had ended.
        """
        old = self._files[index]
        with self._lock:
            may_be_in = {Stage.DONE, Stage.PRESENT} if encoding else set()
            if old.stage not in {Stage.FAILED, Stage.STOPPED} | may_be_in:
                return False
            encoding = encoding or old.incoming.encoding
            incoming = replace(old.incoming, password=password, ocr=ocr, encoding=encoding)
            self._files[index] = FileState(incoming=incoming, index=index)
            self._pending.append(self._files[index])
            self._note(self._files[index], "is tried again")
            if self._finished_s is None:
                return False
            # The time in which nothing went on does not count.
            self._started_s += time.perf_counter() - self._finished_s
            self._finished_s = None
            self._stop.clear()
            self.ended.clear()
            return True

    def num_chunks_to_replace(self, index: int) -> int:
        """How many chunks go once a file is in, as far as it is known."""
        file = self._files[index]
        if file.incoming.same_name == "keep":
            return 0
        return sum(version.num_chunks for version in file.beside)

    def snapshot(self) -> IngestSnapshot:
        """How far it is; may be called from any thread."""
        now_s = self._finished_s if self._finished_s is not None else time.perf_counter()
        return IngestSnapshot(
            files=tuple(file.progress(now_s) for file in self._files),
            is_running=self._finished_s is None,
            elapsed_s=now_s - self._started_s,
            ingest=self,
            log=tuple(self._log),
        )

    def spans(self) -> tuple[StepSpan, ...]:
        """What was done when, of all files, in the order in which it ended."""
        return tuple(span for file in self._files for span in tuple(file.spans))

    def _end_reading(self) -> None:
        reading = self._reading
        if reading is not None:
            reading[1].stop()

    def _finish(self, file: FileState, stage: Stage) -> None:
        file.finish(stage, time.perf_counter())
        self._note(file, _ended_as(file))

    def _note(self, file: FileState, event: str) -> None:
        self._log.append(LogEntry(at=datetime.now(UTC), file=file.name, event=event))

    @contextlib.contextmanager
    def _step(self, file: FileState | None, step: str, num_chunks: int = 0) -> Iterator[None]:
        """A stretch of work on `file`; one that fails was work as well."""
        start_s = time.perf_counter() - self._started_s
        try:
            yield
        finally:
            if file is not None:
                end_s = time.perf_counter() - self._started_s
                file.spans.append(StepSpan(step=step, start_s=start_s, end_s=end_s, num_chunks=num_chunks))


def _ended_as(file: FileState) -> str:
    if file.stage is Stage.DONE:
        assert file.finished_s is not None and file.started_s is not None
        added = f"{file.chunks_added:,} chunks{embedded_before(file.chunks_reused)}"
        return f"is in: {added} in {file.finished_s - file.started_s:.2f} s"
    if file.stage is Stage.PRESENT:
        return f"was already there. {file.error or ''}".strip()
    if file.stage is Stage.FAILED:
        return f"failed: {file.error}"
    return f"was stopped after {file.chunks_done:,} chunks"

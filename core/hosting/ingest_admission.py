"""Leave to ingest documents: at once in an app of one's own, within the host's limits in a shared one."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Protocol

from core.documents.sources.incoming import IncomingFile, NamedBytes
from core.errors import FileTooLargeError
from core.hosting.host import Host
from core.hosting.quotas import MB
from core.ingest.progress import IngestSnapshot
from core.runtime import event_loop
from core.runtime.logs import kinds, who

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.3


class Job(Protocol):
    """What is needed of an ingest."""

    async def run(self) -> IngestSnapshot: ...
    def snapshot(self) -> IngestSnapshot: ...
    def stop(self) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """Leave to ingest. host, visitor: of a shared app. room: how many chunks there may be at most."""

    host: Host | None = None
    visitor: str = ""
    room: int = 0

    def begin(self, job: Job) -> Future[IngestSnapshot]:
        """Start `job` on the app's loop; it ends when its room is used up."""
        logger.info("Ingest%s begins", who(self.visitor))
        if self.host is None:
            future = event_loop.submit(job.run())
            future.add_done_callback(self._log)
            return future
        future = event_loop.submit(self._run(job))
        future.add_done_callback(self._log)
        host = self.host
        future.add_done_callback(lambda _: host.end_ingest(self.visitor))
        return future

    def _log(self, future: Future[IngestSnapshot]) -> None:
        """How it ended. Of the files only how many."""
        if future.cancelled():
            logger.warning("Ingest%s was cancelled", who(self.visitor))
        elif exc := future.exception():
            logger.error("Ingest%s failed: %s", who(self.visitor), kinds(exc))
        else:
            snapshot = future.result()
            stages = Counter(str(file.stage) for file in snapshot.files)
            told = ", ".join(f"{number} {stage}" for stage, number in stages.items())
            logger.info(
                "Ingest%s ended after %.1f s: files %s; %d chunks",
                who(self.visitor),
                snapshot.elapsed_s,
                told,
                snapshot.num_chunks_added,
            )

    def give_back(self) -> None:
        """Nothing is going to be begun."""
        if self.host is not None:
            self.host.end_ingest(self.visitor)

    async def _run(self, job: Job) -> IngestSnapshot:
        before = job.snapshot().num_chunks_added
        watching = asyncio.create_task(self._watch(job, before + self.room))
        try:
            return await job.run()
        finally:
            watching.cancel()

    async def _watch(self, job: Job, most: int) -> None:
        # An ingest tells nobody of single chunks.
        while job.snapshot().num_chunks_added < most:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_EVERY_S)
        job.stop()


def admit(host: Host | None, visitor: str, sizes_bytes: Sequence[int], num_replaced: int = 0) -> Admission:
    """Ask for leave to ingest documents of these sizes. host: None where the app is not shared.

    num_replaced: chunks that are deleted once the documents are in.
    Raises QuotaError, StoreError. Blocks.
    """
    if host is None:
        return Admission()
    room = host.room_for_chunks(visitor, num_replaced)
    host.begin_ingest(visitor)
    try:
        host.quotas.add_documents(visitor, sizes_bytes)
    except BaseException:
        host.end_ingest(visitor)
        raise
    return Admission(host=host, visitor=visitor, room=room)


def checked_when_read(file: IncomingFile, upload_mb: int) -> IncomingFile:
    """The file, refused when it turns out larger than `upload_mb`: an archive may lie about its sizes."""

    def read() -> bytes | NamedBytes:
        found = file.read()
        data = found.data if isinstance(found, NamedBytes) else found
        if len(data) > upload_mb * MB:
            raise FileTooLargeError(
                f"{file.name} has more than the {upload_mb:,} MB that this shared app takes. Split it."
            )
        return found

    return replace(file, read=read)

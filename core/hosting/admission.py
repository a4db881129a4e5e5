"""Leave to ingest documents: at once in an app of one's own, within the host's limits in a shared one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Protocol

from core import loop
from core.documents.progress import IncomingFile, IngestSnapshot, NamedBytes
from core.errors import FileTooLargeError
from core.hosting.host import Host
from core.hosting.quotas import MB

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
        if self.host is None:
            return loop.submit(job.run())
        future = loop.submit(self._run(job))
        host = self.host
        future.add_done_callback(lambda _: host.end_ingest(self.visitor))
        return future

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


def admit(host: Host | None, visitor: str, sizes_bytes: Sequence[int]) -> Admission:
    """Ask for leave to ingest documents of these sizes. host: None where the app is not shared.

    Raises QuotaError, StoreError. Blocks.
    """
    if host is None:
        return Admission()
    room = host.room_for_chunks(visitor)
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

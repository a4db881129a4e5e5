"""Leave to ingest documents: at once in an app of one's own, within the host's limits in a shared one."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.documents.sources.incoming import IncomingFile, NamedBytes
from core.errors import FileTooLargeError
from core.hosting.host import Host
from core.ingest.progress import IngestSnapshot
from core.runtime import event_loop
from core.runtime.jobs import Job
from core.runtime.logs import kinds, who
from core.runtime.words import MB, counted

if TYPE_CHECKING:
    from core.ingest.pipeline import Ingest

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.3
CHUNKS_USED_UP = (
    "This shared app keeps no more chunks of yours. Delete documents, then try again to go on from there."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """Leave to ingest.

    Attributes:
        host: The shared app; None for an app that is not shared.
        visitor: Who ingests; "" in an app that is not shared.
        room: How many chunks there may be at most.
    """

    host: Host | None = None
    visitor: str = ""
    room: int = 0

    def give_back(self) -> None:
        """Nothing is being ingested any more, or is going to be."""
        if self.host is not None:
            self.host.end_ingest(self.visitor)


class IngestJob(Job[IngestSnapshot]):
    """An ingest on the app's loop, which ends when the room of its admission is used up."""

    def __init__(self, ingest: Ingest, admission: Admission) -> None:
        super().__init__()
        self.ingest, self._admission = ingest, admission

    async def work(self) -> IngestSnapshot:
        """Run the ingest to its end, give its room back and log what became of it."""
        visitor = who(self._admission.visitor)
        logger.info("Ingest%s begins", visitor)
        try:
            snapshot = await self._run()
        except asyncio.CancelledError:
            logger.warning("Ingest%s was cancelled", visitor)
            raise
        except Exception as exc:
            logger.error("Ingest%s failed: %s", visitor, kinds(exc))
            raise
        finally:
            self._admission.give_back()
        self._log(snapshot)
        return snapshot

    def on_stop(self) -> None:
        """Tell the ingest to end soon; what is inserted stays."""
        event_loop.background_loop().call_soon_threadsafe(self.ingest.stop)

    def _log(self, snapshot: IngestSnapshot) -> None:
        """How it ended. Of the files only how many."""
        stages = Counter(str(file.stage) for file in snapshot.files)
        logger.info(
            "Ingest%s ended after %.1f s: files %s; %s",
            who(self._admission.visitor),
            snapshot.elapsed_s,
            ", ".join(f"{number} {stage}" for stage, number in stages.items()),
            counted(snapshot.num_chunks_added, "chunk"),
        )

    async def _run(self) -> IngestSnapshot:
        if self._admission.host is None:
            return await self.ingest.run()
        most = self.ingest.snapshot().num_chunks_added + self._admission.room
        watching = asyncio.create_task(self._watch(most))
        try:
            return await self.ingest.run()
        finally:
            watching.cancel()

    async def _watch(self, most: int) -> None:
        # An ingest tells nobody of single chunks.
        while self.ingest.snapshot().num_chunks_added < most:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_EVERY_S)
        self.ingest.stop(CHUNKS_USED_UP)


def admit(host: Host | None, visitor: str, sizes_bytes: Sequence[int], num_replaced: int = 0) -> Admission:
    """Ask for leave to ingest documents of these sizes.

    Blocks.

    Args:
        host: None where the app is not shared.
        visitor: Who wants to ingest; "" where the app is not shared.
        sizes_bytes: Of each document.
        num_replaced: Chunks that are deleted once the documents are in.

    Raises:
        QuotaError: What the host of a shared app allows is used up.
        StoreError: Milvus refused or failed a call.
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

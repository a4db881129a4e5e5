"""Files that were sent with the chat: on their way into the knowledge base, in the background.

They outlive the page that sent them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from core.answers.conversation import SentFile
from core.config.settings import Settings
from core.documents.sources.incoming import IncomingFile
from core.documents.sources.zip_archive import expanded
from core.ingest.progress import IngestSnapshot, Stage
from core.ingest.same_name import name_conflicts
from core.runtime.jobs import Job, JobState, JobStoppedError
from pages.components.ingest_words import outcome_words
from pages.components.same_name_form import Conflicts, content_id
from pages.components.uploads import kept_bytes
from pages.state.app_state import jobs
from pages.state.ingests import ingest_job, start_ingest
from pages.state.opened import open_knowledge_base
from pages.state.presence import Presence

if TYPE_CHECKING:
    from core.ingest.pipeline import Ingest

LOOK_EVERY_S = 0.1
ABANDONED_S = 600.0
_numbers = count(1)


@dataclass(kw_only=True, slots=True)
class Message:
    """What was sent.

    Attributes:
        session: The page it was sent from.
        is_open: Whether that is still open.
    """

    question: str
    files: Sequence[IncomingFile]
    knowledge_base: str
    session: str
    is_open: Presence
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.names = tuple(file.name for file in self.files)


class SentFiles(Job[tuple[SentFile, ...]]):
    """The files of one message, from when they are sent until each is in or can't be.

    Attributes:
        conflicts: Names of theirs that documents have already; while it is not empty, somebody has to decide.
        incoming: The files that `conflicts` counts.
        is_behind: Another ingest has to end first.
    """

    def __init__(self, settings: Settings, message: Message, *, abandoned_s: float = ABANDONED_S) -> None:
        """Get ready to take in the files of a message.

        Args:
            settings: Of the visitor.
            message: The question, if there is one, and the files.
            abandoned_s: Seconds that a decision is waited for after the visitor's page was closed.
        """
        super().__init__()
        self._abandoned_s = abandoned_s
        self.settings, self.message = settings, message
        self.incoming: list[IncomingFile] = []
        self.conflicts: Conflicts = {}
        self.is_behind = False
        self.ingest: Ingest | None = None
        self._is_replacing: bool | None = None
        self._seen_s = time.monotonic()

    async def work(self) -> tuple[SentFile, ...]:
        """What became of each file, once none of them is on its way any more."""
        size_bytes = sum(file.size_bytes for file in self.message.files)
        with kept_bytes(self.message.session, size_bytes):
            opening = open_knowledge_base(self.settings, self.message.knowledge_base)
            await asyncio.shield(asyncio.wrap_future(opening))
            self.check_stop()
            self.incoming = await asyncio.to_thread(
                lambda: [each for file in self.message.files for each in expanded(file)]
            )
            self.check_stop()
            await self._decide_names()
            if self.incoming:
                await self._begin()
        # An ingest tells how far it is, to threads too; it has no event to await.
        while self.ingest is not None and self.ingest.is_running:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_EVERY_S)
        return self.outcome

    @property
    def since_end_s(self) -> float:
        """How long ago it ended; 0 while it goes on."""
        return 0.0 if self.is_running else time.monotonic() - self._ended_s

    def decide(self, *, replacing: bool) -> None:
        """What becomes of the documents in `conflicts`."""
        self._is_replacing = replacing

    @property
    def snapshot(self) -> IngestSnapshot | None:
        """How far the files are; None before they go in."""
        return None if self.ingest is None else self.ingest.snapshot()

    @property
    def outcome(self) -> tuple[SentFile, ...]:
        """What became of each file, as far as that is known."""
        if self.error is not None:
            return tuple(SentFile(name=name, is_in=False, outcome="") for name in self.message.names)
        if self.state is JobState.STOPPED and self.ingest is None:
            return tuple(
                SentFile(name=name, is_in=False, outcome="was left out.") for name in self.message.names
            )
        return () if self.ingest is None else outcome_of(self.ingest)

    async def _decide_names(self) -> None:
        """Wait where names are taken until somebody has said what becomes of the documents that are there."""
        kb = open_knowledge_base(self.settings, self.message.knowledge_base).result()

        def look() -> Conflicts:
            files = self.incoming
            return name_conflicts(files, kb.store.documents(), lambda index: content_id(files[index]))

        conflicts = await asyncio.to_thread(look)
        self.conflicts = conflicts
        while conflicts and self._is_replacing is None:
            await self._pause()
        self.conflicts = {}
        if self._is_replacing:
            self.incoming = [
                replace(file, same_name="replace") if index in conflicts else file
                for index, file in enumerate(self.incoming)
            ]

    async def _begin(self) -> None:
        name = self.message.knowledge_base
        self.check_stop()
        while not await asyncio.to_thread(start_ingest, self.settings, self.incoming, name):
            self.is_behind = True
            await self._pause()
        self.is_behind = False
        job = ingest_job(self.settings, name)
        self.ingest = None if job is None else job.ingest
        # From now on the ingest has them: who leaves without a look at what became of them keeps nothing.
        self.incoming, self.message.files = [], ()

    async def _pause(self) -> None:
        """Wait `LOOK_EVERY_S` seconds, and end the work where nobody is there any more who could decide.

        Raises:
            JobStoppedError: When the visitor's page has been closed for too long, or the job was stopped.
        """
        self.check_stop()
        now_s = time.monotonic()
        if self.message.is_open():
            self._seen_s = now_s
        elif now_s - self._seen_s > self._abandoned_s:
            raise JobStoppedError
        await asyncio.sleep(LOOK_EVERY_S)


def outcome_of(ingest: Ingest) -> tuple[SentFile, ...]:
    """What became of each file of an ingest, as far as that is known."""
    return tuple(
        SentFile(
            name=file.file,
            is_in=file.stage in {Stage.DONE, Stage.PRESENT},
            outcome=outcome_words(file),
        )
        for file in ingest.snapshot().files
    )


def send(settings: Settings, message: Message) -> SentFiles:
    """Take a message's files in, from now on in the background."""
    for job in jobs.of_kind(SentFiles):
        if not job.is_running and not job.message.is_open() and job.since_end_s > ABANDONED_S:
            forget(job)
    key = f"{settings.target.key}|{next(_numbers)}"
    return jobs.begin(SentFiles, key, lambda: SentFiles(settings, message))


def forget(sent: SentFiles) -> None:
    """Its outcome stands in a conversation; it need not be found any more."""
    jobs.forget_job(sent)

"""How far an ingest and each of its files is, for whoever watches. Frozen; unknown is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from core.documents.models import Version

if TYPE_CHECKING:
    from core.ingest.journal import LogEntry
    from core.ingest.pipeline import Ingest

Remedy = Literal["password", "ocr", "another file"]


class Stage(StrEnum):
    """Where a file is on its way into the knowledge base."""

    WAITING = "waiting"
    READING = "reading"
    CHUNKING = "chunking"
    EMBEDDING = "embedding"
    INSERTING = "inserting"
    DONE = "done"
    PRESENT = "already there"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to the file; it can still be tried again after a failure or a stop."""
        return self in {Stage.DONE, Stage.PRESENT, Stage.FAILED, Stage.STOPPED}


@dataclass(frozen=True, kw_only=True, slots=True)
class FileProgress:
    """How far one file is.

    Attributes:
        num_pages: None until known.
        num_chunks: None until known.
        pages_done: Pages that are read.
        pages_per_s: How fast it is read; None until something was read.
        chunks_done: Chunks that Milvus has, including those of an earlier ingest.
        chunks_reused: Chunks whose text was embedded before, and not again.
        chunks_per_s: How fast this ingest inserts them; None until something was inserted.
        eta_s: Seconds left at that speed, None when unknown.
        first_searchable_s: From the ingest's start until a question could be answered from this file.
        error: Why it failed, or why nothing of it was added.
        warning: What of it could not be read, although the rest is in.
        notes: As in `core.documents.models.Document`.
        language: As two letters; None where it is unclear or not known yet.
        unknown_share: As in `core.documents.models.CutDocument`; None before it is cut.
        steps_s: For how long each step was under way so far, in s; see `core.ingest.timeline.STEPS`.
        remedy: What would help a file that failed: its "password", "ocr" for a scan, or "another file" where
            trying again can't.
        beside: Documents of the same name with other content that were there before, and still are.
        replaced: Those that were, and were deleted for this one; with as many chunks as they had.
    """

    file: str
    stage: Stage
    size_bytes: int
    num_pages: int | None = None
    num_chunks: int | None = None
    chunks_done: int = 0
    chunks_added: int = 0
    chunks_reused: int = 0
    chunks_per_s: float | None = None
    eta_s: float | None = None
    elapsed_s: float | None = None
    first_searchable_s: float | None = None
    error: str | None = None
    warning: str | None = None
    notes: tuple[str, ...] = ()
    language: str | None = None
    unknown_share: float | None = None
    pages_done: int = 0
    pages_per_s: float | None = None
    steps_s: dict[str, float] = field(default_factory=dict)
    remedy: Remedy | None = None
    beside: tuple[Version, ...] = ()
    replaced: tuple[Version, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestSnapshot:
    """How far an ingest is.

    Attributes:
        ingest: The ingest itself, for a page that stops a file or tries it again.
        log: What has happened so far, oldest first.
        is_stopping: It was told to stop, and still runs: what is embedded, or being embedded, goes in first.
    """

    files: tuple[FileProgress, ...]
    is_running: bool
    elapsed_s: float
    ingest: Ingest
    log: tuple[LogEntry, ...] = ()
    is_stopping: bool = False

    @property
    def num_chunks_added(self) -> int:
        """In all files together; chunks that were there before are not counted."""
        return sum(file.chunks_added for file in self.files)

    @property
    def first_searchable_s(self) -> float | None:
        """From the start until a first question could be answered from one of these files."""
        times_s = [file.first_searchable_s for file in self.files if file.first_searchable_s is not None]
        return min(times_s, default=None)

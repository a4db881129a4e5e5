"""One file of an ingest while it is on its way: what is known of it, and what still has to happen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.documents.file_identity import clean_file_name
from core.documents.models import Document, DocumentSummary, Version, unread_pages_warning
from core.documents.sources.incoming import IncomingFile, NamedBytes
from core.errors import OverlapError
from core.ingest.batches import FIRST_WINDOW
from core.ingest.progress import FileProgress, Remedy, Stage
from core.ingest.timeline import StepSpan, busy_by_step

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode


@dataclass
class FileState:
    """The state of one file, changed on the event loop only. Times are those of the ingest's clock.

    Attributes:
        index: Its place among the ingest's files.
        pages_read: How many pages are read, and of how many; told by the reader's thread.
        twin: The file of the same ingest with the same content, which this one leaves the work to.
        beside: As in `core.ingest.progress.FileProgress`.
        replaced: As in `core.ingest.progress.FileProgress`.
        outdated_ids: Chunks that Milvus has of the document as it was read before, and that it has no more.
    """

    incoming: IncomingFile
    index: int = 0
    stage: Stage = Stage.WAITING
    document: Document | None = None
    twin: FileState | None = None
    pages_read: tuple[int, int] | None = None
    num_chunks: int | None = None
    num_tokens: int | None = None
    chunks_done: int = 0
    chunks_added: int = 0
    chunks_reused: int = 0
    started_s: float | None = None
    embedding_since_s: float | None = None
    finished_s: float | None = None
    first_searchable_s: float | None = None
    error: str | None = None
    warning: str | None = None
    notes: tuple[str, ...] = ()
    language: str | None = None
    unknown_share: float | None = None
    telling_language: Future[str | None] | None = None
    remedy: Remedy | None = None
    size_bytes: int = 0
    windows_left: int = 0
    is_protected: bool = False
    beside: tuple[Version, ...] = ()
    replaced: tuple[Version, ...] = ()
    is_read_anew: bool = False
    outdated_ids: frozenset[str] = frozenset()
    spans: list[StepSpan] = field(default_factory=list)
    # Its bytes, until they are kept beside what is in.
    original: bytes = b""
    # Nodes that wait for others: see `in_turn`.
    held: list[TextNode] = field(default_factory=list)
    has_begun: bool = False
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = clean_file_name(self.incoming.name)
        self.size_bytes = self.incoming.size_bytes

    def read(self) -> bytes:
        """The file's bytes; takes over the name that came with them.

        Raises:
            OverlapError: When the bytes can't be had: the disk, an archive or a web address refuses them.
        """
        try:
            content = self.incoming.read()
        except OSError as exc:
            raise OverlapError(f"{self.name} can't be read: {exc.strerror or exc}.") from exc
        if isinstance(content, NamedBytes):
            self.name, content = clean_file_name(content.name), content.data
        self.size_bytes = len(content)
        return content

    def let_go(self) -> None:
        """Nobody reads it again: its bytes need not stay in memory."""
        self.incoming = replace(self.incoming, read=_nothing_left)

    def take_document(self, document: Document, *, num_chunks: int, num_missing: int) -> None:
        """It is `document` of `num_chunks` chunks, of which Milvus does not have `num_missing` yet."""
        self.document, self.warning = document, unread_pages_warning(document)
        self.notes = document.notes
        self.num_chunks, self.chunks_done = num_chunks, num_chunks - num_missing

    def in_turn(self, nodes: list[TextNode], *, is_beginning: bool) -> Iterator[list[TextNode]]:
        """What may go in now that `nodes` are embedded, one after the other.

        The document's beginning goes in first: it carries the row by which the document is listed, and so can
        be found and deleted. Where a document is read anew its beginning goes in last: until all others are
        in, the document is the one that it was.
        """
        if not self.is_read_anew:
            if not (is_beginning or self.has_begun):
                self.held += nodes
                return
            nodes, self.held, self.has_begun = nodes + self.held, [], True
            yield nodes
            return
        if is_beginning:
            self.held = nodes
        else:
            yield nodes
        if self.held and self.chunks_done + len(self.held) == self.num_chunks:
            nodes, self.held = self.held, []
            yield nodes

    async def told_language(self) -> str | None:
        """The language of the document, once it is known."""
        if self.telling_language is None:
            return self.language
        return await asyncio.wrap_future(self.telling_language)

    def take_summary(self, there: DocumentSummary) -> None:
        """It is a document that Milvus has."""
        self.warning, self.notes, self.num_tokens = there.warning, there.notes, there.num_tokens
        self.language, self.unknown_share = there.language, there.unknown_share
        self.num_chunks, self.chunks_done = there.num_chunks, there.chunks_present
        if there.num_pages is not None:
            self.pages_read = there.num_pages, there.num_pages

    def finish(self, stage: Stage, now_s: float) -> None:
        """It has ended in `stage`."""
        self.stage, self.finished_s, self.original = stage, now_s, b""

    def progress(self, now_s: float) -> FileProgress:
        """How far it is at `now_s`."""
        until_s = self.finished_s if self.finished_s is not None else now_s
        chunks_per_s = self._chunks_per_s(until_s)
        eta_s = None
        if chunks_per_s is not None and self.num_chunks is not None and not self.stage.is_final:
            eta_s = (self.num_chunks - self.chunks_done) / chunks_per_s
        steps_s = busy_by_step(tuple(self.spans))
        pages_done, num_pages = self._pages()
        return FileProgress(
            file=self.name,
            stage=self.stage,
            size_bytes=self.size_bytes,
            num_pages=num_pages,
            pages_done=pages_done,
            pages_per_s=self._pages_per_s(pages_done, steps_s.get("read"), now_s),
            num_chunks=self.num_chunks,
            chunks_done=self.chunks_done,
            chunks_added=self.chunks_added,
            chunks_reused=self.chunks_reused,
            chunks_per_s=chunks_per_s,
            eta_s=eta_s,
            elapsed_s=until_s - self.started_s if self.started_s is not None else None,
            first_searchable_s=self.first_searchable_s,
            error=self.error,
            warning=self.warning,
            notes=self.notes,
            language=self.language,
            unknown_share=self.unknown_share,
            steps_s=steps_s,
            remedy=self.remedy,
            beside=self.beside,
            replaced=self.replaced,
        )

    def _pages(self) -> tuple[int, int | None]:
        if self.document is not None:
            return self.document.num_pages or 0, self.document.num_pages
        return self.pages_read or (0, None)

    def _pages_per_s(self, pages_done: int, read_s: float | None, now_s: float) -> float | None:
        if read_s is None and self.stage is Stage.READING and self.started_s is not None:
            read_s = now_s - self.started_s
        return pages_done / read_s if pages_done and read_s else None

    def _chunks_per_s(self, until_s: float) -> float | None:
        # The first small window says little about the speed of the rest.
        if self.chunks_added <= FIRST_WINDOW or self.embedding_since_s is None:
            return None
        embedding_s = until_s - self.embedding_since_s
        return self.chunks_added / embedding_s if embedding_s > 0 else None


def _nothing_left() -> bytes:
    raise OverlapError("The file is in, and its bytes are not kept. Choose it again.")

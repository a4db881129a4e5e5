"""Files into a knowledge base: read, chunk, embed and insert overlap, each waiting for none of the others.

    read + chunk --(windows of chunks)--> embed --(nodes)--> insert
        thread      bounded queue        thread   bounded     Milvus

A full queue holds the stage before it back, so memory stays flat however many files wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.documents.chunking import chunk_document
from core.documents.progress import FIRST_WINDOW, FileState, IncomingFile, IngestSnapshot
from core.documents.readers import read_document
from core.errors import OverlapError, StoreTimeoutError, StoreUnavailableError
from core.records import Chunk, Document, Stage
from core.store import chunk_node

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode

    from core.embedding import Embedder
    from core.store import KnowledgeStore

__all__ = ["IncomingFile", "Ingest", "IngestSnapshot"]

WINDOW = 32
QUEUED_WINDOWS = 2
# Milvus Lite scans unflushed rows slowly.
FLUSH_EVERY_CHUNKS = 2000
# Inserting is an upsert by content, so repeating it is safe.
RETRY_AFTER_S = (0.5, 2.0)


@dataclass(frozen=True)
class _Window:
    file: FileState
    chunks: list[Chunk]
    is_first: bool


@dataclass(frozen=True)
class _Embedded:
    file: FileState
    nodes: list[TextNode]
    is_first: bool


class Ingest:
    """One ingest of some files into one knowledge base.

    Ids come from content: what is there already is neither embedded nor inserted again, and an
    ingest that was cut short goes on where it stopped. One bad file does not stop the others.
    """

    def __init__(
        self,
        files: Sequence[IncomingFile],
        *,
        store: KnowledgeStore,
        embedder: Embedder,
        clock: Callable[[], float] = time.perf_counter,
        retry_after_s: Sequence[float] = RETRY_AFTER_S,
    ) -> None:
        self._files = [FileState(incoming=file) for file in files]
        self._store, self._embedder = store, embedder
        self._clock, self._retry_after_s = clock, retry_after_s
        self._seen: dict[str, str] = {}
        self._stop = asyncio.Event()
        self._started_s = clock()
        self._finished_s: float | None = None
        self._unflushed = 0

    async def run(self) -> IngestSnapshot:
        """Ingest all files; returns when each has ended in some way."""
        to_embed: asyncio.Queue[_Window | None] = asyncio.Queue(QUEUED_WINDOWS)
        to_insert: asyncio.Queue[_Embedded | None] = asyncio.Queue(QUEUED_WINDOWS)
        try:
            async with asyncio.TaskGroup() as stages:
                stages.create_task(self._read_all(to_embed))
                stages.create_task(self._embed_all(to_embed, to_insert))
                stages.create_task(self._insert_all(to_insert))
        finally:
            for file in self._files:
                if not file.stage.is_final:
                    file.finish(Stage.STOPPED, self._clock())
            self._finished_s = self._clock()
            # Not awaited on cancel: the rows are safe, they are only slower to search.
            if self._unflushed and not self._stop.is_set():
                await self._flush()
        return self.snapshot()

    def stop(self) -> None:
        """End soon: what is inserted stays, the same files go on from there next time."""
        self._stop.set()

    def snapshot(self) -> IngestSnapshot:
        """How far it is; may be called from any thread."""
        now_s = self._finished_s if self._finished_s is not None else self._clock()
        return IngestSnapshot(
            files=tuple(file.progress(now_s) for file in self._files),
            is_running=self._finished_s is None,
            elapsed_s=now_s - self._started_s,
        )

    async def _read_all(self, to_embed: asyncio.Queue[_Window | None]) -> None:
        for file in self._files:
            if self._stop.is_set():
                break
            with self._failing(file):
                file.stage, file.started_s = Stage.READING, self._clock()
                chunks = await self._missing_chunks(file)
                if chunks:
                    file.stage = Stage.WAITING
                for number, window in enumerate(_windows(chunks)):
                    await to_embed.put(_Window(file, window, is_first=number == 0))
                    if self._stop.is_set() or file.stage.is_final:
                        break
        await to_embed.put(None)

    async def _missing_chunks(self, file: FileState) -> list[Chunk]:
        """The file's chunks that Milvus does not have; ends the file when there are none."""
        document = await asyncio.to_thread(_read, file)
        twin = self._seen.setdefault(document.id, file.name)
        if twin is not file.name:
            file.error = f"The same content as {twin}."
            file.finish(Stage.PRESENT, self._clock())
            return []
        chunks = await asyncio.to_thread(chunk_document, document, self._embedder)
        present = await asyncio.to_thread(self._store.chunk_ids, document.id)
        missing = [chunk for chunk in chunks if chunk.id not in present]
        file.take_document(document, num_chunks=len(chunks), num_missing=len(missing))
        if not missing:
            file.finish(Stage.PRESENT, self._clock())
        return missing

    async def _embed_all(
        self, to_embed: asyncio.Queue[_Window | None], to_insert: asyncio.Queue[_Embedded | None]
    ) -> None:
        async with asyncio.TaskGroup() as workers:
            for _ in range(self._embedder.parallel):
                workers.create_task(self._embed_some(to_embed, to_insert))
        await to_insert.put(None)

    async def _embed_some(
        self, to_embed: asyncio.Queue[_Window | None], to_insert: asyncio.Queue[_Embedded | None]
    ) -> None:
        while window := await to_embed.get():
            if self._stop.is_set() or window.file.stage.is_final:
                continue
            with self._failing(window.file):
                if window.file.embedding_since_s is None:
                    window.file.stage, window.file.embedding_since_s = Stage.EMBEDDING, self._clock()
                vectors = await self._embedder.aembed([chunk.text for chunk in window.chunks])
                extra = _document_metadata(window.file)
                nodes = [
                    chunk_node(chunk, embedding=vector.tolist(), extra=extra)
                    for chunk, vector in zip(window.chunks, vectors, strict=True)
                ]
                await to_insert.put(_Embedded(window.file, nodes, window.is_first))
        to_embed.put_nowait(None)  # the end is for the other workers too

    async def _insert_all(self, to_insert: asyncio.Queue[_Embedded | None]) -> None:
        while embedded := await to_insert.get():
            file = embedded.file
            if file.stage.is_final:
                continue
            if not (embedded.is_first or file.has_begun):
                file.held += embedded.nodes
                continue
            nodes, file.held, file.has_begun = embedded.nodes + file.held, [], True
            # What is embedded is inserted even after Stop: that work is done.
            with self._failing(file):
                await self._insert(nodes)
                file.chunks_done += len(nodes)
                file.chunks_added += len(nodes)
                if file.first_searchable_s is None:
                    file.first_searchable_s = self._clock() - self._started_s
                await self._after_insert(file, len(nodes))

    async def _insert(self, nodes: list[TextNode]) -> None:
        for wait_s in self._retry_after_s:
            try:
                await self._store.aadd(nodes)
                return
            except (StoreUnavailableError, StoreTimeoutError):
                await asyncio.sleep(wait_s)
        await self._store.aadd(nodes)

    async def _after_insert(self, file: FileState, num_nodes: int) -> None:
        self._unflushed += num_nodes
        is_whole = file.chunks_done == file.num_chunks
        if is_whole or self._unflushed >= FLUSH_EVERY_CHUNKS:
            await self._flush()
        if is_whole:
            file.finish(Stage.DONE, self._clock())

    async def _flush(self) -> None:
        self._unflushed = 0
        await asyncio.to_thread(self._store.flush)

    @contextlib.contextmanager
    def _failing(self, file: FileState) -> Iterator[None]:
        """An error ends this file with its sentence; the others go on."""
        try:
            yield
        except OverlapError as exc:
            file.error = str(exc)
            file.finish(Stage.FAILED, self._clock())


def _read(file: FileState) -> Document:
    try:
        data = file.incoming.read()
    except OSError as exc:
        raise OverlapError(f"{file.name} can't be read: {exc.strerror or exc}.") from exc
    return read_document(file.incoming.name, data)


def _windows(chunks: list[Chunk]) -> Iterator[list[Chunk]]:
    """The document's beginning, then the rest by length: equal ones share a batch without padding."""
    if chunks:
        yield chunks[:FIRST_WINDOW]
    rest = sorted(chunks[FIRST_WINDOW:], key=lambda chunk: -chunk.num_tokens)
    for start in range(0, len(rest), WINDOW):
        yield rest[start : start + WINDOW]


def _document_metadata(file: FileState) -> dict[str, str | int | None]:
    assert file.document is not None
    return {
        "size_bytes": file.document.size_bytes,
        "num_pages": file.document.num_pages,
        "num_chunks": file.num_chunks,
        "ingested_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }

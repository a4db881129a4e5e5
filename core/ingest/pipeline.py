"""Files into a knowledge base: while one file's chunks are embedded, the next is read, and others go in.

    read -> chunk --(windows of chunks)--> embed --(nodes)--> insert
    reader process     bounded queue       thread   bounded    Milvus

A full queue holds the stage before it back, so memory stays flat however many files wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Event, Lock
from typing import TYPE_CHECKING

from core.config.settings import Secret
from core.documents.models import Chunk
from core.documents.sandbox.pool import DocumentReader, ReadStoppedError
from core.documents.sources.incoming import IncomingFile
from core.errors import (
    CorruptFileError,
    EncryptedFileError,
    FileTooLargeError,
    NoTextError,
    OverlapError,
    StoreError,
    UnsupportedFileError,
)
from core.ingest.batches import nodes_of, windows_of
from core.ingest.conclusion import Conclusion
from core.ingest.file_state import FileState
from core.ingest.intake import Intake
from core.ingest.journal import Journal
from core.ingest.metadata import document_metadata, ingest_time
from core.ingest.progress import IngestSnapshot, Stage
from core.ingest.retry import RETRY_AFTER_S, FilePatience
from core.ingest.timeline import StepSpan
from core.ingest.vector_cache import VectorCache
from core.runtime.jobs import FAULT
from core.runtime.logs import kinds_and_places

if TYPE_CHECKING:
    import numpy as np
    from llama_index.core.schema import TextNode

    from core.documents.originals import Originals
    from core.embedding.model import Embedder
    from core.store import KnowledgeStore

logger = logging.getLogger(__name__)

QUEUED_WINDOWS = 2
# What the file is does not change by trying it again.
HOPELESS_ERRORS = (CorruptFileError, FileTooLargeError, NoTextError, UnsupportedFileError)
# Milvus Lite scans unflushed rows slowly.
FLUSH_EVERY_CHUNKS = 2000
# A flush costs as much as embedding several chunks, so many small files share one.
FLUSH_AFTER_FILE_CHUNKS = 256


@dataclass(frozen=True)
class _Window:
    """Chunks of one file that are embedded together."""

    file: FileState
    chunks: list[Chunk]
    is_first: bool


@dataclass(frozen=True)
class _Embedded:
    """A window with its vectors, as it is inserted."""

    file: FileState
    nodes: list[TextNode]
    is_first: bool


class Ingest:
    """One ingest of some files into one knowledge base; any thread may watch and steer what `run` does.

    Ids come from content: what is there already is neither embedded nor inserted again, and an ingest that
    was cut short goes on where it stopped. One bad file does not stop the others.

    Args:
        originals: Where uploaded PDFs are kept; None keeps none.
        reader: In whose processes files are read; the app's own when not given.
        vectors: Where those of earlier passages are; every passage is embedded when not given.

    Attributes:
        ended: Set while no run is under way, after the first.
    """

    def __init__(
        self,
        files: Sequence[IncomingFile],
        *,
        store: KnowledgeStore,
        embedder: Embedder,
        originals: Originals | None = None,
        reader: DocumentReader | None = None,
        vectors: VectorCache | None = None,
        retry_after_s: Sequence[float] = RETRY_AFTER_S,
    ) -> None:
        self.ended = Event()
        self._files = [FileState(incoming=file, index=index) for index, file in enumerate(files)]
        # The whole takes as long in any order, and no small file has to wait for a big one. Those of about
        # the same size keep theirs.
        self._pending = deque(sorted(self._files, key=lambda file: file.incoming.size_bytes.bit_length()))
        self._journal = Journal()
        self._store, self._embedder = store, embedder
        self._vectors = VectorCache(max_bytes=0) if vectors is None else vectors
        self._lock, self._stop = Lock(), Event()
        self._patience = FilePatience(self._journal, retry_after_s, is_stopped=self._stop.is_set)
        # Document ids with the file that brought them.
        seen: dict[str, int] = {}
        self._conclusion = Conclusion(
            self._journal,
            seen,
            store=store,
            originals=originals,
            patience=self._patience,
            deleted=self._wrote,
        )
        self._intake = Intake(
            self._files,
            self._journal,
            seen,
            store=store,
            embedder=embedder,
            originals=originals,
            reader=reader,
            patience=self._patience,
            conclusion=self._conclusion,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._finished_s: float | None = None
        self._ingested_at = self._why = ""
        self._unflushed = 0
        self._last: FileState | None = None

    async def run(self) -> IngestSnapshot:
        """Ingest all files; returns when each has ended in some way. Run again after `retry` asked for it."""
        self._loop, self._ingested_at = asyncio.get_running_loop(), ingest_time()
        self.ended.clear()
        try:
            while self._goes_on():
                await self._run_round()
                self._end_like_twins()
        except BaseException:
            with self._lock:
                self._end()
            raise
        return self.snapshot()

    def _end(self) -> None:
        """What has not ended ends here, as it is; a file that is tried again from now on needs a new run."""
        self._intake.end_reading()
        for file in self._files:
            self._end_stopped(file)
        self._end_like_twins()
        self._finished_s = time.perf_counter()
        self.ended.set()

    def _end_stopped(self, file: FileState) -> None:
        """A file that has not ended ends with the ingest, and says why that was told to stop."""
        if not file.stage.is_final:
            file.error = self._why or None
            self._journal.finish(file, Stage.STOPPED)

    def _end_like_twins(self) -> None:
        """Where a file left the work to a twin that then failed or was stopped, it ends in the same way."""
        for file in self._files:
            twin = file.twin
            if twin is None or file.stage is not Stage.PRESENT:
                continue
            if twin.stage in {Stage.FAILED, Stage.STOPPED}:
                file.remedy = twin.remedy
                file.error = f"{file.name} has the same content as {twin.name}, which could not be added."
                self._journal.finish(file, twin.stage)

    def _goes_on(self) -> bool:
        """Whether files wait. Where none does it ends here, so that a retry knows to start it anew."""
        with self._lock:
            if self._pending and not self._stop.is_set():
                return True
            self._end()
            return False

    def stop(self, why: str = "") -> None:
        """End soon: what is inserted stays, the same files go on from there next time.

        Args:
            why: A sentence for the files that it ends; none where somebody asked for it.
        """
        self._why = why
        self._stop.set()
        self._intake.end_reading()

    def stop_file(self, index: int) -> None:
        """End one file; the others go on. Nothing happens where it has ended."""
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._stop_file, self._files[index])
        else:
            self._stop_file(self._files[index])

    def _stop_file(self, file: FileState) -> None:
        if file.stage.is_final:
            return
        self._journal.finish(file, Stage.STOPPED)
        self._intake.end_reading(file)

    def retry(
        self, index: int, *, password: Secret | None = None, ocr: bool = False, encoding: str = ""
    ) -> bool:
        """Try a file again that failed or was stopped; with an encoding also one that is in.

        Returns:
            Whether `run` has to be started again, on the loop of the first run: it had ended.
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
            self._journal.note(self._files[index], "is tried again")
            if self._finished_s is None:
                return False
            # The time in which nothing went on does not count.
            self._journal.started_s += time.perf_counter() - self._finished_s
            self._finished_s, self._why = None, ""
            self._stop.clear()
            self.ended.clear()
            return True

    def num_chunks_to_replace(self, index: int) -> int:
        """How many chunks go once a file is in, as far as it is known."""
        file = self._files[index]
        if file.incoming.same_name == "keep":
            return 0
        return sum(version.num_chunks for version in file.beside)

    @property
    def is_running(self) -> bool:
        """As the snapshot tells it, without making one."""
        return self._finished_s is None

    @property
    def is_searchable(self) -> bool:
        """Whether a question could be answered from one of these files."""
        return any(file.first_searchable_s is not None for file in list(self._files))

    def snapshot(self) -> IngestSnapshot:
        """How far it is; may be called from any thread."""
        now_s = self._finished_s if self._finished_s is not None else time.perf_counter()
        return IngestSnapshot(
            files=tuple(file.progress(now_s) for file in self._files),
            is_running=self._finished_s is None,
            elapsed_s=now_s - self._journal.started_s,
            ingest=self,
            log=tuple(self._journal.log),
            is_stopping=self._finished_s is None and self._stop.is_set(),
        )

    def spans(self) -> tuple[StepSpan, ...]:
        """What was done when, of all files, in the order in which it ended."""
        return tuple(span for file in self._files for span in tuple(file.spans))

    async def _run_round(self) -> None:
        to_embed: asyncio.Queue[_Window | None] = asyncio.Queue(QUEUED_WINDOWS)
        to_insert: asyncio.Queue[_Embedded | None] = asyncio.Queue(QUEUED_WINDOWS)
        async with asyncio.TaskGroup() as stages:
            stages.create_task(self._read_all(to_embed))
            stages.create_task(self._embed_all(to_embed, to_insert))
            stages.create_task(self._insert_all(to_insert))
        # Not after Stop: the rows are safe, they are only slower to search.
        if self._unflushed and not self._stop.is_set():
            await self._flush()

    async def _read_all(self, to_embed: asyncio.Queue[_Window | None]) -> None:
        while self._pending and not self._stop.is_set():
            file = self._pending.popleft()
            if file.stage.is_final:
                continue
            with self._failing(file):
                file.stage, file.started_s = Stage.READING, time.perf_counter()
                windows = list(windows_of(await self._intake.missing_chunks(file)))
                file.windows_left = len(windows)
                for number, window in enumerate(windows):
                    await to_embed.put(_Window(file, window, is_first=number == 0))
                    if self._stop.is_set() or file.stage.is_final:
                        break
        await to_embed.put(None)

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
            file = window.file
            if self._stop.is_set() or file.stage.is_final:
                continue
            with self._failing(file):
                if file.embedding_since_s is None:
                    file.stage, file.embedding_since_s = Stage.EMBEDDING, time.perf_counter()
                vectors = await self._vectors_of(file, window.chunks)
                file.language = await file.told_language()
                assert file.document is not None, "what has chunks was read"
                about = document_metadata(
                    file.document,
                    file.num_chunks,
                    file.num_tokens,
                    ingested_at=self._ingested_at,
                    origin=file.incoming.origin,
                    language=file.language,
                    unknown_share=file.unknown_share,
                )
                each = (vectors[chunk.text_hash] for chunk in window.chunks)
                nodes = nodes_of(window.chunks, each, about)
                file.windows_left -= 1
                if not (file.windows_left or file.stage.is_final):
                    file.stage = Stage.INSERTING
                await to_insert.put(_Embedded(file, nodes, window.is_first))
        to_embed.put_nowait(None)  # the end is for the other workers too

    async def _vectors_of(self, file: FileState, chunks: list[Chunk]) -> dict[str, np.ndarray]:
        """Text hash to unit vector; the model sees only what it has not seen yet."""
        cached = {chunk.text_hash: self._vectors.get(chunk.text_hash) for chunk in chunks}
        vectors = {text_hash: vector for text_hash, vector in cached.items() if vector is not None}
        fresh = [chunk for chunk in chunks if chunk.text_hash not in vectors]
        file.chunks_reused += len(chunks) - len(fresh)
        if fresh:
            with self._journal.step(file, "embed", len(fresh)):
                embedded = await self._embedder.aembed([chunk.text for chunk in fresh])
            for chunk, vector in zip(fresh, embedded, strict=True):
                vectors[chunk.text_hash] = vector
                self._vectors.put(chunk.text_hash, vector)
        return vectors

    async def _insert_all(self, to_insert: asyncio.Queue[_Embedded | None]) -> None:
        while embedded := await to_insert.get():
            file = embedded.file
            if file.stage is Stage.FAILED:
                continue
            # What is embedded is inserted even after Stop: that work is done.
            with self._failing(file):
                for nodes in file.in_turn(embedded.nodes, is_beginning=embedded.is_first):
                    await self._insert(file, nodes)

    async def _insert(self, file: FileState, nodes: list[TextNode]) -> None:
        await self._intake.keep_original(file)
        with self._journal.step(file, "insert", len(nodes)):
            await self._patience.call(file, partial(self._store.aadd, nodes))
        file.chunks_done += len(nodes)
        file.chunks_added += len(nodes)
        if file.first_searchable_s is None:
            file.first_searchable_s = self._journal.since_start_s()
            self._journal.note(file, f"can be asked, {file.first_searchable_s:.2f} s after the start")
        await self._after_insert(file, len(nodes))

    async def _after_insert(self, file: FileState, num_nodes: int) -> None:
        self._wrote(num_nodes)
        is_whole = file.chunks_done == file.num_chunks
        self._last = file
        if self._unflushed >= (FLUSH_AFTER_FILE_CHUNKS if is_whole else FLUSH_EVERY_CHUNKS):
            await self._flush()
        if is_whole and not file.stage.is_final:
            await self._conclusion.conclude(file, Stage.DONE)
            await self._conclude_twins(file)

    async def _conclude_twins(self, file: FileState) -> None:
        """Other files of its content have waited for it to be in: now what they replace may go too."""
        for twin in self._files:
            if twin.twin is file and twin.stage is Stage.PRESENT:
                try:
                    await self._conclusion.conclude(twin, Stage.PRESENT)
                except StoreError as exc:
                    twin.error = f"{twin.error} {exc}"
                    self._journal.note(twin, str(exc))

    def _wrote(self, num_chunks: int) -> None:
        """So many were inserted or deleted, which Milvus Lite searches slowly until it flushes."""
        self._unflushed += num_chunks

    async def _flush(self) -> None:
        self._unflushed = 0
        try:
            with self._journal.step(self._last, "flush"):
                await asyncio.to_thread(self._store.flush)
        except StoreError as exc:
            # What was inserted is safe all the same, only slower to search.
            if self._last is not None:
                self._journal.note(self._last, f"could not be flushed: {exc}")

    @contextlib.contextmanager
    def _failing(self, file: FileState) -> Iterator[None]:
        """An error ends this file with its sentence; the others go on."""
        try:
            yield
        except ReadStoppedError:
            self._end_stopped(file)
        except OverlapError as exc:
            if file.stage.is_final:
                return
            file.error = str(exc)
            if isinstance(exc, EncryptedFileError):
                file.remedy = "password"
            elif isinstance(exc, NoTextError) and file.name.lower().endswith(".pdf"):
                file.remedy = "ocr"
            elif isinstance(exc, HOPELESS_ERRORS):
                file.remedy = "another file"
            self._journal.finish(file, Stage.FAILED)
        # Broad on purpose. Whatever it is, it costs one file, and not all others.
        except Exception as exc:
            logger.error("A file broke off: %s", kinds_and_places(exc))
            if not file.stage.is_final:
                file.error = f"{file.name} could not be added. {FAULT}"
                self._journal.finish(file, Stage.FAILED)

"""One document into Milvus twice, apart: one step after another, and as the pipeline does it.

Both ways read, chunk, embed and insert the same windows of the same chunks with the same model into a
fresh knowledge base each, which is dropped afterwards. The one-after-another way gives every core to
each batch, as a program without overlap would; the pipeline has as many batches under way as suit the
machine. The model and the reading process are warm before the first clock starts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from core.config.settings import Target
from core.documents.models import CutDocument, Document, Stage
from core.documents.sandbox.pool import DocumentReader, ReadCall, ReadStoppedError, shared_reader
from core.documents.sources.incoming import IncomingFile, NamedBytes
from core.errors import DocumentError
from core.ingest.batches import document_metadata, ingest_time, windows_of
from core.ingest.comparison.result import BothWays, Way, WayRun
from core.ingest.pipeline import FLUSH_EVERY_CHUNKS, Ingest
from core.ingest.timeline import StepSpan
from core.runtime.cpu_affinity import num_cores
from core.runtime.jobs import Job, JobStoppedError
from core.store import KnowledgeStore, chunk_node, knowledge_bases
from core.store.names import SCRATCH_PREFIX

if TYPE_CHECKING:
    from core.embedding.model import Embedder

# No measurement takes this long: its knowledge base was left behind by one that was cut off.
LEFTOVER_AFTER_S = 3600
WARM_UP_TEXTS = ["One sentence to warm the model up."] * 8


class _Step(Protocol):
    """Notes the time of what is done inside."""

    def __call__(self, name: str, num_chunks: int = 0) -> AbstractContextManager[None]: ...


class BothWaysJob(Job[BothWays]):
    """A measurement. file: its name; phase: what is done just now, in words."""

    def __init__(
        self,
        file: IncomingFile,
        *,
        target: Target,
        embedder: Embedder,
        repeats: int = 1,
        reader: DocumentReader | None = None,
    ) -> None:
        super().__init__()
        self.file, self.phase = file.name, "Warming the model up"
        self._file, self._target, self._embedder, self._repeats = file, target, embedder, repeats
        self._reader = reader or shared_reader()
        self._ingest: Ingest | None = None
        self._call = ReadCall()
        self._share = 0.0

    def on_stop(self) -> None:
        self._call.stop()
        ingest = self._ingest
        if ingest is not None:
            ingest.stop()

    @property
    def share(self) -> float:
        """How far this phase is, 0 to 1."""
        ingest = self._ingest
        if ingest is None:
            return self._share
        file = ingest.snapshot().files[0]
        return file.chunks_done / file.num_chunks if file.num_chunks else 0.0

    async def work(self) -> BothWays:
        try:
            return await self._measure()
        except ReadStoppedError as exc:
            raise JobStoppedError from exc
        finally:
            self._ingest = None

    async def _measure(self) -> BothWays:
        content = await asyncio.to_thread(self._file.read)
        if isinstance(content, NamedBytes):
            self._file, content = replace(self._file, name=content.name), content.data
        file = replace(self._file, read=lambda: content)
        await asyncio.to_thread(self._warm_up)
        runs: list[WayRun] = []
        for repeat in range(self._repeats):
            # Who goes first changes: a machine that slows down meanwhile treats both alike.
            order: tuple[Way, ...] = ("sync", "async") if repeat % 2 == 0 else ("async", "sync")
            for way in order:
                self.phase = f"{way.capitalize()}, run {repeat + 1} of {self._repeats}"
                self._share = 0.0
                runs.append(await self._run_way(way, file))
        return BothWays(
            file=self._file.name,
            target=self._target.label,
            model=self._embedder.name,
            cores=num_cores(),
            parallel=self._embedder.parallel,
            runs=tuple(runs),
        )

    def _warm_up(self) -> None:
        self._reader.warm_up()
        drop_leftovers(self._target)
        with self._embedder.on_all_cores():
            self._embedder.embed(WARM_UP_TEXTS)

    async def _run_way(self, way: Way, file: IncomingFile) -> WayRun:
        name = f"{SCRATCH_PREFIX}{way}-{int(time.time())}-{uuid4().hex[:6]}"
        store = await asyncio.to_thread(
            lambda: KnowledgeStore.open(self._target, name, model=self._embedder.name, dim=self._embedder.dim)
        )
        try:
            if way == "async":
                return await self._pipelined(file, store)
            return await asyncio.to_thread(self._in_turn, file, store)
        finally:
            await asyncio.to_thread(store.drop)
            await store.aclose()

    async def _pipelined(self, file: IncomingFile, store: KnowledgeStore) -> WayRun:
        self.check_stop()
        self._ingest = job = Ingest([file], store=store, embedder=self._embedder, reader=self._reader)
        snapshot = await job.run()
        self._ingest = None
        self.check_stop()
        (progress,) = snapshot.files
        if progress.stage is not Stage.DONE:
            raise DocumentError(progress.error or f"{progress.file} could not be ingested.")
        ids = await asyncio.to_thread(_all_ids, store)
        return WayRun(
            way="async",
            elapsed_s=snapshot.elapsed_s,
            first_searchable_s=progress.first_searchable_s or snapshot.elapsed_s,
            spans=job.spans(),
            ids=ids,
        )

    def _in_turn(self, file: IncomingFile, store: KnowledgeStore) -> WayRun:
        """Read, chunk, embed, insert: each waits for the one before."""
        spans: list[StepSpan] = []
        started_s = time.perf_counter()

        @contextmanager
        def step(name: str, num_chunks: int = 0) -> Iterator[None]:
            self.check_stop()
            start_s = time.perf_counter() - started_s
            yield
            end_s = time.perf_counter() - started_s
            spans.append(StepSpan(step=name, start_s=start_s, end_s=end_s, num_chunks=num_chunks))

        with self._embedder.on_all_cores():
            cut = self._read(file, step)
            document, chunks = cut.document, cut.chunks
            with step("chunk"):
                store.chunk_ids(document.id)
            done = unflushed = 0
            for window in windows_of(chunks):
                with step("embed", len(window)):
                    vectors = self._embedder.embed([chunk.text for chunk in window])
                extra = document_metadata(document, len(chunks), ingested_at=ingest_time())
                with step("insert", len(window)):
                    store.add(
                        [
                            chunk_node(chunk, embedding=vector.tolist(), extra=extra)
                            for chunk, vector in zip(window, vectors, strict=True)
                        ]
                    )
                done, unflushed = done + len(window), unflushed + len(window)
                self._share = done / len(chunks)
                if unflushed >= FLUSH_EVERY_CHUNKS or done == len(chunks):
                    unflushed = 0
                    with step("flush"):
                        store.flush()
        elapsed_s = time.perf_counter() - started_s
        first_s = next(span.end_s for span in spans if span.step == "insert")
        return WayRun(
            way="sync",
            elapsed_s=elapsed_s,
            first_searchable_s=first_s,
            spans=tuple(spans),
            ids=_all_ids(store),
        )

    def _read(self, file: IncomingFile, step: _Step) -> CutDocument:
        """Read, then chunk."""
        with ExitStack() as current:
            current.enter_context(step("read"))

            def on_read(_: Document) -> None:
                current.close()
                current.enter_context(step("chunk"))

            data = file.read()
            assert isinstance(data, bytes)
            return self._reader.read(
                file.name,
                data,
                self._embedder.tokenization,
                password=file.password,
                ocr=file.ocr,
                encoding=file.encoding,
                on_read=on_read,
                call=self._call,
            )


def drop_leftovers(target: Target) -> None:
    """Drop what a measurement that was cut off left behind more than an hour ago."""
    for info in knowledge_bases(target):
        if not info.name.startswith(SCRATCH_PREFIX):
            continue
        made_at = info.name.split("-")[-2]
        if made_at.isdecimal() and time.time() - int(made_at) > LEFTOVER_AFTER_S:
            KnowledgeStore.open(target, info.name, model=info.model, dim=info.dim, create=False).drop()


def _all_ids(store: KnowledgeStore) -> frozenset[str]:
    return frozenset(chunk_id for document in store.documents() for chunk_id in store.chunk_ids(document.id))

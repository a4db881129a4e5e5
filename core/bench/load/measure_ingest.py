"""A document into Milvus, both ways: each step after the one before, and as the app's pipeline does it.

Both lanes read, chunk, embed and insert the same windows of the same chunks with the same model into a new
collection each. The one after the other gives every core to each batch, as a program without overlap would;
the pipeline has as many batches under way as suit the machine.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.bench.analysis import checks, stats
from core.bench.analysis.steps import STEP_NAMES
from core.bench.load.cancellation import RunStoppedError, Stop, in_thread
from core.bench.load.lanes import Recorder
from core.bench.load.measure_trial import Bench, Spec
from core.bench.load.run_collections import Collections
from core.bench.load.sampling import Cpu, Sampler
from core.bench.load.schedule import Blocks, Keep
from core.bench.records.trial import Proof, Trial
from core.documents.file_identity import clean_file_name
from core.documents.languages import language_of_document
from core.documents.models import CutDocument, Document
from core.documents.sandbox.pool import DocumentReader, ReadCall, ReadStoppedError, shared_reader
from core.documents.sources.incoming import IncomingFile, NamedBytes
from core.errors import BenchError, StoreError
from core.ingest.batches import nodes_of, windows_of
from core.ingest.metadata import document_metadata, ingest_time
from core.ingest.pipeline import FLUSH_EVERY_CHUNKS, Ingest
from core.ingest.progress import Stage
from core.ingest.timeline import StepSpan, busy_by_step

if TYPE_CHECKING:
    from core.embedding.model import Embedder
    from core.store import KnowledgeStore

# How long a step may still take once the run is stopped; then it is left behind.
GRACE_S = 2.0
WARM_UP_CHUNKS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestOrder:
    """What to ingest, and with which model.

    Attributes:
        load: Blocks for seconds; raises EmbeddingError.
    """

    document: NamedBytes
    load: Callable[[], Embedder]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyIngest:
    """A document that was read once, a model and a reading process that are warm.

    Attributes:
        chunk_ids: The ids of the document's chunks, with which every trial has to end.
    """

    file: IncomingFile
    embedder: Embedder
    reader: DocumentReader
    document_id: str
    chunk_ids: frozenset[str]
    environment: dict[str, Any]

    @classmethod
    def of(cls, order: IngestOrder) -> ReadyIngest:
        """Do once all that loads code or a model.

        Blocks.

        Raises:
            DocumentError: When the document can't be read.
            EmbeddingError: When the model can't be loaded, or can't embed its first chunks.
        """
        reader = shared_reader()
        reader.warm_up()
        name, data = clean_file_name(order.document.name), order.document.data
        embedder = order.load()
        cut = reader.read(name, data, embedder.tokenization)
        language_of_document(cut.chunks)
        texts = [chunk.text for chunk in cut.chunks[:WARM_UP_CHUNKS]]
        embedder.embed(texts)
        with embedder.on_all_cores():
            embedder.embed(texts)
        return cls(
            file=IncomingFile(name=name, size_bytes=len(data), read=lambda: data),
            embedder=embedder,
            reader=reader,
            document_id=cut.document.id,
            chunk_ids=frozenset(chunk.id for chunk in cut.chunks),
            environment={
                "document": {
                    "name": name,
                    "size_bytes": len(data),
                    "sha256": hashlib.sha256(data).hexdigest(),
                },
                "embedding_model": embedder.name,
                "embedding_precision": embedder.precision,
                "parallel_batches": embedder.parallel,
            },
        )


@dataclass(slots=True)
class _Progress(Recorder):
    """An ingest that goes on.

    Attributes:
        spans: What becomes those of the trial.
        first_searchable_s: What becomes that of the trial.
        done: Chunks that are in.
    """

    spans: list[StepSpan] = field(default_factory=list)
    first_searchable_s: float | None = None
    done: Callable[[], int] = lambda: 0

    @property
    def num_done(self) -> int:
        return self.done()


class _OverError(Exception):
    """The time limit has passed, or the run is stopped."""


@dataclass(kw_only=True, slots=True)
class IngestMeasurement:
    """Measures the trials of an ingest.

    Attributes:
        keep: Given each trial and its checks as soon as they are there.
    """

    bench: Bench
    collections: Collections
    ready: ReadyIngest
    keep: Keep

    async def measure(self, blocks: Blocks) -> None:
        """Measure all trials, each into a collection of its own.

        Raises:
            RunStoppedError: When the run is stopped before a trial.
            BenchError: When an ingest fails.
            StoreError: When Milvus refuses something.
        """
        for spec in itertools.chain.from_iterable(blocks):
            embedder = self.ready.embedder
            name = f"ingest_{spec.number}"
            async with self.collections.knowledge(name, model=embedder.name, dim=embedder.dim) as opened:
                await self._measure(spec, opened)

    async def _measure(self, spec: Spec, opened: KnowledgeStore) -> None:
        await self.bench.set_distance(spec.case.rtt_ms)
        try:
            trial = await self._trial(spec, opened)
        finally:
            await self.bench.set_distance(self.bench.plan.resting_rtt_ms)
        try:
            proofs = await self._proofs(trial, opened)
        except StoreError:
            self.keep(spec, trial, [])
            raise
        self.keep(spec, trial, proofs)

    async def _trial(self, spec: Spec, opened: KnowledgeStore) -> Trial:
        progress, cpu = _Progress(), Cpu()
        sampler = Sampler(progress)
        sampling = asyncio.create_task(sampler.run())
        self.bench.watch(spec, progress)
        limit_s, stop = self.bench.plan.time_limit_s, self.bench.stop
        try:
            if spec.lane == "async":
                await _overlapped(self.ready, opened, progress, stop, limit_s)
            else:
                await _one_after_another(self.ready, opened, progress, stop, limit_s)
        finally:
            sampling.cancel()
        if progress.started is None or (stop.is_set() and not progress.num_done):
            raise RunStoppedError
        trial = _trial_of(spec, progress)
        return replace(
            trial,
            client_cpu_ratio=stats.cpu_ratio(cpu.process_s(), trial.elapsed_s),
            machine_cpu_ratio=cpu.machine_ratio(),
            loop_lag_p99_s=stats.percentile(sampler.lags_s, 0.99),
        )

    async def _proofs(self, trial: Trial, opened: KnowledgeStore) -> list[Proof]:
        """The one proof; no proof when it was stopped before the chunks could be asked for."""
        with suppress(RunStoppedError):
            found = await in_thread(
                lambda: opened.chunk_ids(self.ready.document_id), stop=self.bench.stop, grace_s=GRACE_S
            )
            return [checks.check_identical_chunks(trial, self.ready.chunk_ids, found)]
        return []


def _trial_of(spec: Spec, progress: _Progress) -> Trial:
    assert progress.started is not None and progress.ended is not None
    spans = tuple(
        replace(span, start_s=round(span.start_s, 6), end_s=round(span.end_s, 6)) for span in progress.spans
    )
    busy = busy_by_step(spans)
    samples = tuple((span.start_s, span.end_s, True) for span in spans if span.step == "insert")
    return Trial(
        operation=spec.operation,
        lane=spec.lane,
        count=spec.count,
        repeat=spec.repeat,
        case=spec.case,
        is_warmup=spec.is_warmup,
        elapsed_s=progress.ended - progress.started,
        num_ok=progress.num_done,
        num_failed=0,
        latency_s=stats.latency_figures(samples),
        max_in_flight=stats.max_in_flight(samples),
        bounded_by=STEP_NAMES[max(busy, key=lambda step: busy[step])].lower() if busy else None,
        cut=progress.num_done < spec.count,
        samples=samples,
        first_searchable_s=progress.first_searchable_s,
        spans=spans,
    )


async def _overlapped(
    ready: ReadyIngest, opened: KnowledgeStore, progress: _Progress, stop: Stop, limit_s: float
) -> None:
    """The lane "async".

    Raises:
        BenchError: With what failed.
    """
    progress.started = time.perf_counter()
    ingest = Ingest(
        [ready.file], store=opened, embedder=ready.embedder, reader=ready.reader, retry_after_s=()
    )
    progress.done = lambda: ingest.snapshot().files[0].chunks_done
    running, stopping = asyncio.create_task(ingest.run()), asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    if not running.done():
        ingest.stop()
        await asyncio.wait({running}, timeout=GRACE_S if stop.is_set() else None)
    stopping.cancel()
    progress.ended = time.perf_counter()
    (file,) = ingest.snapshot().files
    if file.stage is Stage.FAILED:
        raise BenchError(file.error or f"{file.file} could not be ingested.")
    progress.spans, progress.first_searchable_s = list(ingest.spans()), file.first_searchable_s
    if running.done():
        running.result()


async def _one_after_another(
    ready: ReadyIngest, opened: KnowledgeStore, progress: _Progress, stop: Stop, limit_s: float
) -> None:
    """The lane "sync", in a thread: on the loop it would keep Stop from being seen."""
    in_turn = _InTurn(ready=ready, store=opened, progress=progress, stop=stop, limit_s=limit_s)
    with suppress(RunStoppedError):
        await in_thread(in_turn.run, stop=stop, grace_s=GRACE_S)
    in_turn.call.stop()
    progress.ended = progress.ended or time.perf_counter()


@dataclass(kw_only=True, slots=True)
class _InTurn:
    """Read, chunk, embed, insert: each waits for the one before."""

    ready: ReadyIngest
    store: KnowledgeStore
    progress: _Progress
    stop: Stop
    limit_s: float
    call: ReadCall = field(default_factory=ReadCall)
    num_done: int = 0

    def run(self) -> None:
        self.progress.done = lambda: self.num_done
        self.progress.started = time.perf_counter()
        with suppress(_OverError, ReadStoppedError), self.ready.embedder.on_all_cores():
            self._insert(self._read())
        self.progress.ended = time.perf_counter()

    @contextmanager
    def _step(self, name: str, num_chunks: int = 0) -> Iterator[None]:
        started_s = self.progress.started or 0.0
        start_s = time.perf_counter() - started_s
        if self.stop.is_set() or start_s >= self.limit_s:
            raise _OverError
        yield
        end_s = time.perf_counter() - started_s
        self.progress.spans.append(StepSpan(step=name, start_s=start_s, end_s=end_s, num_chunks=num_chunks))

    def _read(self) -> CutDocument:
        file, ready = self.ready.file, self.ready
        with ExitStack() as step:
            step.enter_context(self._step("read"))
            data = file.read()
            assert isinstance(data, bytes)
            self.store.look_up(ready.document_id, file.name)

            def on_read(_: Document) -> None:
                step.close()
                step.enter_context(self._step("chunk"))

            return ready.reader.read(
                file.name, data, ready.embedder.tokenization, on_read=on_read, call=self.call
            )

    def _insert(self, cut: CutDocument) -> None:
        with self._step("chunk"):
            language = language_of_document(cut.chunks)
            num_tokens = sum(chunk.num_tokens for chunk in cut.chunks)
            about = document_metadata(
                cut.document, len(cut.chunks), num_tokens, ingested_at=ingest_time(), language=language
            )
        unflushed = 0
        for window in windows_of(cut.chunks):
            with self._step("embed", len(window)):
                vectors = self.ready.embedder.embed([chunk.text for chunk in window])
            with self._step("insert", len(window)):
                self.store.add(nodes_of(window, vectors, about))
            self.num_done, unflushed = self.num_done + len(window), unflushed + len(window)
            if self.progress.first_searchable_s is None:
                self.progress.first_searchable_s = self.progress.spans[-1].end_s
            if unflushed >= FLUSH_EVERY_CHUNKS or self.num_done == len(cut.chunks):
                unflushed = 0
                with self._step("flush"):
                    self.store.flush()

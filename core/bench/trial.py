"""One trial: a collection of its own, the lane, the figures, and the collection dropped again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from core import store
from core.bench import lanes, stats
from core.bench.data import tutorial_nodes, tutorial_query
from core.bench.plan import Plan
from core.bench.record import Trial
from core.bench.stopping import AbandonedError, Stop, in_thread
from core.config import Target
from core.errors import StoreError

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode
    from llama_index.vector_stores.milvus import MilvusVectorStore

# How long a sync call may still take once the trial is over; then it is left behind.
GRACE_S = 0.4
DROP_TIMEOUT_S = 3.0
# Making a collection sleeps half a second in pymilvus. Left behind, it would bring a Milvus Lite that
# is being closed back to life.
OPEN_GRACE_S = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class Spec:
    """Which trial. number: from 1, of the plan's trials."""

    operation: str
    lane: str
    count: int
    repeat: int
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a trial gave. rows: found after adds, None for searches; hits: by query, of searches."""

    trial: Trial
    rows: int | None
    hits: dict[int, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """What every trial of a run needs.

    watch: told the recorder whose trial begins. leftovers: collections that could not be dropped.
    """

    plan: Plan
    target: Target
    run_id: str
    stop: Stop
    watch: Callable[[Spec, lanes.Recorder], None]
    leftovers: list[str] = field(default_factory=list)

    async def measure_point(
        self, specs: Sequence[Spec], nodes: Sequence[TextNode], keep: Callable[[Spec, Outcome], None]
    ) -> None:
        """Run the lanes of one operation, count and repeat, each on a new collection.

        nodes: as many as the count. keep: given each outcome as soon as it is there.
        Raises AbandonedError when stopped before the next trial, StoreError when Milvus refuses a
        collection.
        """
        # Made together, because making one is mostly waiting (half a second on Milvus Lite).
        opened = await asyncio.gather(
            *[self.open(f"{spec.operation}_{spec.lane}_{spec.count}_{spec.repeat}") for spec in specs],
            return_exceptions=True,
        )
        async with AsyncExitStack() as stack:
            for one in opened:
                if not isinstance(one, BaseException):
                    stack.push_async_callback(self.drop, one)
            for spec, one in zip(specs, opened, strict=True):
                if isinstance(one, BaseException):
                    raise one
                if self.stop.is_set():
                    raise AbandonedError
                keep(spec, await self.measure(spec, one, nodes))

    async def measure(
        self, spec: Spec, vector_store: MilvusVectorStore, nodes: Sequence[TextNode]
    ) -> Outcome:
        """Run one lane on an empty collection; filling it for searches is part of it, unmeasured."""
        await self._prepare(spec, vector_store, nodes)
        recorder, cpu_s, lags_s = await self._run_lane(spec, vector_store, nodes)
        trial = self._trial(spec, recorder, cpu_s, lags_s)
        if spec.operation == "search":
            return Outcome(trial=trial, rows=None, hits=recorder.results)
        return Outcome(trial=trial, rows=await self._count(vector_store), hits={})

    async def prime(self) -> None:
        """Make one add and one search of each lane, unmeasured: the first calls of a process load code."""
        nodes = await in_thread(lambda: tutorial_nodes(2, dim=self.plan.dim, seed=0), stop=self.stop)
        vector_store = await self.open("prime")
        try:
            for operation in self.plan.operations:
                call, acall = operation_calls(operation, vector_store, nodes, self.plan)
                with store.store_errors(self.target):
                    await in_thread(partial(call, 0), stop=self.stop)
                    await acall(1)
        finally:
            await self.drop(vector_store)

    async def open(self, suffix: str) -> MilvusVectorStore:
        """A store on a new, empty collection of this run. Raises AbandonedError when stopped."""
        name = f"{store.BENCH_PREFIX}{self.run_id}_{suffix}"
        plan = self.plan

        def build() -> MilvusVectorStore:
            vector_store = store.open_bench_store(
                self.target,
                name.replace("-", "_"),
                dim=plan.dim,
                metric=plan.metric,
                consistency=plan.consistency,
                batch_size=plan.batch_size,
            )
            # Stopped while it was being made: nobody else will drop it.
            if self.stop.is_set():
                store.drop_bench_collection(self.target, vector_store)
            return vector_store

        opened = await in_thread(build, stop=self.stop, grace_s=OPEN_GRACE_S)
        if self.stop.is_set():
            await self.drop(opened)
            raise AbandonedError
        return opened

    async def _prepare(self, spec: Spec, vector_store: MilvusVectorStore, nodes: Sequence[TextNode]) -> None:
        """Fill the collection for searches, and connect both clients before the clock starts."""
        plan = self.plan

        def fill() -> None:
            with store.store_errors(self.target):
                for first in range(0, len(nodes), plan.batch_size):
                    if self.stop.is_set():
                        return
                    vector_store.add(list(nodes[first : first + plan.batch_size]))
                # Milvus Lite searches rows that are not flushed ten times slower.
                if self.target.is_lite:
                    vector_store.client.flush(vector_store.collection_name)

        if spec.operation == "search":
            await in_thread(fill, stop=self.stop, grace_s=GRACE_S)
        # Reads a row that does not exist. The async client connects at its first call only, and
        # both fetch the collection's schema then; neither is the operation that is measured.
        with store.store_errors(self.target):
            name = vector_store.collection_name
            if vector_store.aclient is not None:
                await vector_store.aclient.get(name, ids=["0"])
            await in_thread(lambda: vector_store.client.get(name, ids=["0"]), stop=self.stop)
        if self.stop.is_set():
            raise AbandonedError

    async def _run_lane(
        self, spec: Spec, vector_store: MilvusVectorStore, nodes: Sequence[TextNode]
    ) -> tuple[lanes.Recorder, float, list[float]]:
        """Run the lane; returns what was recorded, CPU seconds of this process, and loop lags in seconds."""
        sync_call, async_call = operation_calls(spec.operation, vector_store, nodes, self.plan)
        recorder = lanes.Recorder()
        limit_s = self.plan.time_limit_s
        lags_s: list[float] = []
        cpu_s = time.process_time()
        self.watch(spec, recorder)
        if spec.lane == "async":
            sampler = asyncio.create_task(stats.sample_loop_lag(lags_s))
            await lanes.run_async(
                async_call, spec.count, recorder, time_limit_s=limit_s, stopped=self.stop.wait()
            )
            sampler.cancel()
        else:
            # In a thread, while the loop sleeps: blocking calls on the loop would keep it from
            # seeing Stop, and a sleeping loop takes no time from the lane. The async client
            # stays bound to this one loop, so the loop can't be closed in between.
            with suppress(AbandonedError):
                await in_thread(
                    lambda: lanes.run_sync(
                        sync_call, spec.count, recorder, time_limit_s=limit_s, stop=self.stop
                    ),
                    stop=self.stop,
                    grace_s=GRACE_S,
                    timeout_s=limit_s,
                )
        frozen = recorder.freeze(time.perf_counter())
        return frozen, time.process_time() - cpu_s, lags_s

    def _trial(self, spec: Spec, recorder: lanes.Recorder, cpu_s: float, lags_s: list[float]) -> Trial:
        started, ended = recorder.started, recorder.ended
        if started is None or ended is None:
            raise AbandonedError
        samples = tuple((round(s - started, 6), round(e - started, 6), ok) for s, e, ok in recorder.samples)
        num_failed = recorder.num_failed
        num_open = spec.count - len(samples)
        trial = Trial(
            operation=spec.operation,
            lane=spec.lane,
            count=spec.count,
            repeat=spec.repeat,
            elapsed_s=ended - started,
            num_ok=len(samples) - num_failed,
            num_failed=num_failed,
            errors={self._mask(text): num for text, num in recorder.errors.most_common()},
            latency_s=stats.latency_figures(samples),
            max_in_flight=stats.max_in_flight(samples),
            client_cpu_ratio=stats.cpu_ratio(cpu_s, ended - started),
            loop_lag_p99_s=stats.percentile(lags_s, 0.99),
            cut=num_open > 0,
            num_cancelled=num_open if spec.lane == "async" else min(num_open, 1),
            samples=samples,
        )
        per_op_s = trial.seconds_per_op
        return replace(trial, projected_s=per_op_s * spec.count if trial.cut and per_op_s else None)

    def _mask(self, text: str) -> str:
        token = self.target.token.value
        return text.replace(token, "********") if token else text

    async def _count(self, vector_store: MilvusVectorStore) -> int | None:
        # Not ended by Stop: the rows of a trial that was cut are still its proof.
        with suppress(AbandonedError):
            return await in_thread(
                lambda: store.count_rows(self.target, vector_store), timeout_s=DROP_TIMEOUT_S
            )
        return None

    async def drop(self, vector_store: MilvusVectorStore) -> None:
        """Drop the store's collection and close the store."""
        # What was measured must not be lost because Milvus can't drop; the record names what stays.
        try:
            await in_thread(
                lambda: store.drop_bench_collection(self.target, vector_store), timeout_s=DROP_TIMEOUT_S
            )
        except (AbandonedError, StoreError):
            self.leftovers.append(vector_store.collection_name)
        await store.aclose(vector_store)


def operation_calls(
    operation: str, vector_store: MilvusVectorStore, nodes: Sequence[TextNode], plan: Plan
) -> tuple[Callable[[int], Any], Callable[[int], Awaitable[Any]]]:
    """The operation as a sync and an async call of one index: one node per add, one query per search."""
    if operation == "add":
        return (
            lambda i: vector_store.add([nodes[i]]),
            lambda i: vector_store.async_add([nodes[i]]),
        )
    from llama_index.core.vector_stores.types import VectorStoreQuery

    query = VectorStoreQuery(query_embedding=tutorial_query(plan.dim), similarity_top_k=plan.top_k)

    # Only ids and similarities are kept: every hit carries its whole vector back.
    def search(_: int) -> tuple[list[str], list[float]]:
        result = vector_store.query(query)
        return result.ids or [], result.similarities or []

    async def asearch(_: int) -> tuple[list[str], list[float]]:
        result = await vector_store.aquery(query)
        return result.ids or [], result.similarities or []

    return search, asearch

"""All trials of one operation and count: their order, their collections and their proofs."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core import store
from core.bench.analysis import checks
from core.bench.load.cancellation import RunStoppedError
from core.bench.load.dataset import Dataset, make_dataset
from core.bench.load.measure_trial import Bench, Spec
from core.bench.load.operations import make_requests
from core.bench.load.run_collections import Collections
from core.bench.plan.conditions import BLOCKINGS
from core.bench.plan.plan import ASYNC_LANES, BATCH_LANES, LANES, OPERATIONS, Plan
from core.bench.records.trial import FirstCall, Proof, Trial
from core.errors import StoreError

if TYPE_CHECKING:
    from llama_index.vector_stores.milvus import MilvusVectorStore

Keep = Callable[[Spec, Trial, list[Proof]], None]
Blocks = list[list[Spec]]


def points(plan: Plan) -> Iterator[tuple[str, int, Blocks]]:
    """Each point of the plan, an operation and a count, with its blocks of trials, in the order of measuring.

    A block has every lane of every case once, shuffled by the plan's seed: what is compared runs next to each
    other, and none has the better place. Warm-up blocks come first. With first calls included the async lanes
    come first, as in the tutorial: the lane that comes first pays for most of those calls.
    """
    rng = random.Random(plan.seed)
    numbers = itertools.count(1)
    for operation, count in itertools.product(plan.operations, plan.counts):
        blocks = []
        for number in range(plan.warmup + plan.repeats):
            is_warmup = number < plan.warmup
            block = [
                Spec(
                    operation=operation,
                    lane=lane,
                    count=count,
                    repeat=number if is_warmup else number - plan.warmup,
                    number=0,
                    case=case,
                    is_warmup=is_warmup,
                )
                for case, lanes in plan.cases
                for lane in lanes
            ]
            rng.shuffle(block)
            if plan.first_calls == "included":
                block.sort(key=lambda spec: spec.lane not in ASYNC_LANES)
            blocks.append([replace(spec, number=next(numbers)) for spec in block])
        yield operation, count, blocks


@dataclass(kw_only=True, slots=True)
class PointMeasurement:
    """Measures the trials of one operation and count.

    Attributes:
        keep: Given each trial and its checks as soon as they are there.
    """

    bench: Bench
    collections: Collections
    dataset: Dataset
    keep: Keep
    _expected: dict[int, tuple[str, dict[int, store.Hits]]] = field(default_factory=dict)
    _exact: dict[int, set[str]] | None = None

    async def measure(self, operation: str, count: int, blocks: Blocks) -> None:
        """Measure all trials of the point, block by block.

        Raises:
            RunStoppedError: When the run is stopped before a trial.
            StoreError: When Milvus refuses something.
        """
        if operation == "search":
            await self._searches(count, blocks)
            return
        for specs in blocks:
            await self._adds(specs)

    async def _adds(self, specs: Sequence[Spec]) -> None:
        """Every add trial starts on a new, empty collection."""
        names = [f"add_{spec.count}_{spec.number}" for spec in specs]
        opened = await asyncio.gather(
            *[
                self.collections.open(name, spec.case.consistency)
                for name, spec in zip(names, specs, strict=True)
            ],
            return_exceptions=True,
        )
        async with AsyncExitStack() as stack:
            for one in opened:
                if not isinstance(one, BaseException):
                    stack.push_async_callback(self.collections.drop, one)
            for spec, one in zip(specs, opened, strict=True):
                if isinstance(one, BaseException):
                    raise one
                if self._is_apart:
                    await self.collections.connect(one)
                trial, _ = await self.bench.measure(spec, one, self.dataset)
                await self._keep_add(spec, trial, one)
                self._go_on()

    async def _keep_add(self, spec: Spec, trial: Trial, vector_store: MilvusVectorStore) -> None:
        """Keep the trial with its proof, or without one when Milvus fails meanwhile.

        Raises:
            StoreError: When Milvus fails; the trial is kept first.
        """
        try:
            found = await self.collections.count(vector_store)
        except StoreError:
            self.keep(spec, trial, [])
            raise
        self.keep(spec, trial, [] if found is None else [checks.check_row_count(trial, found)])
        if found is None:
            await self._check_answers(trial, vector_store)

    async def _searches(self, count: int, blocks: Blocks) -> None:
        """All search trials of one consistency level share a collection, so that all search the same."""
        async with AsyncExitStack() as stack:
            stores: dict[str, MilvusVectorStore] = {}
            for level in dict.fromkeys(spec.case.consistency for block in blocks for spec in block):
                stores[level] = await self.collections.open(f"search_{count}_{level}", level)
                stack.push_async_callback(self.collections.drop, stores[level])
                await self.collections.fill(stores[level], self.dataset.nodes[:count])
                if self._is_apart:
                    await self.collections.connect(stores[level])
            for spec in itertools.chain.from_iterable(blocks):
                self._go_on()
                trial, hits = await self._search(spec, stores[spec.case.consistency])
                self.keep(spec, trial, self._compare(spec, trial, hits))
                await self._check_answers(trial, stores[spec.case.consistency])

    @property
    def _is_apart(self) -> bool:
        return self.bench.plan.first_calls == "apart"

    async def _search(
        self, spec: Spec, vector_store: MilvusVectorStore
    ) -> tuple[Trial, dict[int, store.Hits]]:
        if self._is_apart:
            return await self.bench.measure(spec, vector_store, self.dataset)
        own = await self.collections.join(vector_store, spec.case.consistency)
        try:
            return await self.bench.measure(spec, own, self.dataset)
        finally:
            await store.aclose(own)

    def _compare(self, spec: Spec, trial: Trial, hits: dict[int, store.Hits]) -> list[Proof]:
        """Proofs of a search: the same hits as the first lane of its block, and near the exact ones."""
        if spec.is_warmup:
            return []
        proofs: list[Proof] = []
        if spec.repeat in self._expected:
            baseline, expected = self._expected[spec.repeat]
            proofs.append(checks.check_identical_ids(trial, baseline, expected, hits))
        elif hits:
            # A lane that nothing answered is no measure of the others.
            self._expected = {spec.repeat: (spec.lane, hits)}
        plan = self.bench.plan
        if plan.data != "tutorial" and spec.repeat == 0:
            if self._exact is None:
                self._exact = checks.exact_hits(
                    self.dataset.vectors, self.dataset.queries, plan.metric, plan.top_k
                )
            recall = checks.check_recall(trial, plan.top_k, self._exact, hits)
            proofs += [recall] if recall is not None else []
        return proofs

    async def _check_answers(self, trial: Trial, vector_store: MilvusVectorStore) -> None:
        """See that Milvus answers at all when nothing of a trial went well.

        Raises:
            StoreError: When it does not.
        """
        if not trial.num_ok and not self.bench.stop.is_set():
            await self.collections.connect(vector_store)

    def _go_on(self) -> None:
        if self.bench.stop.is_set():
            raise RunStoppedError


async def prime(bench: Bench, collections: Collections) -> list[FirstCall]:
    """Make every kind of call once, unmeasured by any trial: the first calls of a process load code.

    Returns:
        What they took; of client processes, nothing.
    """
    plan = bench.plan
    found: list[FirstCall] = []
    calls = sorted(
        {(lane, case.blocking) for case, names in plan.cases for lane in names},
        key=lambda call: (BLOCKINGS.index(call[1]), LANES.index(call[0])),
    )
    vector_store = await collections.open("prime", plan.consistency)
    try:
        connecting_s = await collections.connecting_s()
        await collections.connect(vector_store)
        for operation in sorted(plan.operations, key=OPERATIONS.index):
            for number, (lane, blocking) in enumerate(calls):
                # Other ids for every lane: an id that is there twice is an error of the search.
                dataset = make_dataset("tutorial", 2 * plan.processes, dim=plan.dim, seed=number)
                if bench.clients is None:
                    connect_s = connecting_s[lane in ASYNC_LANES]
                    kind = operation, lane, blocking
                    call_s = await _prime_here(bench, collections, kind, vector_store, dataset)
                    if not any((one.operation, one.lane) == kind[:2] for one in found):
                        found.append(
                            FirstCall(
                                operation=operation, lane=lane, connect_s=connect_s, first_call_s=call_s
                            )
                        )
                else:
                    # So many that each process has a call of its own to make.
                    per_request = plan.ops_per_request(lane, plan.batch_size)
                    await bench.clients.issue(
                        operation,
                        lane,
                        plan.processes * max(2, per_request),
                        replace(plan.cases[0][0], blocking=blocking),
                        vector_store.collection_name,
                        lambda recorder: None,
                    )
    finally:
        await collections.drop(vector_store)
    return found


async def _prime_here(
    bench: Bench,
    collections: Collections,
    kind: tuple[str, str, str],
    vector_store: MilvusVectorStore,
    dataset: Dataset,
) -> float:
    """Seconds that a call takes; `kind` is its operation, its lane and how it waits."""
    operation, lane, blocking = kind
    per_request = 2 if lane in BATCH_LANES else 1
    requests = make_requests(
        operation,
        vector_store,
        dataset,
        count=2,
        per_request=per_request,
        top_k=bench.plan.top_k,
        fields=bench.plan.fields,
        blocking=blocking,
    )
    start = time.perf_counter()
    with store.store_errors(bench.target):
        if lane in ASYNC_LANES:
            async with asyncio.timeout(collections.timeout_s):
                await requests.awaited(0)
        else:
            await collections.in_time(lambda: requests.sync(0))
    return time.perf_counter() - start

"""A run's collections: made, filled, connected to before the clock starts, counted, dropped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from core import store
from core.bench.load.cancellation import RunStoppedError, Stop, TookTooLongError, in_thread
from core.bench.plan.plan import Plan
from core.config.settings import Target
from core.errors import StoreError, StoreTimeoutError

if TYPE_CHECKING:
    from llama_index.core.schema import TextNode
    from llama_index.vector_stores.milvus import MilvusVectorStore

    from core.store import KnowledgeStore

T = TypeVar("T")

GRACE_S = 0.4
DROP_TIMEOUT_S = 3.0
# One call between the trials may take so long.
CALL_TIMEOUT_S = 30.0
# A Strong count may take so many times as long: it waits until the server has taken in what was added,
# after 3,000 single inserts at once for 40 s.
COUNT_CALLS = 3
# What makes a collection and is left behind would bring a Milvus Lite that is being closed back to life.
OPEN_GRACE_S = 0.8
# A fill is one request per so many rows, far fewer than a message may hold.
FILL_ROWS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Collections:
    """Makes and drops the collections of one run.

    Attributes:
        target: As the lanes reach it, so through the delay proxy where there is one.
        owner: Noted on each, so that another run can tell later whether this one still goes on.
        leftovers: Names of collections that could not be dropped.
        timeout_s: How long one call between the trials may take.
    """

    plan: Plan
    target: Target
    run_id: str
    stop: Stop
    owner: str = ""
    leftovers: list[str] = field(default_factory=list)
    timeout_s: float = CALL_TIMEOUT_S

    async def open(self, suffix: str, consistency: str) -> MilvusVectorStore:
        """A store on a new, empty collection.

        Raises:
            RunStoppedError: When stopped.
            StoreError: When it can't be made in time.
        """
        plan = self.plan
        name = self._name(suffix)

        def build() -> MilvusVectorStore:
            vector_store = store.open_bench_store(
                self.target,
                name,
                dim=plan.dim,
                metric=plan.metric,
                consistency=consistency,
                index=plan.index,
                batch_size=max(plan.batch_size, FILL_ROWS),
                owner=self.owner,
                **self._clients,
            )
            # Stopped while it was being made: nobody else will drop it.
            if self.stop.is_set():
                store.drop_bench_collection(self.target, vector_store)
            return vector_store

        opened = await self.in_time(build, grace_s=OPEN_GRACE_S)
        if self.stop.is_set():
            await self.drop(opened)
            raise RunStoppedError
        return opened

    @asynccontextmanager
    async def knowledge(self, suffix: str, *, model: str, dim: int) -> AsyncIterator[KnowledgeStore]:
        """A new, empty collection of chunks, with both of its clients connected; dropped at the end.

        Raises:
            RunStoppedError: When stopped.
            StoreError: When it can't be made or connected to in time.
        """
        name = self._name(suffix)
        open_store = partial(
            store.open_ingest_store,
            self.target,
            name,
            model=model,
            dim=dim,
            is_lite=self.plan.target == "lite",
            owner=self.owner,
        )
        opened = await self.in_time(open_store, grace_s=OPEN_GRACE_S)
        try:
            vector_store = await self.in_time(lambda: opened.vector_store)
            await self.connect(vector_store)
            yield opened
        finally:
            try:
                await in_thread(lambda: opened.drop(), timeout_s=DROP_TIMEOUT_S)
            except (TookTooLongError, StoreError):
                self.leftovers.append(name)
            await opened.aclose()

    def _name(self, suffix: str) -> str:
        return f"{store.BENCH_PREFIX}{self.run_id}_{suffix}".replace("-", "_")

    @property
    def _clients(self) -> dict[str, bool]:
        """Where a trial pays for connecting, no other one's connection may be used again."""
        return {"dedicated": True} if self.plan.first_calls == "included" else {}

    async def join(self, vector_store: MilvusVectorStore, consistency: str) -> MilvusVectorStore:
        """Another store on the same collection, with clients of its own that no call has been made with.

        Close it after use.

        Raises:
            RunStoppedError: When stopped.
            StoreError: When the collection can't be reached in time.
        """
        plan = self.plan
        build = partial(
            store.join_bench_store,
            self.target,
            vector_store.collection_name,
            dim=plan.dim,
            metric=plan.metric,
            consistency=consistency,
            batch_size=plan.batch_size,
            **self._clients,
        )
        return await self.in_time(build)

    async def connecting_s(self) -> dict[bool, float]:
        """Seconds that a client takes to connect, by whether it is an async one."""
        with store.store_errors(self.target):
            async with asyncio.timeout(self.timeout_s):
                async_s = await store.aconnecting_s(self.target)
        return {True: async_s, False: await self.in_time(lambda: store.connecting_s(self.target))}

    async def fill(self, vector_store: MilvusVectorStore, nodes: Sequence[TextNode]) -> None:
        """Add the rows that are to be searched, and wait until a search sees them."""

        def add_all() -> None:
            with store.store_errors(self.target):
                for first in range(0, len(nodes), FILL_ROWS):
                    if self.stop.is_set():
                        return
                    vector_store.add(list(nodes[first : first + FILL_ROWS]))
                # Milvus Lite searches rows that are not flushed ten times slower.
                if self.plan.target == "lite":
                    vector_store.client.flush(vector_store.collection_name)
            # A Strong count returns once the server has taken in all rows; from then on every
            # consistency level sees them.
            store.count_rows(self.target, vector_store, timeout_s=self.timeout_s * COUNT_CALLS)

        num_batches = -(-len(nodes) // FILL_ROWS)
        await self.in_time(add_all, grace_s=GRACE_S, num_calls=num_batches + COUNT_CALLS + 1)

    async def connect(self, vector_store: MilvusVectorStore) -> None:
        """Let both clients connect and fetch the schema, which their first call would do.

        Reads a row that does not exist: neither of the operations that are measured.

        Raises:
            RunStoppedError: When the run is stopped meanwhile.
            StoreError: When Milvus does not answer in time.
        """
        with store.store_errors(self.target):
            name = vector_store.collection_name
            if vector_store.aclient is not None:
                async with asyncio.timeout(self.timeout_s):
                    await vector_store.aclient.get(name, ids=["0"])
            await self.in_time(lambda: vector_store.client.get(name, ids=["0"]))
        if self.stop.is_set():
            raise RunStoppedError

    async def count(self, vector_store: MilvusVectorStore) -> int | None:
        """Rows in the collection; None when it can't be counted in time."""
        timeout_s = self.timeout_s * COUNT_CALLS
        # After Stop too, for a while: the rows of a trial that was cut are still its proof.
        with suppress(RunStoppedError, TookTooLongError, StoreTimeoutError):
            return await in_thread(
                lambda: store.count_rows(self.target, vector_store, timeout_s=timeout_s),
                stop=self.stop,
                grace_s=GRACE_S,
                timeout_s=timeout_s,
            )
        return None

    async def drop(self, vector_store: MilvusVectorStore) -> None:
        """Drop the store's collection and close the store."""
        # What was measured must not be lost because Milvus can't drop; the record names what stays.
        try:
            await in_thread(
                lambda: store.drop_bench_collection(self.target, vector_store), timeout_s=DROP_TIMEOUT_S
            )
        except (TookTooLongError, StoreError):
            self.leftovers.append(vector_store.collection_name)
        await store.aclose(vector_store)

    async def in_time(self, function: Callable[[], T], *, grace_s: float = 0.0, num_calls: int = 1) -> T:
        """What a blocking call returns, if it comes in time.

        Args:
            function: The call; it runs in a thread of its own.
            grace_s: Seconds that it may still take once the run is stopped.
            num_calls: How many calls of Milvus it makes; each one may take `timeout_s`.

        Raises:
            RunStoppedError: When the run is stopped meanwhile.
            StoreTimeoutError: When the call takes too long.
        """
        try:
            return await in_thread(
                function, stop=self.stop, grace_s=grace_s, timeout_s=self.timeout_s * num_calls
            )
        except TookTooLongError:
            raise StoreTimeoutError(
                f"Milvus at {self.plan.target} did not answer in time. "
                "Try again; if it stays so, check its load."
            ) from None

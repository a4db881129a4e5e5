"""Load from several processes: one Python client is bound by its processor long before Milvus is.

Every process has a client, a loop and a share of the operations of its own. They are started once
per run and begin each trial together; their samples are merged, their percentiles never are.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core import store
from core.bench.load.cancellation import Stop, in_thread
from core.bench.load.dataset import Dataset, OwnData, make_dataset
from core.bench.load.executor import Issued, issue, load_of
from core.bench.load.lanes import Recorder
from core.bench.load.operations import make_requests
from core.bench.load.sampling import Cpu
from core.bench.plan.conditions import Case
from core.bench.plan.plan import Plan
from core.config.settings import Target
from core.errors import BenchError, OverlapError

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection as Connection
else:
    from multiprocessing.connection import Connection

READY_TIMEOUT_S = 60.0
REPORT_INTERVAL_S = 0.1
END_GRACE_S = 3.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One process's share of a trial: requests from `first` to `last`, exclusive, counted in operations."""

    operation: str
    lane: str
    case: Case
    collection: str
    count: int
    first: int
    last: int


class ClientPool:
    """Client processes that share the operations of a trial. Blocking methods; call them in threads."""

    def __init__(self, plan: Plan, target: Target, stop: Stop, own: OwnData | None = None) -> None:
        """Start the processes.

        Raises:
            BenchError: When one does not come up.
        """
        self._plan = plan
        self._stop = stop
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        for _ in range(plan.processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, plan, target, own), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)
        for pipe in self._pipes:
            _expect(pipe, "up")

    async def issue(
        self,
        operation: str,
        lane: str,
        count: int,
        case: Case,
        collection: str,
        watch: Callable[[Recorder], None],
    ) -> Issued:
        """Issue the requests of one lane from all processes at once and merge what they saw.

        Raises:
            BenchError: When a process fails.
            RunStoppedError: When stopped before the start.
        """
        shares = self._shares(operation, lane, count, case, collection)
        pipes = self._pipes[: len(shares)]
        for pipe, share in zip(pipes, shares, strict=True):
            pipe.send(("prepare", share))
        for pipe in pipes:
            await in_thread(lambda pipe=pipe: _expect(pipe, "ready"), stop=self._stop)  # type: ignore[misc]
        merged, cpu = Recorder(), Cpu()
        watch(merged)
        merged.started = time.perf_counter()
        for pipe in pipes:
            pipe.send(("go",))
        parts = await asyncio.gather(
            *[self._collect(pipe, share, merged) for pipe, share in zip(pipes, shares, strict=True)]
        )
        return merge(parts, shares, merged, cpu, per_request=self._plan.ops_per_request(lane, count))

    def _shares(self, operation: str, lane: str, count: int, case: Case, collection: str) -> list[Share]:
        per_request = self._plan.ops_per_request(lane, count)
        num_requests = -(-count // per_request)
        size = -(-num_requests // self._plan.processes) * per_request
        return [
            Share(
                operation=operation,
                lane=lane,
                case=case,
                collection=collection,
                count=count,
                first=first,
                last=min(count, first + size),
            )
            for first in range(0, count, size)
        ]

    async def _collect(self, pipe: Connection, share: Share, merged: Recorder) -> Issued:
        """Take in what one process reports while it works, until its trial is over."""
        per_request = self._plan.ops_per_request(share.lane, share.count)
        offset = share.first // per_request

        def collect() -> Issued:
            is_told = False
            while True:
                if self._stop.is_set() and not is_told:
                    pipe.send(("stop",))
                    is_told = True
                if not pipe.poll(REPORT_INTERVAL_S):
                    continue
                kind, *content = _receive(pipe)
                if kind == "done":
                    issued: Issued = content[0]
                    return issued
                begun, samples = content
                merged.begun.extend(begun)
                merged.samples.extend((start, end, ok, i + offset) for start, end, ok, i in samples)

        return await in_thread(collect)

    def close(self) -> None:
        """End the processes, all of them within `END_GRACE_S`; then they are killed."""
        for pipe in self._pipes:
            with suppress(OSError):
                pipe.send(("end",))
        deadline_s = time.monotonic() + END_GRACE_S
        for process in self._processes:
            process.join(max(0.0, deadline_s - time.monotonic()))
        for process in self._processes:
            if process.is_alive():
                process.kill()
                process.join()
        for pipe in self._pipes:
            pipe.close()


def merge(
    parts: Sequence[Issued], shares: Sequence[Share], merged: Recorder, cpu: Cpu, *, per_request: int
) -> Issued:
    """What all processes saw, as if one had issued every request.

    Args:
        parts: What each of them left behind, without the samples that it had reported.
        shares: Those of the same processes, in the same order.
        merged: With the samples that they reported; the rest is filled in here.
        cpu: What this machine has computed since the trial's start.
        per_request: Operations that one request carries.
    """
    starts = [part.recorder.started for part in parts if part.recorder.started is not None]
    ends = [part.recorder.ended for part in parts if part.recorder.ended is not None]
    # The trial is over when the last process is; the clock is one for all processes of a machine.
    merged.started, merged.ended = min(starts, default=None), max(ends, default=None)
    merged.samples.sort(key=lambda sample: sample[1])
    hits: dict[int, store.Hits] = {}
    in_flight = 0.0
    for part, share in zip(parts, shares, strict=True):
        offset = share.first // per_request
        merged.failures += [(i + offset, text) for i, text in part.recorder.failures]
        hits |= {i + share.first: found for i, found in part.hits.items()}
        in_flight += part.mean_in_flight or 0.0
    return Issued(
        recorder=merged,
        hits=hits,
        cpu_s=sum(part.cpu_s for part in parts),
        machine_ratio=cpu.machine_ratio(),
        lags_s=[lag for part in parts for lag in part.lags_s],
        # Pulses of several loops are no pulse: a plan that shows one has one process.
        beats=[],
        mean_in_flight=in_flight,
    )


def _receive(pipe: Connection) -> tuple[Any, ...]:
    try:
        message: tuple[Any, ...] = pipe.recv()
    except (EOFError, OSError) as exc:
        raise BenchError("A client process of the benchmark ended before its trial did.") from exc
    if message[0] == "failed":
        raise BenchError(message[1])
    return message


def _expect(pipe: Connection, kind: str) -> None:
    if not pipe.poll(READY_TIMEOUT_S) or _receive(pipe)[0] != kind:
        raise BenchError("A client process of the benchmark did not get ready in time. Use fewer of them.")


def _serve(pipe: Connection, plan: Plan, target: Target, own: OwnData | None) -> None:
    """The life of one client process: trials, as they are asked for, on one loop."""
    with suppress(KeyboardInterrupt, EOFError, OSError, BrokenPipeError):
        asyncio.run(_Client(pipe, plan, target, own).serve())


class _Client:
    """The client's own process: does what comes through the pipe, until "end" does."""

    def __init__(self, pipe: Connection, plan: Plan, target: Target, own: OwnData | None) -> None:
        self._pipe = pipe
        self._plan = plan
        self._target = target
        self._own = own
        self._datasets: dict[int, Dataset] = {}

    async def serve(self) -> None:
        import signal

        # Ctrl-C reaches the whole group; the parent says when to stop.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._pipe.send(("up",))
        while True:
            message = await in_thread(self._pipe.recv)
            if message[0] == "end":
                return
            if message[0] == "prepare":
                try:
                    await self._trial(message[1])
                except OverlapError as exc:
                    self._pipe.send(("failed", str(exc)))

    async def _trial(self, share: Share) -> None:
        plan, stop = self._plan, Stop()
        vector_store = await in_thread(
            lambda: store.join_bench_store(
                self._target,
                share.collection,
                dim=plan.dim,
                metric=plan.metric,
                consistency=share.case.consistency,
                batch_size=plan.batch_size,
            )
        )
        try:
            per_request = plan.ops_per_request(share.lane, share.count)
            dataset = self._dataset_of(share)
            requests = make_requests(
                share.operation,
                vector_store,
                dataset,
                count=share.last - share.first,
                per_request=per_request,
                top_k=plan.top_k,
                fields=plan.fields,
            )
            load = load_of(plan, share.lane, share.case, requests.num_requests, processes=plan.processes)
            with store.store_errors(self._target):
                assert vector_store.aclient is not None
                await vector_store.aclient.get(share.collection, ids=["0"])
                await in_thread(lambda: vector_store.client.get(share.collection, ids=["0"]))
            self._pipe.send(("ready",))
            # Anything else than "go" means that the run was stopped meanwhile.
            if (await in_thread(self._pipe.recv))[0] == "go":
                self._pipe.send(("done", await self._issue(share, requests, load, stop)))
        finally:
            await store.aclose(vector_store)

    async def _issue(self, share: Share, requests: Any, load: Any, stop: Stop) -> Issued:
        ended = threading.Event()
        reporters: list[threading.Thread] = []

        def watch(recorder: Recorder) -> None:
            reporters.append(threading.Thread(target=self._report, args=(recorder, stop, ended), daemon=True))
            reporters[0].start()

        issued = await issue(share.lane, requests, load, stop, watch=watch)
        ended.set()
        await in_thread(reporters[0].join)
        # The samples were reported already, and the hits are there without the raw results.
        for sent in (issued.recorder.results, issued.recorder.samples, issued.recorder.begun):
            sent.clear()
        return issued

    def _report(self, recorder: Recorder, stop: Stop, ended: threading.Event) -> None:
        """Send what is new, and hear whether to stop; the last report comes after the end."""
        num_begun = num_samples = 0
        is_over = False
        while not is_over:
            is_over = ended.wait(REPORT_INTERVAL_S)
            begun, samples = recorder.begun[num_begun:], recorder.samples[num_samples:]
            num_begun, num_samples = num_begun + len(begun), num_samples + len(samples)
            self._pipe.send(("progress", begun, samples))
            if self._pipe.poll() and not is_over and self._pipe.recv()[0] == "stop":
                stop.set("The process that shares out the work said so.")

    def _dataset_of(self, share: Share) -> Dataset:
        plan = self._plan
        if share.count not in self._datasets:
            whole = make_dataset(plan.data, share.count, dim=plan.dim, seed=plan.seed, own=self._own)
            self._datasets = {share.count: whole}
        whole = self._datasets[share.count]
        return Dataset(
            nodes=whole.nodes[share.first : share.last], queries=whole.queries[share.first : share.last]
        )

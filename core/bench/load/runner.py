"""Runs a plan: every trial on one loop, the record written after each, nothing left behind.

This is what `python -m core bench` does in its process. All async calls of all stores are made on
the one loop that `run_plan` starts; stores are built and dropped in threads.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core import store
from core.bench.analysis.speedups import summarize
from core.bench.delay_proxy.client import DelayProxy
from core.bench.load import client_pool
from core.bench.load.cancellation import INTERRUPTED, RunStoppedError, Stop, TookTooLongError, in_thread
from core.bench.load.cleanup import clear_collections, clear_folders, owner_mark
from core.bench.load.client_pool import ClientPool
from core.bench.load.dataset import OwnData, make_dataset
from core.bench.load.events import Event, progress_event, trial_event
from core.bench.load.lanes import Recorder
from core.bench.load.measure_ingest import IngestMeasurement, IngestOrder, ReadyIngest
from core.bench.load.measure_trial import Bench, Spec
from core.bench.load.other_programs import Others
from core.bench.load.run_collections import CALL_TIMEOUT_S, Collections
from core.bench.load.schedule import PointMeasurement, points, prime
from core.bench.plan.plan import Plan
from core.bench.records import environment
from core.bench.records.codec import write_run
from core.bench.records.run import Run, utc_stamp
from core.bench.records.trial import Proof, Trial
from core.config.settings import Target
from core.errors import BenchError, OverlapError, StoreError
from core.runtime.child_process import END_TIMEOUT_S
from core.runtime.process_identity import this_process
from core.servers.lite import LiteServer

Emit = Callable[[Event], None]

PROGRESS_INTERVAL_S = 0.15
MILVUS_PORT = 19530
# What is closed one after another at a run's end may take as long as each of them is given.
CLOSE_TIMEOUT_S = client_pool.END_GRACE_S + 2 * END_TIMEOUT_S + 2.0
CLEAR_TIMEOUT_S = 20.0
_NOBODY_LISTENS = "The program that read its progress, such as the app, was gone."


def run_plan(
    plan: Plan,
    target: Target,
    *,
    run_id: str,
    path: Path,
    emit: Emit,
    own: OwnData | None = None,
    order: IngestOrder | None = None,
    call_timeout_s: float = CALL_TIMEOUT_S,
    close_timeout_s: float = CLOSE_TIMEOUT_S,
) -> Run:
    """Measure `plan` at `target` and write the record to `path` as it goes.

    SIGINT and SIGTERM stop the run; what was measured stays. An error of Milvus makes the status "failed".
    Why it was stopped or failed is its note. Returns the run as written.

    Args:
        plan: What is measured.
        target: For Milvus Lite a file of the run's own; it is removed at the end.
        run_id: The record's id; it is in the names of the run's collections too.
        path: The record's file; written anew after each trial.
        emit: Called with progress events, also from another thread. When it raises BrokenPipeError (nobody
            listens any more) the run stops.
        own: The passages, when the plan's data is a knowledge base.
        order: The document of an ingest.
        call_timeout_s: Seconds for one call between the trials; a trial itself has the plan's time limit.
        close_timeout_s: Seconds until clients and proxy that do not close are left behind. The run is written
            by then.
    """
    under_way = _RunUnderWay(
        plan,
        target,
        run_id=run_id,
        path=path,
        emit=emit,
        own=own,
        order=order,
        call_timeout_s=call_timeout_s,
        close_timeout_s=close_timeout_s,
    )
    return asyncio.run(under_way.run())


class _RunUnderWay:
    """One run, from the first time that its record is written to the last; its arguments are `run_plan`'s."""

    def __init__(
        self,
        plan: Plan,
        target: Target,
        *,
        run_id: str,
        path: Path,
        emit: Emit,
        own: OwnData | None,
        order: IngestOrder | None,
        call_timeout_s: float,
        close_timeout_s: float,
    ) -> None:
        self._target = target
        self._path = path
        self._emit = emit
        self._own = own
        self._order = order
        self._call_timeout_s = call_timeout_s
        self._close_timeout_s = close_timeout_s
        self._progress: tuple[Spec, Recorder] | None = None
        self._run = Run(id=run_id, created_at=utc_stamp(), status="running", plan=plan, owner=this_process())

    async def run(self) -> Run:
        stop = Stop()
        stop.listen()
        self._save()
        finished = threading.Event()
        reporter = threading.Thread(target=self._report, args=(stop, finished), daemon=True)
        reporter.start()
        helpers = ExitStack()
        try:
            await self._measure(stop, helpers)
        except OverlapError as exc:
            self._end("failed", str(exc))
        except Exception as exc:
            self._end("failed", f"An error that Overlap does not know: {type(exc).__name__}.")
            raise
        finally:
            finished.set()
            if self._run.status == "running":
                # Where signals can't be listened to, Ctrl-C cancels what is awaited.
                self._end("stopped", stop.why or INTERRUPTED)
            await self._close(helpers)
        return self._run

    async def _measure(self, stop: Stop, helpers: ExitStack) -> None:
        plan = self._run.plan
        notes = environment.notes(plan, self._target)
        values = await in_thread(environment.describe, stop=stop)
        self._change(environment=values | {"server_version": None, "notes": notes})
        leftovers: list[str] = []
        others = await in_thread(Others, stop=stop)
        try:
            reached = await in_thread(partial(self._reach, helpers), stop=stop)
            version = await in_thread(lambda: store.server_version(reached), stop=stop)
            self._change(environment=self._run.environment | {"server_version": version})
            await self._clear_leftovers(reached, stop)
            bench = await in_thread(partial(self._bench, reached, stop, helpers), stop=stop)
            collections = Collections(
                plan=plan,
                target=bench.target,
                run_id=self._run.id,
                stop=stop,
                owner=owner_mark(),
                leftovers=leftovers,
                timeout_s=self._call_timeout_s,
            )
            if plan.is_ingest:
                await self._ingest(bench, collections)
            else:
                await self._add_and_search(bench, collections)
        except RunStoppedError:
            pass  # `stop` says so, and why
        finally:
            self._name_leftovers(leftovers)
            self._name_others(await in_thread(others.note))
        self._end("stopped" if stop.is_set() else "complete", stop.why)

    async def _add_and_search(self, bench: Bench, collections: Collections) -> None:
        plan, stop, keep = bench.plan, bench.stop, partial(self._keep, bench.stop)
        if plan.first_calls == "apart":
            self._change(first_calls=tuple(await prime(bench, collections)))
        for operation, count, blocks in points(plan):
            make = partial(make_dataset, plan.data, count, dim=plan.dim, seed=plan.seed, own=self._own)
            dataset = await in_thread(make, stop=stop)
            point = PointMeasurement(bench=bench, collections=collections, dataset=dataset, keep=keep)
            await point.measure(operation, count, blocks)
            if stop.is_set():
                break

    async def _ingest(self, bench: Bench, collections: Collections) -> None:
        order = self._order
        if order is None:
            raise BenchError("No document was given to ingest; name one.")
        ready = await in_thread(lambda: ReadyIngest.of(order), stop=bench.stop)
        # Only now is it known how many operations a trial has.
        plan = replace(self._run.plan, counts=(len(ready.chunk_ids),))
        self._change(plan=plan, environment=self._run.environment | ready.environment)
        bench, keep = replace(bench, plan=plan), partial(self._keep, bench.stop)
        measurement = IngestMeasurement(bench=bench, collections=collections, ready=ready, keep=keep)
        for _, _, blocks in points(plan):
            await measurement.measure(blocks)

    def _reach(self, helpers: ExitStack) -> Target:
        """The target as a server, where a proxy or several processes have to reach it."""
        plan = self._run.plan
        if not self._target.is_lite or (plan.processes == 1 and not plan.needs_proxy):
            return self._target
        server = helpers.enter_context(LiteServer(Path(self._target.uri)))
        return Target(uri=server.uri)

    def _bench(self, reached: Target, stop: Stop, helpers: ExitStack) -> Bench:
        plan = self._run.plan
        link = None
        if plan.needs_proxy:
            address = urlsplit(reached.uri)
            proxy = DelayProxy(address.hostname or "127.0.0.1", address.port or MILVUS_PORT)
            link = helpers.enter_context(proxy)
            link.set_rtt(plan.resting_rtt_ms)
            reached = Target(uri=link.uri, token=reached.token)
        clients = None
        if plan.processes > 1:
            clients = ClientPool(plan, reached, stop, self._own)
            helpers.callback(clients.close)
        return Bench(plan=plan, target=reached, stop=stop, watch=self._watch, link=link, clients=clients)

    async def _close(self, helpers: ExitStack) -> None:
        def close() -> None:
            helpers.close()
            if self._target.is_lite:
                store.close_lite(self._target)
                shutil.rmtree(self._target.uri, ignore_errors=True)

        try:
            await in_thread(close, timeout_s=self._close_timeout_s)
        except TookTooLongError:
            # All is measured, and what is left behind ends with this process.
            self._add_note("What served the run did not end in time and was left to the system.")
            self._save()

    async def _clear_leftovers(self, reached: Target, stop: Stop) -> None:
        """Remove what runs that were killed have left; that it can't be removed spoils no run."""

        def clear() -> list[str]:
            if not self._target.is_lite:
                return clear_collections(reached)
            clear_folders(Path(self._target.uri).parent)
            return []

        dropped: list[str] = []
        with suppress(StoreError, RunStoppedError, TookTooLongError):
            dropped = await in_thread(clear, stop=stop, timeout_s=CLEAR_TIMEOUT_S)
        if dropped:
            self._add_note(f"Collections that an ended run had left were dropped: {', '.join(dropped)}.")

    def _name_leftovers(self, collections: list[str]) -> None:
        if collections:
            self._add_note(
                f"These collections could not be dropped: {', '.join(collections)}. "
                "The next run at this target drops them, or you do by hand."
            )

    def _name_others(self, note: str) -> None:
        if note:
            self._change(environment=self._run.environment | {"other_load": note})
            self._add_note(note)

    def _add_note(self, note: str) -> None:
        values = self._run.environment
        self._change(environment=values | {"notes": [*values.get("notes", ()), note]})

    def _watch(self, spec: Spec, recorder: Recorder) -> None:
        self._progress = spec, recorder

    def _keep(self, stop: Stop, spec: Spec, trial: Trial, checks: list[Proof]) -> None:
        self._progress = None
        self._change(trials=(*self._run.trials, trial), checks=(*self._run.checks, *checks))
        self._change(summary=summarize(self._run))
        self._save()
        self._tell(stop, trial_event(spec, trial, self._run.plan))

    def _report(self, stop: Stop, finished: threading.Event) -> None:
        # A thread that reads lists: the measured loops know nothing of progress.
        while not finished.wait(PROGRESS_INTERVAL_S):
            current = self._progress
            if current is None or current[1].started is None:
                continue
            try:
                self._emit(progress_event(*current, self._run.plan, time.perf_counter()))
            except BrokenPipeError:
                stop.set(_NOBODY_LISTENS)
                return

    def _end(self, status: str, note: str) -> None:
        self._change(status=status, note=note, owner=None)
        self._save()

    def _change(self, **values: Any) -> None:
        self._run = replace(self._run, **values)

    def _save(self) -> None:
        write_run(self._run, self._path)

    def _tell(self, stop: Stop, event: Event) -> None:
        try:
            self._emit(event)
        except BrokenPipeError:
            stop.set(_NOBODY_LISTENS)
            raise RunStoppedError from None

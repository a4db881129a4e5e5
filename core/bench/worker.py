"""Runs a plan: every trial on one loop, the record written after each, nothing left behind.

This is what `python -m core bench` does in its process. All async calls of all stores are made on
the one loop that `run_plan` starts; stores are built and dropped in threads.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from core import store
from core.bench import environment, verify
from core.bench.archive import save_run, this_process
from core.bench.data import tutorial_nodes
from core.bench.lanes import Recorder
from core.bench.plan import Plan
from core.bench.record import Run, Trial, utc_stamp
from core.bench.stopping import AbandonedError, Stop, in_thread
from core.bench.summary import summarize
from core.bench.trial import Bench, Outcome, Spec
from core.config import Target
from core.errors import OverlapError

Event = dict[str, Any]
Emit = Callable[[Event], None]

PROGRESS_INTERVAL_S = 0.15


def run_plan(plan: Plan, target: Target, *, run_id: str, path: Path, emit: Emit) -> Run:
    """Measure `plan` at `target` and write the record to `path` as it goes.

    target: for Milvus Lite a file of the run's own; it is removed at the end.
    emit: called with progress events, also from another thread. When it raises BrokenPipeError
        (nobody listens any more) the run stops.
    SIGINT and SIGTERM stop the run; what was measured stays. An error of Milvus makes the status
    "failed", with the reason as note. Returns the run as written.
    """
    return asyncio.run(_Session(plan, target, run_id=run_id, path=path, emit=emit).run())


class _Session:
    def __init__(self, plan: Plan, target: Target, *, run_id: str, path: Path, emit: Emit) -> None:
        self._target = target
        self._path = path
        self._emit = emit
        self._progress: tuple[Spec, Recorder] | None = None
        self._hits: dict[tuple[str, int, int], dict[int, Any]] = {}
        self._run = Run(id=run_id, created_at=utc_stamp(), status="running", plan=plan, owner=this_process())

    async def run(self) -> Run:
        stop = Stop()
        stop.listen()
        self._save()
        finished = threading.Event()
        reporter = threading.Thread(target=self._report, args=(stop, finished), daemon=True)
        reporter.start()
        try:
            await self._measure(stop)
        except OverlapError as exc:
            self._end("failed", str(exc))
        except Exception as exc:
            self._end("failed", f"An error that Overlap does not know: {type(exc).__name__}.")
            raise
        finally:
            finished.set()
            if self._run.status == "running":
                self._end("stopped", "")
            if self._target.is_lite:
                await in_thread(self._remove_lite, timeout_s=2.0)
        return self._run

    async def _measure(self, stop: Stop) -> None:
        plan = self._run.plan
        notes = environment.notes(plan, self._target)
        values = await in_thread(environment.describe, stop=stop)
        self._change(environment=values | {"server_version": None, "notes": notes})
        bench = Bench(plan=plan, target=self._target, run_id=self._run.id, stop=stop, watch=self._watch)
        try:
            version = await in_thread(lambda: store.server_version(self._target), stop=stop)
            self._change(environment=self._run.environment | {"server_version": version})
            await bench.prime()
            for point in points(plan):
                make = partial(tutorial_nodes, point[0].count, dim=plan.dim, seed=plan.seed)
                await bench.measure_point(point, await in_thread(make, stop=stop), self._keep)
                if stop.is_set():
                    break
        except AbandonedError:
            stop.set()
        finally:
            self._name_leftovers(bench.leftovers)
        self._end("stopped" if stop.is_set() else "complete", "")

    def _name_leftovers(self, collections: list[str]) -> None:
        if collections:
            note = f"These collections could not be dropped; drop them by hand: {', '.join(collections)}."
            values = self._run.environment
            self._change(environment=values | {"notes": [*values["notes"], note]})

    def _watch(self, spec: Spec, recorder: Recorder) -> None:
        self._progress = spec, recorder

    def _keep(self, spec: Spec, outcome: Outcome) -> None:
        self._progress = None
        checks = list(self._run.checks)
        if outcome.rows is not None:
            checks.append(verify.check_row_count(outcome.trial, outcome.rows))
        if spec.operation == "search":
            self._hits[spec.lane, spec.count, spec.repeat] = outcome.hits
            baseline = self._hits.get(("sync", spec.count, spec.repeat))
            other = self._hits.get(("async", spec.count, spec.repeat))
            if baseline is not None and other is not None:
                checks.append(verify.check_identical_ids(spec.count, spec.repeat, baseline, other))
        self._change(trials=(*self._run.trials, outcome.trial), checks=tuple(checks))
        self._change(summary=summarize(self._run))
        self._save()
        self._tell(trial_event(spec, outcome.trial, self._run.plan.num_trials))

    def _report(self, stop: Stop, finished: threading.Event) -> None:
        # A thread that reads lengths: the measured loops know nothing of progress.
        while not finished.wait(PROGRESS_INTERVAL_S):
            current = self._progress
            if current is None or current[1].started is None:
                continue
            try:
                self._emit(progress_event(*current, self._run.plan.num_trials, time.perf_counter()))
            except BrokenPipeError:
                stop.set()
                return

    def _end(self, status: str, note: str) -> None:
        self._change(status=status, note=note, owner=None)
        self._save()

    def _change(self, **values: Any) -> None:
        self._run = replace(self._run, **values)

    def _save(self) -> None:
        save_run(self._run, self._path)

    def _tell(self, event: Event) -> None:
        try:
            self._emit(event)
        except BrokenPipeError:
            raise AbandonedError from None

    def _remove_lite(self) -> None:
        store.close_lite(self._target)
        shutil.rmtree(self._target.uri, ignore_errors=True)


def points(plan: Plan) -> Iterator[list[Spec]]:
    """The trials in order, by operation, count and repeat: what is compared runs next to each other.

    The lane that goes first changes with every repeat, so that neither has the better place.
    """
    numbers = itertools.count(1)
    for operation, count, repeat in itertools.product(plan.operations, plan.counts, range(plan.repeats)):
        lanes = plan.lanes if repeat % 2 == 0 else plan.lanes[::-1]
        yield [
            Spec(operation=operation, lane=lane, count=count, repeat=repeat, number=next(numbers))
            for lane in lanes
        ]


def progress_event(spec: Spec, recorder: Recorder, num_trials: int, now: float) -> Event:
    elapsed_s = (recorder.ended or now) - (recorder.started or now)
    done, failed = recorder.num_done, recorder.num_failed
    return {
        "event": "progress",
        "operation": spec.operation,
        "lane": spec.lane,
        "count": spec.count,
        "repeat": spec.repeat,
        "done": done,
        "failed": failed,
        "elapsed_s": round(elapsed_s, 3),
        "ops_per_s": round((done - failed) / elapsed_s, 1) if done and elapsed_s > 0 else None,
        "trial": spec.number,
        "num_trials": num_trials,
    }


def trial_event(spec: Spec, trial: Trial, num_trials: int) -> Event:
    return {
        "event": "trial",
        "operation": spec.operation,
        "lane": spec.lane,
        "count": spec.count,
        "repeat": spec.repeat,
        "done": trial.num_ok + trial.num_failed,
        "failed": trial.num_failed,
        "elapsed_s": round(trial.elapsed_s, 6),
        "ops_per_s": round(trial.ops_per_s, 1) if trial.ops_per_s else None,
        "cut": trial.cut,
        "trial": spec.number,
        "num_trials": num_trials,
    }

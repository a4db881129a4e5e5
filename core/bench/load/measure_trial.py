"""One trial: the lane's requests on a collection that is ready, and the figures of what happened."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.bench.analysis import bottleneck, stats
from core.bench.delay_proxy.client import DelayProxy
from core.bench.load.cancellation import RunStoppedError, Stop
from core.bench.load.client_pool import ClientPool
from core.bench.load.dataset import Dataset
from core.bench.load.executor import Issued, issue, load_of
from core.bench.load.lanes import Recorder
from core.bench.load.operations import Requests, make_requests
from core.bench.plan.conditions import Case
from core.bench.plan.plan import Plan
from core.bench.records.trial import DEFAULT_CASE, Trial
from core.config.settings import Target
from core.errors import BenchError

if TYPE_CHECKING:
    from llama_index.vector_stores.milvus import MilvusVectorStore

STALL_POLL_S = 0.01
STOP_LOOK_S = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Spec:
    """Which trial.

    Attributes:
        number: Its place among the plan's trials, warm-up included, from 1.
    """

    operation: str
    lane: str
    count: int
    repeat: int
    number: int
    case: Case = DEFAULT_CASE
    is_warmup: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """What every trial of a run needs.

    Attributes:
        watch: Told the recorder whose trial begins.
        link: The delay proxy, when there is one.
        clients: The processes that issue the requests; None issues them in this process.
    """

    plan: Plan
    target: Target
    stop: Stop
    watch: Callable[[Spec, Recorder], None]
    link: DelayProxy | None = None
    clients: ClientPool | None = None

    async def measure(
        self, spec: Spec, vector_store: MilvusVectorStore, dataset: Dataset
    ) -> tuple[Trial, dict[int, Any]]:
        """Run one lane; returns the trial and, of a search, the hits by query.

        The collection has its rows and both clients are connected.

        Raises:
            RunStoppedError: When the run was stopped before the trial began.
            BenchError: When the trial did not begin within its time limit.
        """
        requests = make_requests(
            spec.operation,
            vector_store,
            dataset,
            count=spec.count,
            per_request=self.plan.ops_per_request(spec.lane, spec.count),
            top_k=self.plan.top_k,
            fields=self.plan.fields,
            blocking=spec.case.blocking,
        )
        stall: list[float] = []
        stalling: list[asyncio.Task[None]] = []

        watched: list[Recorder] = []

        def watch(recorder: Recorder) -> None:
            watched.append(recorder)
            self.watch(spec, recorder)
            if self.plan.stall_s:
                stalling.append(asyncio.create_task(self._stall(recorder, requests, stall)))

        await self.set_distance(spec.case.rtt_ms)
        try:
            issued = await self._issue(spec, vector_store, requests, watch)
        finally:
            for task in stalling:
                task.cancel()
            await self._thaw(watched, stall)
            await self.set_distance(self.plan.resting_rtt_ms)
        return self._trial(spec, requests, issued, stall), issued.hits

    async def _issue(
        self,
        spec: Spec,
        vector_store: MilvusVectorStore,
        requests: Requests,
        watch: Callable[[Recorder], None],
    ) -> Issued:
        if self.clients is not None:
            return await self.clients.issue(
                spec.operation, spec.lane, spec.count, spec.case, vector_store.collection_name, watch
            )
        load = load_of(self.plan, spec.lane, spec.case, requests.num_requests)
        return await issue(spec.lane, requests, load, self.stop, watch=watch)

    async def set_distance(self, rtt_ms: int) -> None:
        """The simulated round trip from now on; nothing happens where no proxy stands in between."""
        if self.link is not None:
            await asyncio.to_thread(self.link.set_rtt, rtt_ms)

    async def _stall(self, recorder: Recorder, requests: Requests, stall: list[float]) -> None:
        """Freeze the link once half of the requests have been issued; notes when that was."""
        assert self.link is not None
        while recorder.started is None or len(recorder.begun) * 2 < requests.num_requests:  # noqa: ASYNC110
            # Looking now and then costs the measured loop less than an event that it would have to set.
            await asyncio.sleep(STALL_POLL_S)
        now = time.perf_counter() - recorder.started
        stall += [now, now + self.plan.stall_s]
        await asyncio.to_thread(self.link.freeze, self.plan.stall_s)

    async def _thaw(self, watched: Sequence[Recorder], stall: Sequence[float]) -> None:
        """Wait for the end of a freeze that outlives its trial: the next one must not begin frozen."""
        if not stall:
            return
        (recorder,) = watched
        assert recorder.started is not None
        until = recorder.started + stall[1]
        # A stop is told to threads too; it has no event to await.
        while (left_s := until - time.perf_counter()) > 0 and not self.stop.is_set():  # noqa: ASYNC110
            await asyncio.sleep(min(left_s, STOP_LOOK_S))

    def _trial(self, spec: Spec, requests: Requests, issued: Issued, stall: list[float]) -> Trial:
        recorder = issued.recorder
        started, ended = recorder.started, recorder.ended
        if started is None or ended is None:
            raise self._not_begun()
        elapsed_s = ended - started
        samples = tuple(
            (round(s - started, 6), round(e - started, 6), ok) for s, e, ok, _ in recorder.samples
        )
        num_ok = sum(requests.num_ops(i) for _, _, ok, i in recorder.samples if ok)
        num_failed = sum(requests.num_ops(i) for i, _ in recorder.failures)
        trial = Trial(
            operation=spec.operation,
            lane=spec.lane,
            count=spec.count,
            repeat=spec.repeat,
            case=spec.case,
            is_warmup=spec.is_warmup,
            processes=self.plan.processes,
            ops_per_request=requests.per_request,
            elapsed_s=elapsed_s,
            num_ok=num_ok,
            num_failed=num_failed,
            errors=self._errors(requests, recorder),
            latency_s=stats.latency_figures(samples),
            max_in_flight=stats.max_in_flight(samples),
            mean_in_flight=issued.mean_in_flight,
            client_cpu_ratio=stats.cpu_ratio(issued.cpu_s, elapsed_s),
            machine_cpu_ratio=issued.machine_ratio,
            loop_lag_p99_s=stats.percentile(issued.lags_s, 0.99),
            cut=num_ok + num_failed < spec.count,
            stall_s=(stall[0], stall[1]) if stall else None,
            heartbeats_s=self._heartbeats(issued, started),
            samples=samples,
        )
        lag_ratio = sum(issued.lags_s) / self.plan.processes / elapsed_s if elapsed_s > 0 else 0.0
        return _judged(self._paced(trial, requests, recorder), lag_ratio)

    def _not_begun(self) -> Exception:
        """Why a trial has no first moment: nobody wanted it any more, or the machine was too busy."""
        if self.stop.is_set():
            return RunStoppedError()
        return BenchError(
            f"A trial did not begin within its time limit of {self.plan.time_limit_s:g} s. "
            "Give it a longer one, or this machine less to do."
        )

    def _paced(self, trial: Trial, requests: Requests, recorder: Recorder) -> Trial:
        """The trial with what only an open loop has, and with what a cut one left undone."""
        num_open = len(recorder.begun) - len(recorder.samples)
        num_left = trial.count - trial.num_ok - trial.num_failed
        trial = replace(trial, num_cancelled=min(num_open * requests.per_request, num_left))
        if trial.cut and trial.seconds_per_op is not None:
            trial = replace(trial, projected_s=trial.seconds_per_op * trial.count)
        if not self.plan.rate_per_s:
            return trial
        load = load_of(self.plan, trial.lane, trial.case, requests.num_requests)
        intended = tuple(round(load.due_s(i), 6) for _, _, _, i in recorder.samples)
        return replace(
            trial,
            intended_s=intended,
            response_s=stats.response_figures(trial.samples, intended),
            num_unsent=max(0, load.num_due(trial.elapsed_s) - len(recorder.begun)),
            projected_s=None,
        )

    def _heartbeats(self, issued: Issued, started: float) -> tuple[float, ...]:
        if self.plan.sweep != "blocking":
            return ()
        return tuple(round(beat - started, 5) for beat in issued.beats if beat >= started)

    def _errors(self, requests: Requests, recorder: Recorder) -> dict[str, int]:
        token = self.target.token.value
        counted: Counter[str] = Counter()
        for index, text in recorder.failures:
            masked = text.replace(token, "********") if token else text
            counted[masked] += requests.num_ops(index)
        return dict(counted.most_common())


def _judged(trial: Trial, lag_ratio: float) -> Trial:
    return replace(
        trial,
        littles_law_ratio=bottleneck.littles_law_ratio(trial),
        bounded_by=bottleneck.bounded_by(trial, lag_ratio),
    )

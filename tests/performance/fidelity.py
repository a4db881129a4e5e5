"""Do our lanes measure what a bare loop of the same calls would? Prints both and their ratio.

    python tests/performance/fidelity.py [--rounds 40] [--count 50] [--lanes sync,async] [--self-test]

The server is MILVUS_URI when that is set, otherwise a Milvus Lite served over TCP by a process of
its own. Bare loop and lane work on one collection in short turns, in the order bare, lane, lane,
bare, so that whatever changes meanwhile meets both alike. The ratio is the geometric mean over the
rounds of our operations/s to the bare loop's, with a 95 % interval. A lane fails when the
whole interval is under 0.97; when the interval holds 0.97, the machine was too noisy to tell, and
the script says so (exit code 2): use more rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import store
from core.bench.load.cancellation import Stop
from core.bench.load.dataset import make_dataset
from core.bench.load.events import progress_event
from core.bench.load.lanes import Recorder
from core.bench.load.measure_trial import Bench, Spec
from core.bench.load.operations import Requests, make_requests
from core.bench.load.run_collections import Collections
from core.bench.load.runner import PROGRESS_INTERVAL_S
from core.bench.plan.plan import ASYNC_LANES, LANES, Plan
from core.bench.records.run import new_id
from core.config.settings import Target
from core.servers.lite import LiteServer
from tests.performance.report import ratio_interval

LEAST_RATIO = 0.97


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--count", type=int, default=50, help="operations per turn")
    parser.add_argument("--lanes", default=",".join(LANES))
    parser.add_argument("--op", default="add,search")
    parser.add_argument("--consistency", default="Bounded")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--no-view", action="store_true", help="without what the live view costs")
    parser.add_argument("--self-test", action="store_true", help="bare loop against itself: the noise")
    args = parser.parse_args()
    with server() as target:
        plan = Plan(
            target=target.label,
            operations=args.op.split(","),
            lanes=args.lanes.split(","),
            counts=(args.count,),
            consistency=args.consistency,
            concurrency=args.concurrency,
            batch_size=10,
        )
        view = "closed" if args.no_view else "open"
        print(f"server {store.server_version(target)} at {target.label}, live view {view}")
        print(f"{args.rounds} rounds of 2 + 2 turns of {args.count} operations, {plan.consistency}")
        comparison = Comparison(plan, target, has_view=not args.no_view, is_self_test=args.self_test)
        return asyncio.run(comparison.run(args.rounds))


class Comparison:
    def __init__(self, plan: Plan, target: Target, *, has_view: bool, is_self_test: bool) -> None:
        self.plan, self.target = plan, target
        self.has_view, self.is_self_test = has_view, is_self_test
        self.current: tuple[Spec, Recorder] | None = None

    async def run(self, rounds: int) -> int:
        stop = Stop()
        collections = Collections(plan=self.plan, target=self.target, run_id=new_id(), stop=stop)
        finished = threading.Event()
        if self.has_view:
            threading.Thread(target=self.report, args=(finished,), daemon=True).start()
        outcomes = [
            await self.compare(operation, lane, rounds, collections, stop)
            for operation in self.plan.operations
            for lane in self.plan.lanes
        ]
        finished.set()
        worst = min(low for low, _ in outcomes), min(high for _, high in outcomes)
        if worst[1] < LEAST_RATIO:
            print(f"A lane is slower than {LEAST_RATIO} of the bare loop.")
            return 1
        if worst[0] < LEAST_RATIO:
            print(f"The noise is too large to tell every lane from {LEAST_RATIO}: use more rounds.")
            return 2
        print(f"Every lane reaches {LEAST_RATIO} of the bare loop.")
        return 0

    async def compare(
        self, operation: str, lane: str, rounds: int, collections: Collections, stop: Stop
    ) -> tuple[float, float]:
        count = self.plan.counts[0]
        case = self.plan.cases[0][0]
        spec = Spec(operation=operation, lane=lane, count=count, repeat=0, number=1, case=case)
        bench = Bench(plan=self.plan, target=self.target, stop=stop, watch=self.watch)
        vector_store = await collections.open(f"{operation}_{lane}", case.consistency)
        seconds: list[tuple[float, float]] = []
        try:
            if operation == "search":
                rows = make_dataset("tutorial", count, dim=self.plan.dim, seed=0)
                await collections.fill(vector_store, rows.nodes)
            await collections.connect(vector_store)
            # The first rounds load code and fill caches; they are not counted.
            for number in range(rounds + 3):
                turns = []
                for place, is_ours in enumerate((False, True, True, False)):
                    # New ids for every turn: one collection takes all of them.
                    seed = number * 4 + place + 1
                    dataset = make_dataset("tutorial", count, dim=self.plan.dim, seed=seed)
                    if is_ours and not self.is_self_test:
                        trial, _ = await bench.measure(spec, vector_store, dataset)
                        assert trial.num_ok == count, trial.errors
                        turns.append(trial.elapsed_s)
                    else:
                        requests = make_requests(
                            operation,
                            vector_store,
                            dataset,
                            count=count,
                            per_request=self.plan.ops_per_request(lane, count),
                            top_k=self.plan.top_k,
                        )
                        turns.append(await bare(lane, requests, self.plan.concurrency))
                seconds.append((turns[0] + turns[3], turns[1] + turns[2]))
        finally:
            await collections.drop(vector_store)
        return self.say(operation, lane, seconds[3:])

    def say(self, operation: str, lane: str, seconds: list[tuple[float, float]]) -> tuple[float, float]:
        logs = [math.log(bare_s / ours_s) for bare_s, ours_s in seconds]
        low, high = ratio_interval(logs)
        speeds = [2 * self.plan.counts[0] / statistics.median(side) for side in zip(*seconds, strict=True)]
        name = "bare" if self.is_self_test else "ours"
        print(
            f"{operation:6} {lane:13}  bare {speeds[0]:8.1f}/s  {name} {speeds[1]:8.1f}/s  "
            f"ratio {math.exp(statistics.fmean(logs)):.3f} ({low:.3f} to {high:.3f})",
            flush=True,
        )
        return low, high

    def watch(self, spec: Spec, recorder: Recorder) -> None:
        self.current = spec, recorder

    def report(self, finished: threading.Event) -> None:
        """What the live view costs the process that measures: an event now and then."""
        plan = replace(self.plan)
        with Path(os.devnull).open("w") as out:
            while not finished.wait(PROGRESS_INTERVAL_S):
                if self.current is not None and self.current[1].started is not None:
                    out.write(json.dumps(progress_event(*self.current, plan, time.perf_counter())))
                    out.flush()


async def bare(lane: str, requests: Requests, concurrency: int) -> float:
    """Seconds of a loop as a tutorial would have it, with nothing of ours around a call."""
    count = requests.num_requests
    started = time.perf_counter()
    if lane in ASYNC_LANES:
        if lane == "async":
            await asyncio.gather(*[requests.awaited(i) for i in range(count)])
        else:
            semaphore = asyncio.Semaphore(concurrency)

            async def one(i: int) -> None:
                async with semaphore:
                    await requests.awaited(i)

            await asyncio.gather(*[one(i) for i in range(count)])
    elif lane == "threads":
        await asyncio.to_thread(bare_threads, requests, min(concurrency, count))
    else:
        await asyncio.to_thread(bare_loop, requests)
    return time.perf_counter() - started


def bare_loop(requests: Requests) -> None:
    for i in range(requests.num_requests):
        requests.sync(i)


def bare_threads(requests: Requests, workers: int) -> None:
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(requests.sync, range(requests.num_requests)):
            pass


@contextmanager
def server() -> Iterator[Target]:
    """MILVUS_URI, or a Milvus Lite over TCP in a process of its own, ended afterwards."""
    uri = os.environ.get("MILVUS_URI")
    if uri:
        yield Target.parse(uri, os.environ.get("MILVUS_TOKEN", ""))
        return
    with tempfile.TemporaryDirectory() as folder, LiteServer(Path(folder) / "lite.db") as lite:
        yield Target(uri=lite.uri)


if __name__ == "__main__":
    sys.exit(main())

"""Do our lanes measure what the tutorial's own loops would? Prints both and their ratio.

    python tests/performance/fidelity.py [--rounds 20] [--count 100]

The server is MILVUS_URI when that is set, otherwise a Milvus Lite served over TCP by a process of
its own. A round runs bare loop, our lane, our lane, bare loop, so that a machine that gets slower
or faster meanwhile treats both alike. The ratio is the median over rounds of our operations/s to
the bare loop's. Exit code 1 when one is under 0.97.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import store
from core.bench.data import tutorial_nodes, tutorial_query
from core.bench.lanes import Recorder
from core.bench.plan import Plan
from core.bench.record import new_id
from core.bench.stopping import Stop
from core.bench.trial import Bench, Outcome, Spec
from core.bench.worker import PROGRESS_INTERVAL_S, progress_event
from core.config import Target

LEAST_RATIO = 0.97
START_TIMEOUT_S = 30.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--count", type=int, default=100, help="operations per trial")
    parser.add_argument("--consistency", default="Strong")
    args = parser.parse_args()
    with server() as target:
        plan = Plan(target=target.label, counts=(args.count,), consistency=args.consistency)
        print(
            f"server {store.server_version(target)} at {target.label}, {args.rounds} rounds of 2 + 2 trials"
        )
        print(f"{args.count} operations per trial, dim {plan.dim}, {plan.metric}, {plan.consistency}")
        return asyncio.run(compare(plan, target, args.rounds))


async def compare(plan: Plan, target: Target, rounds: int) -> int:
    ratios = {}
    for operation in plan.operations:
        for lane in plan.lanes:
            bare_speeds, our_speeds, paired = [], [], []
            for number in range(rounds + 1):
                times = {"bare": 0.0, "ours": 0.0}
                for who in ("bare", "ours", "ours", "bare"):
                    times[who] += await (bare if who == "bare" else ours)(operation, lane, plan, target)
                # The first round loads code and fills caches; it is not counted.
                if number == 0:
                    continue
                operations = 2 * plan.counts[0]
                bare_speeds.append(operations / times["bare"])
                our_speeds.append(operations / times["ours"])
                paired.append(times["bare"] / times["ours"])
            ratios[operation, lane] = ratio = statistics.median(paired)
            print(
                f"{operation:6} {lane:5}  bare {statistics.median(bare_speeds):8.1f}/s  "
                f"ours {statistics.median(our_speeds):8.1f}/s  ratio {ratio:.3f} "
                f"(quartiles {quartiles(paired)})",
                flush=True,
            )
    worst = min(ratios.values())
    print(
        f"worst ratio {worst:.3f}, least allowed {LEAST_RATIO}: {'ok' if worst >= LEAST_RATIO else 'TOO LOW'}"
    )
    return 0 if worst >= LEAST_RATIO else 1


def quartiles(values: list[float]) -> str:
    low, _, high = statistics.quantiles(values, n=4)
    return f"{low:.3f} to {high:.3f}"


async def bare(operation: str, lane: str, plan: Plan, target: Target) -> float:
    """Seconds of a loop as the tutorial has it, with nothing of ours around a call."""
    from llama_index.core.vector_stores.types import VectorStoreQuery

    count = plan.counts[0]
    nodes = tutorial_nodes(count, dim=plan.dim, seed=plan.seed)
    vector_store = await asyncio.to_thread(
        store.open_bench_store,
        target,
        f"{store.BENCH_PREFIX}fidelity_{os.getpid()}",
        dim=plan.dim,
        metric=plan.metric,
        consistency=plan.consistency,
    )
    try:
        # The same state as our trials start from: connected, schema known, rows there to search.
        if operation == "search":
            vector_store.add(nodes)
        await vector_store.aclient.get(vector_store.collection_name, ids=["0"])
        vector_store.client.get(vector_store.collection_name, ids=["0"])
        query = VectorStoreQuery(query_embedding=tutorial_query(plan.dim), similarity_top_k=plan.top_k)
        started = time.perf_counter()
        if (operation, lane) == ("add", "sync"):
            for node in nodes:
                vector_store.add([node])
        elif (operation, lane) == ("search", "sync"):
            for _ in range(count):
                vector_store.query(query)
        elif operation == "add":
            await asyncio.gather(*[vector_store.async_add([node]) for node in nodes])
        else:
            await asyncio.gather(*[vector_store.aquery(query) for _ in range(count)])
        return time.perf_counter() - started
    finally:
        await asyncio.to_thread(store.drop_bench_collection, target, vector_store)
        await store.aclose(vector_store)


async def ours(operation: str, lane: str, plan: Plan, target: Target) -> float:
    """Seconds of the same trial as a run measures it, with progress read and printed meanwhile."""
    spec = Spec(operation=operation, lane=lane, count=plan.counts[0], repeat=0, number=1)
    watched: list[tuple[Spec, Recorder]] = []
    outcomes: list[Outcome] = []
    bench = Bench(
        plan=plan,
        target=target,
        run_id=new_id(),
        stop=Stop(),
        watch=lambda spec, recorder: watched.append((spec, recorder)),
    )
    finished = threading.Event()
    reporter = threading.Thread(target=report, args=(watched, finished), daemon=True)
    reporter.start()
    nodes = tutorial_nodes(spec.count, dim=plan.dim, seed=plan.seed)
    await bench.measure_point([spec], nodes, lambda _, outcome: outcomes.append(outcome))
    finished.set()
    reporter.join()
    trial = outcomes[0].trial
    if trial.num_ok != spec.count:
        raise SystemExit(
            f"{operation} {lane}: {trial.num_ok} of {spec.count} operations done: {trial.errors}"
        )
    return trial.elapsed_s


def report(watched: list[tuple[Spec, Recorder]], finished: threading.Event) -> None:
    with Path(os.devnull).open("w") as out:
        while not finished.wait(PROGRESS_INTERVAL_S):
            if watched and watched[-1][1].started is not None:
                out.write(json.dumps(progress_event(*watched[-1], 1, time.perf_counter())))
                out.flush()


@contextmanager
def server() -> Iterator[Target]:
    """MILVUS_URI, or a Milvus Lite over TCP in a process of its own, ended afterwards."""
    uri = os.environ.get("MILVUS_URI")
    if uri:
        yield Target.parse(uri, os.environ.get("MILVUS_TOKEN", ""))
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", f"{folder}/lite"]
        process = subprocess.Popen(
            [*argv, "--host", "127.0.0.1", "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until_open(port)
            yield Target(uri=f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait()


def wait_until_open(port: int) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The Milvus Lite server did not start.")


if __name__ == "__main__":
    sys.exit(main())

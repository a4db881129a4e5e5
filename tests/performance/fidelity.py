"""Do our lanes measure what the tutorial's own loops would? Prints both and their ratio.

    python tests/performance/fidelity.py [--rounds 20] [--count 100] [--self-test]

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
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import store
from core.bench.data import tutorial_nodes, tutorial_query
from core.bench.lanes import Recorder
from core.bench.plan import Plan
from core.bench.record import new_id
from core.bench.stopping import Stop
from core.bench.trial import Bench, Spec
from core.bench.worker import PROGRESS_INTERVAL_S, progress_event
from core.config import Target

LEAST_RATIO = 0.97
Measure = Callable[[Bench, Spec, Any, list[Any]], Awaitable[float]]
START_TIMEOUT_S = 30.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--count", type=int, default=100, help="operations per trial")
    parser.add_argument("--consistency", default="Strong")
    parser.add_argument("--self-test", action="store_true", help="bare loop against itself: the noise")
    args = parser.parse_args()
    with server() as target:
        plan = Plan(target=target.label, counts=(args.count,), consistency=args.consistency)
        print(
            f"server {store.server_version(target)} at {target.label}, {args.rounds} rounds of 2 + 2 trials"
        )
        print(f"{args.count} operations per trial, dim {plan.dim}, {plan.metric}, {plan.consistency}")
        return asyncio.run(compare(plan, target, args.rounds, is_self_test=args.self_test))


async def compare(plan: Plan, target: Target, rounds: int, *, is_self_test: bool) -> int:
    other = bare if is_self_test else ours
    ratios = {}
    for operation in plan.operations:
        for lane in plan.lanes:
            # The first round loads code and fills caches; it is not counted.
            times = [await one_round(operation, lane, plan, target, other) for _ in range(rounds + 1)][1:]
            paired = [bare_s / other_s for bare_s, other_s in times]
            ratios[operation, lane] = ratio = statistics.median(paired)
            speeds = [2 * plan.counts[0] / statistics.median(column) for column in zip(*times, strict=True)]
            print(
                f"{operation:6} {lane:5}  bare {speeds[0]:7.1f}/s  {other.__name__} {speeds[1]:7.1f}/s  "
                f"ratio {ratio:.3f} (quartiles {quartiles(paired)})",
                flush=True,
            )
    worst = min(ratios.values())
    print(
        f"worst ratio {worst:.3f}, least allowed {LEAST_RATIO}: {'ok' if worst >= LEAST_RATIO else 'TOO LOW'}"
    )
    return 0 if worst >= LEAST_RATIO else 1


async def one_round(
    operation: str, lane: str, plan: Plan, target: Target, other: Measure
) -> tuple[float, float]:
    """Seconds of two bare and of two other trials, one right after another: b, o, o, b."""
    spec = Spec(operation=operation, lane=lane, count=plan.counts[0], repeat=0, number=1)
    watched: list[tuple[Spec, Recorder]] = []
    bench = Bench(
        plan=plan,
        target=target,
        run_id=new_id(),
        stop=Stop(),
        watch=lambda spec, recorder: watched.append((spec, recorder)),
    )
    nodes = tutorial_nodes(spec.count, dim=plan.dim, seed=plan.seed)
    # All made before the first is measured, so that the four lie close together in time.
    stores = await asyncio.gather(*[bench.open(str(i)) for i in range(4)])
    finished = threading.Event()
    reporter = threading.Thread(target=report, args=(watched, finished), daemon=True)
    reporter.start()
    times = []
    try:
        for measure, vector_store in zip((bare, other, other, bare), stores, strict=True):
            times.append(await measure(bench, spec, vector_store, nodes))
            watched.clear()
    finally:
        finished.set()
        for vector_store in stores:
            await bench.drop(vector_store)
    return times[0] + times[3], times[1] + times[2]


def quartiles(values: list[float]) -> str:
    low, _, high = statistics.quantiles(values, n=4)
    return f"{low:.3f} to {high:.3f}"


async def bare(bench: Bench, spec: Spec, vector_store: Any, nodes: list[Any]) -> float:
    """Seconds of a loop as the tutorial has it, with nothing of ours around a call."""
    from llama_index.core.vector_stores.types import VectorStoreQuery

    # The same state as our trials start from: connected, schema known, rows there to search.
    if spec.operation == "search":
        vector_store.add(nodes)
    await vector_store.aclient.get(vector_store.collection_name, ids=["0"])
    vector_store.client.get(vector_store.collection_name, ids=["0"])
    query = VectorStoreQuery(
        query_embedding=tutorial_query(bench.plan.dim), similarity_top_k=bench.plan.top_k
    )
    started = time.perf_counter()
    if (spec.operation, spec.lane) == ("add", "sync"):
        for node in nodes:
            vector_store.add([node])
    elif (spec.operation, spec.lane) == ("search", "sync"):
        for _ in range(spec.count):
            vector_store.query(query)
    elif spec.operation == "add":
        await asyncio.gather(*[vector_store.async_add([node]) for node in nodes])
    else:
        await asyncio.gather(*[vector_store.aquery(query) for _ in range(spec.count)])
    return time.perf_counter() - started


async def ours(bench: Bench, spec: Spec, vector_store: Any, nodes: list[Any]) -> float:
    """Seconds of the same trial as a run measures it."""
    trial = (await bench.measure(spec, vector_store, nodes)).trial
    if trial.num_ok != spec.count:
        raise SystemExit(f"{spec.lane}: {trial.num_ok} of {spec.count} operations done: {trial.errors}")
    return trial.elapsed_s


def report(watched: list[tuple[Spec, Recorder]], finished: threading.Event) -> None:
    with Path(os.devnull).open("w") as out:
        while not finished.wait(PROGRESS_INTERVAL_S):
            current = watched[-1:]
            if current and current[0][1].started is not None:
                out.write(json.dumps(progress_event(*current[0], 1, time.perf_counter())))
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

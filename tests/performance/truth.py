"""Is what we measure true? A server with delays that are known, measured by our lanes.

    python tests/performance/truth.py [--count 50]

A real Milvus Lite server takes as long for each search as a list says: it works, waits until that
time is up, and notes how long it really was, since a sleep ends late on a busy machine. What the
lanes report (p50, p95, p99, operations/s) is compared with what follows from the server's notes
alone. Then the server stalls once: arrivals at a rate must show it, a closed loop must
hide it. Exit code 1 when a figure is off by more than 2 %, or the stall is not seen as it should be.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.bench.analysis.stats import percentile
from core.bench.load.cancellation import Stop
from core.bench.load.dataset import make_dataset
from core.bench.load.measure_trial import Bench, Spec
from core.bench.load.run_collections import Collections
from core.bench.plan.plan import Plan
from core.bench.records.run import new_id
from core.bench.records.trial import Trial
from core.config.settings import Target

TOLERANCE = 0.02
WORKERS = 4
STALL_S = 1.5
RATE_PER_S = 20.0
QUICK_S = 0.03
START_TIMEOUT_S = 30.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=50, help="searches per lane")
    parser.add_argument("--serve", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        return serve(int(args.serve[0]), args.serve[1], json.loads(args.serve[2]))
    rng = random.Random(7)
    # Long enough that what client and network take beside it stays well below 2 %.
    delays_s = [rng.uniform(0.5, 1.5) for _ in range(args.count)]
    print(f"{args.count} searches, each takes the server 500 to 1,500 ms; at most {TOLERANCE:.0%} off")
    is_true = True
    for lane, workers in (("sync", 1), ("threads", WORKERS), ("async-bounded", WORKERS)):
        trial, taken_s = measure(lane, delays_s, stall_at=None)
        is_true &= compare(trial, taken_s, workers)
    return 0 if is_true & stall_shows(args.count) else 1


def compare(trial: Trial, delays_s: list[float], workers: int) -> bool:
    """Print each figure beside what follows from the delays; whether all are near enough."""
    expected = {
        name: percentile(delays_s, part) for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }
    rows = [(name, trial.latency_s[name], value) for name, value in expected.items()]
    rows.append(("operations/s", trial.ops_per_s, len(delays_s) / makespan(delays_s, workers)))
    is_true = True
    for name, found, value in rows:
        assert found is not None
        assert value is not None
        error = found / value - 1
        is_true &= abs(error) <= TOLERANCE
        print(f"{trial.lane:14} {name:12} put in {value:7.4f}  measured {found:7.4f}  {error:+.2%}")
    return is_true


def makespan(delays_s: list[float], workers: int) -> float:
    """Seconds that `workers` need when each takes the next one as soon as it is free."""
    free = [0.0] * workers
    for delay_s in delays_s:
        heapq.heapreplace(free, free[0] + delay_s)
    return max(free)


def stall_shows(count: int) -> bool:
    """One stall of the server: p99 of a closed loop, and of arrivals at a rate."""
    count = max(count, 150)
    delays_s = [QUICK_S] * count
    closed, _ = measure("sync", delays_s, stall_at=count // 2)
    opened, taken_s = measure("sync", delays_s, stall_at=count // 2, rate_per_s=RATE_PER_S)
    hidden, shown = closed.latency_s["p99"], opened.response_s["p99"]
    assert hidden is not None
    assert shown is not None
    expected = percentile(responses(taken_s), 0.99)
    assert expected is not None
    print(f"one stall of {STALL_S} s: closed loop p99 {hidden:.3f} s, at a rate p99 {shown:.3f} s")
    print(f"put in: {expected:.3f} s ({shown / expected - 1:+.2%})")
    return hidden < STALL_S / 5 and abs(shown / expected - 1) <= TOLERANCE


def responses(taken_s: list[float]) -> list[float]:
    """What arrivals at `RATE_PER_S` wait in all when one server takes them in turn, in seconds."""
    free_s = 0.0
    waits = []
    for i, seconds in enumerate(taken_s):
        due_s = i / RATE_PER_S
        free_s = max(free_s, due_s) + seconds
        waits.append(free_s - due_s)
    return waits


def measure(
    lane: str, delays_s: list[float], *, stall_at: int | None, rate_per_s: float | None = None
) -> tuple[Trial, list[float]]:
    """A trial of one lane, and how long the server took for each of its searches, in order."""
    notes = Path(tempfile.mkstemp(suffix=".txt")[1])
    with slow_server({"delays_s": delays_s, "stall_at": stall_at, "notes": str(notes)}) as target:
        plan = Plan(
            target=target.label,
            operations=("search",),
            lanes=(lane,),
            counts=(len(delays_s),),
            dim=8,
            consistency="Bounded",
            concurrency=WORKERS,
            rate_per_s=rate_per_s,
            time_limit_s=600,
        )
        trial = asyncio.run(one_trial(plan, target))
    noted = dict(line.split() for line in notes.read_text().splitlines())
    notes.unlink()
    return trial, [float(noted[str(i)]) for i in range(len(delays_s))]


async def one_trial(plan: Plan, target: Target) -> Trial:
    stop = Stop()
    collections = Collections(plan=plan, target=target, run_id=new_id(), stop=stop)
    bench = Bench(plan=plan, target=target, stop=stop, watch=lambda spec, recorder: None)
    count = plan.counts[0]
    dataset = make_dataset("random", count, dim=plan.dim, seed=1)
    vector_store = await collections.open("truth", plan.consistency)
    try:
        await collections.fill(vector_store, dataset.nodes)
        await collections.connect(vector_store)
        spec = Spec(
            operation="search", lane=plan.lanes[0], count=count, repeat=0, number=1, case=plan.cases[0][0]
        )
        trial, _ = await bench.measure(spec, vector_store, dataset)
    finally:
        await collections.drop(vector_store)
    assert trial.num_ok == count, trial.errors
    return trial


@contextmanager
def slow_server(behaviour: dict[str, Any]) -> Iterator[Target]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, __file__, "--serve", str(port), f"{folder}/lite.db", json.dumps(behaviour)]
        process = subprocess.Popen(argv)
        try:
            deadline_s = time.monotonic() + START_TIMEOUT_S
            while time.monotonic() < deadline_s and process.poll() is None:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield Target(uri=f"http://127.0.0.1:{port}")
        finally:
            process.kill()
            process.wait()


def serve(port: int, folder: str, behaviour: dict[str, Any]) -> int:
    """Milvus Lite's own gRPC service, whose searches take as long as they are told."""
    from concurrent.futures import ThreadPoolExecutor

    import grpc
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from milvus_lite.db import MilvusLite
    from pymilvus.grpc_gen import milvus_pb2_grpc

    lock = threading.Lock()
    numbers = iter(range(1_000_000))
    notes = Path(behaviour["notes"])

    class SlowServicer(MilvusServicer):
        def Search(self, request: Any, context: Any) -> Any:
            started = time.monotonic()
            with lock:
                number = next(numbers)
            delays_s = behaviour["delays_s"]
            seconds = delays_s[number % len(delays_s)]
            if number == behaviour["stall_at"]:
                seconds += STALL_S
            answer = super().Search(request, context)
            time.sleep(max(0.0, started + seconds - time.monotonic()))
            with lock, notes.open("a") as file:
                file.write(f"{number} {time.monotonic() - started}\n")
            return answer

    server = grpc.server(ThreadPoolExecutor(64))
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(SlowServicer(MilvusLite(folder)), server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()
    return 0


if __name__ == "__main__":
    sys.exit(main())

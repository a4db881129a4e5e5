"""Does the delay proxy add what it is told to? Pings through it against pings on a direct connection.

    python tests/performance/distance.py [--pings 100] [--rtt 0,1,5,10,60,200]

Each ping through the proxy is paired with a direct one right before it, to the same echo server in a
process of its own; what is shown is the difference. Exit code 1 when the median of one is off by more
than a millisecond.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.bench.delay_proxy.client import DelayProxy
from tests.performance.report import check_at_most, print_settings

MOST_OFF_MS = 1.0
UNMEASURED_PINGS = 5
ECHO_SERVER = """
import socket, threading
def echo(client):
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while data := client.recv(65536):
        client.sendall(data)
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pings", type=int, default=100, help="pairs of pings per round trip")
    parser.add_argument("--rtt", default="0,1,5,10,60,200", help="round trips to simulate, in ms")
    args = parser.parse_args()
    print_settings(pings=f"{args.pings} pairs per round trip", bytes_per_ping=1)
    with (
        echo_server() as port,
        DelayProxy("127.0.0.1", port) as proxy,
        connect(port) as direct,
        connect(proxy.port) as distant,
    ):
        results = [
            measure(proxy, direct, distant, float(rtt_ms), args.pings) for rtt_ms in args.rtt.split(",")
        ]
    return 0 if all(results) else 1


def measure(
    proxy: DelayProxy, direct: socket.socket, distant: socket.socket, rtt_ms: float, num_pings: int
) -> bool:
    """Print what one round trip adds; returns whether its median is close enough."""
    proxy.set_rtt(rtt_ms)
    pairs = [(ping_ms(direct), ping_ms(distant)) for _ in range(UNMEASURED_PINGS + num_pings)]
    added_ms = [far - near for near, far in pairs[UNMEASURED_PINGS:]]
    cuts = statistics.quantiles(added_ms, n=20)
    median = statistics.median(added_ms)
    print(f"  {rtt_ms:5g} ms: added median {median:8.3f}, p5 {cuts[0]:8.3f}, p95 {cuts[-1]:8.3f} ms")
    return check_at_most(f"{rtt_ms:g} ms: median off by, ms", abs(median - rtt_ms), MOST_OFF_MS)


def ping_ms(client: socket.socket) -> float:
    started_s = time.perf_counter()
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    return (time.perf_counter() - started_s) * 1000


def connect(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


@contextmanager
def echo_server() -> Iterator[int]:
    """An echo server's port."""
    argv = [sys.executable, "-c", ECHO_SERVER]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())

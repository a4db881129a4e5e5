"""Runs the Milvus server that the PyPI package `milvus` holds, in the foreground.

    python standalone_launcher.py --data FOLDER --proxy-port 19530 [--authorization-enabled]

Stands in for that package's own command milvus-server. That one takes a port for used as long as
connections of the last server are in TIME_WAIT there, a minute or so; it then moves the server to the
next port without a word. A script by itself, because the package may be in another environment.
"""

from __future__ import annotations

import argparse
import signal
import socket
import subprocess
import threading

from milvus import MilvusServer, MilvusServerConfig

# It seldom ends by itself; what it has confirmed is on its disk.
END_TIMEOUT_S = 1.0


class Config(MilvusServerConfig):
    """The package's configuration; a port is free for it although the last server's connections linger."""

    def try_bind_port(self, port: int) -> socket.socket | None:
        """A socket that holds the port until the server takes it; None where somebody listens there."""
        holder = socket.socket()
        # The server binds its ports like this too.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind(("127.0.0.1", port))
            holder.listen()
        except OSError:
            holder.close()
            return None
        return holder


def main() -> int:
    """Run the server until it ends or is told to end; returns its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("--data", required=True)
    parser.add_argument("--proxy-port", type=int, required=True)
    parser.add_argument("--authorization-enabled", action="store_true")
    args = parser.parse_args()
    config = Config(data_dir=args.data, proxy_port=args.proxy_port)
    config.set("authorization_enabled", args.authorization_enabled)
    server = MilvusServer(config, wait_for_started=False)
    server.start()
    process: subprocess.Popen[bytes] = server.server_proc
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _end(process))
    return process.wait()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    threading.Timer(END_TIMEOUT_S, process.kill).start()


if __name__ == "__main__":
    raise SystemExit(main())

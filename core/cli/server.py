"""The command `server`: start, stop and look at the local Milvus server."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from core.config.settings import Settings
from core.servers.standalone import OPEN_TO_ALL, LocalMilvus

if TYPE_CHECKING:
    from core.servers.standalone import LocalServer


def add_server_parser(commands: Any) -> argparse.ArgumentParser:
    """Add `server start|stop|status` to the command line; returns its parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "server", help="a real Milvus on this machine without Docker (Linux x86-64)"
    )
    parser.add_argument("action", choices=("start", "stop", "status"))
    return parser


def run_server(args: argparse.Namespace, settings: Settings) -> int:
    """Run it; the exit code of `status` is 1 when no server runs."""
    milvus = LocalMilvus(settings.data_dir)
    if args.action == "start":
        _print_running(milvus.start(_say))
        print(OPEN_TO_ALL, file=sys.stderr)
        return 0
    if args.action == "stop":
        print("stopped; its data is kept" if milvus.stop() else "no server was running")
        return 0
    server = milvus.running()
    if server is None:
        print("no server is running")
        return 1
    _print_running(server)
    return 0


def _print_running(server: LocalServer) -> None:
    minutes = (time.time() - server.started_s) / 60
    print(f"running for {minutes:.0f} min (process {server.pid})\nMILVUS_URI={server.uri}")


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)

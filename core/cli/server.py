"""The command `server`: start, stop and look at the local Milvus server."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from core.cli.exit_codes import EXIT_FAILED, EXIT_OK
from core.cli.terminal import print_status
from core.config.settings import Settings

if TYPE_CHECKING:
    from core.servers.standalone import LocalServer


def server(
    action: Annotated[
        Literal["start", "stop", "status"],
        typer.Argument(
            metavar="ACTION", help="Start it, stop it, or tell whether it runs (exit code 1 if not)."
        ),
    ],
) -> int:
    """Run a real Milvus on this machine without Docker (Linux x86-64)."""
    from core.servers.standalone import OPEN_TO_ALL, LocalMilvus

    milvus = LocalMilvus(Settings.from_env().data_dir)
    if action == "start":
        _print_running(milvus.start(print_status))
        print(OPEN_TO_ALL, file=sys.stderr)
        return EXIT_OK
    if action == "stop":
        print("stopped; its data is kept" if milvus.stop() else "no server was running")
        return EXIT_OK
    running = milvus.running()
    if running is None:
        print("no server is running")
        return EXIT_FAILED
    _print_running(running)
    return EXIT_OK


def _print_running(server: LocalServer) -> None:
    minutes = (time.time() - server.started_s) / 60
    print(f"running for {minutes:.0f} min (process {server.pid})\nMILVUS_URI={server.uri}")

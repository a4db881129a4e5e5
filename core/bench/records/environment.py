"""Where a run was measured: machine, versions, commit. What can't be found out is None."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from core import __version__
from core.bench.plan.plan import BATCH_LANES, Plan
from core.config.settings import Target
from core.runtime.paths import REPOSITORY

PACKAGES = ("llama-index-core", "llama-index-vector-stores-milvus", "pymilvus", "milvus-lite", "grpcio")


def describe() -> dict[str, Any]:
    """The environment as the record has it, without the server's version."""
    return {
        "overlap": __version__,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "os": platform.platform(),
        "commit": _commit(),
    }


_INGEST_NOTES = (
    "Before the first trial the model is loaded, the reading process is started, and both have worked once "
    "on this document, which also says which chunks have to be in Milvus after each trial.",
    "Sync reads, chunks, embeds and inserts in turn, and gives every core to each batch. Async is the "
    "pipeline that adds documents in the app; as many batches are embedded side by side as suit the machine.",
    "The lanes of a block run next to each other in an order that the seed shuffles.",
    "Every trial starts on a new, empty collection, with both clients connected, and embeds every chunk.",
    "A request is an insert, which carries up to 32 chunks.",
)


def notes(plan: Plan, target: Target) -> list[str]:
    """What a reader of the record has to know about how it was measured."""
    if plan.is_ingest:
        return [*_INGEST_NOTES, *_notes_on_the_way(plan, target)]
    if plan.first_calls == "included":
        found = [
            "Nothing is called before a trial's clock starts: each has clients of its own, which connect and "
            "fetch the schema inside it. What the process's first call loads is in the trial that makes it.",
            "The lanes of a block run next to each other, the async ones first.",
        ]
    else:
        found = [
            "Every kind of call is made once on a collection of its own before the first trial, because the "
            "first calls of a process load code.",
            "The lanes of a block run next to each other in an order that the seed shuffles.",
            "Before a trial's clock starts, both clients are connected and know the collection's schema.",
        ]
    if "add" in plan.operations:
        found.append("Every add trial starts on a new, empty collection.")
    if "search" in plan.operations:
        found.append(
            "Searches of n operations search n rows, in one collection for all lanes, once a Strong count "
            "has seen all rows."
        )
        if {lane for _, lanes in plan.cases for lane in lanes} & set(BATCH_LANES):
            found.append(
                "The batch lanes search with one request for many vectors, by the store's own Milvus client: "
                "MilvusVectorStore has no such call. They ask for the same fields."
            )
    return found + _notes_on_the_way(plan, target)


def _notes_on_the_way(plan: Plan, target: Target) -> list[str]:
    """What stands between client and engine."""
    found = []
    is_served = plan.needs_proxy or plan.processes > 1
    if target.is_lite and is_served:
        found.append("Milvus Lite is served over TCP by a process of its own.")
    elif target.is_lite:
        found.append("Milvus Lite runs inside this process: client_cpu_ratio is client and engine together.")
    if target.is_lite and "search" in plan.operations:
        found.append("On Milvus Lite the rows are flushed before they are searched.")
    if plan.needs_proxy:
        found.append(
            "All requests of all trials go through a local proxy that delays them; distance is simulated."
        )
    if plan.processes > 1:
        found.append(
            f"{plan.processes} client processes share the operations; their samples are merged, and they "
            "share the bound of the bounded lanes."
        )
    return found


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu() -> str | None:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or None


def _commit() -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(REPOSITORY), "rev-parse", "--verify", "HEAD"],
            capture_output=True,
            text=True,
            timeout=2,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None

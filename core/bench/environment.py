"""Where a run was measured: machine, versions, commit. What can't be found out is None."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from core.bench.plan import Plan
from core.config import Target

PACKAGES = ("llama-index-core", "llama-index-vector-stores-milvus", "pymilvus", "milvus-lite", "grpcio")
REPOSITORY = Path(__file__).resolve().parents[2]


def describe() -> dict[str, Any]:
    """The environment as the record has it, without the server's version."""
    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "os": platform.platform(),
        "commit": _commit(),
    }


def notes(plan: Plan, target: Target) -> list[str]:
    """What a reader of the record has to know about how it was measured."""
    found = [
        "One add and one search of each lane are made on a collection of their own before the first trial, "
        "because the first calls of a process load code.",
        "Every trial has a collection of its own; before its clock starts, both clients are connected "
        "and know the collection's schema.",
    ]
    if "search" in plan.operations:
        found.append(
            "Before a search trial of n operations its collection is filled with n rows, "
            f"in batches of {plan.batch_size}."
        )
    if target.is_lite:
        found.append("Milvus Lite runs inside this process: client_cpu_ratio is client and engine together.")
        if "search" in plan.operations:
            found.append("On Milvus Lite the rows are flushed before they are searched.")
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

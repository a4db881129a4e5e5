"""Is the stage set? What can spoil a run, looked at before it starts."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from statistics import median

from core import store
from core.bench.plan.plan import Plan
from core.bench.records.environment import describe
from core.config.settings import Settings, Target
from core.errors import OverlapError
from core.runtime.check import Check, disk_check

BUSY_RATIO = 0.3
LOOK_S = 0.5
PINGS = 5


def readiness(plan: Plan, settings: Settings) -> Iterator[Check]:
    """Each check as soon as it is done: target, distance, processor, disk, versions. Takes a second."""
    yield from _check_target(plan, settings)
    yield _check_cpu()
    yield _check_disk(settings)
    yield _versions()


def _check_target(plan: Plan, settings: Settings) -> Iterator[Check]:
    if plan.target == "lite":
        detail = "Milvus Lite, started for the run: nothing to reach"
        yield Check(name="Target", ok=True, detail=detail)
        return
    is_known = plan.target == settings.target.label
    target = settings.target if is_known else Target(uri=plan.target)
    try:
        version = store.server_version(target)
        times_s = [_timed(target) for _ in range(PINGS)]
    except OverlapError as exc:
        yield Check(name="Target", ok=False, detail=plan.target, what_to_do=str(exc))
        return
    yield Check(name="Target", ok=True, detail=f"{plan.target}, version {version}")
    detail = f"a call that does nothing takes {median(times_s) * 1000:.1f} ms (median of {PINGS})"
    yield Check(name="Distance", ok=True, detail=detail)


def _timed(target: Target) -> float:
    started = time.perf_counter()
    store.server_version(target)
    return time.perf_counter() - started


def _check_cpu() -> Check:
    import psutil

    busy = psutil.cpu_percent(interval=LOOK_S) / 100
    is_quiet = busy <= BUSY_RATIO
    return Check(
        name="Processor",
        ok=is_quiet,
        detail=f"{busy:.0%} busy before the run, {psutil.cpu_count()} cores",
        what_to_do="" if is_quiet else "Close what else is running: it would share the cores with the run.",
    )


def _check_disk(settings: Settings) -> Check:
    folder = settings.data_dir
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return disk_check("Disk", f"{free / 1e9:.1f} GB free for records and for Milvus Lite", free)


def _versions() -> Check:
    values = describe()
    packages = ", ".join(f"{name} {version}" for name, version in values["packages"].items() if version)
    ours = f"Overlap {values['overlap']}, Python {values['python']}"
    return Check(name="Versions", ok=True, detail=f"{ours}, {packages}")

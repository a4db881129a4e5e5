"""The command `bench`."""

from __future__ import annotations

from core.cli.bench_flags import BenchFlags, with_flags
from core.config.settings import Settings


@with_flags
def bench(flags: BenchFlags) -> int:
    """Measure sync against async add, search or ingest. What no flag says is as in the preset."""
    from core.cli.bench_run import run_bench

    return run_bench(flags, Settings.from_env())

"""Runs made by hand, with numbers that are easy to check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.bench.plan import Plan
from core.bench.record import Check, Run, Trial
from core.bench.stats import latency_figures
from core.bench.summary import summarize

RUN_ID = "20261122T154012Z-0a1b2c"


def make_trial(lane: str, elapsed_s: float, **changes: Any) -> Trial:
    """A trial of 10 searches, evenly spaced for sync, all at once for async."""
    values: dict[str, Any] = {"operation": "search", "count": 10, "repeat": 0} | changes
    count = values["count"]
    step = elapsed_s / count
    samples = tuple(
        (i * step, (i + 1) * step, True) if lane == "sync" else (0.0, (i + 1) * step, True)
        for i in range(count)
    )
    values = {"num_ok": count, "num_failed": 0, "samples": samples} | values
    return Trial(lane=lane, elapsed_s=elapsed_s, latency_s=latency_figures(values["samples"]), **values)


def make_run(*trials: Trial, is_proven: bool = True, **changes: Any) -> Run:
    """A complete run of these trials; by default sync takes 4 s and async 1 s for 10 searches."""
    trials = trials or (make_trial("sync", 4.0), make_trial("async", 1.0))
    plan = Plan(
        target=changes.pop("target", "lite"),
        operations=tuple(dict.fromkeys(trial.operation for trial in trials)),
        counts=tuple(dict.fromkeys(trial.count for trial in trials)),
        repeats=1 + max(trial.repeat for trial in trials),
    )
    checks = tuple(
        Check(
            name="row_count_after_add" if operation == "add" else "identical_ids",
            passed=is_proven,
            details={"count": count, "repeat": 0, "expected": count, "found": count}
            if operation == "add"
            else {"count": count, "repeat": 0, "compared": count, "equal": count, "tied": 0},
        )
        for operation in plan.operations
        for count in plan.counts
    )
    values: dict[str, Any] = {
        "id": RUN_ID,
        "created_at": "2026-11-22T15:40:12Z",
        "status": "complete",
        "plan": plan,
        "trials": trials,
        "checks": checks,
        "environment": {"python": "3.11.7", "notes": []},
    }
    run = Run(**(values | changes))
    return replace(run, summary=summarize(run))

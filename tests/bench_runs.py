"""Runs made by hand, with numbers that are easy to check."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from core.bench.analysis.checks import CHECKS_OF
from core.bench.analysis.speedups import summarize
from core.bench.analysis.stats import latency_figures
from core.bench.plan.conditions import Case, factor_steps
from core.bench.plan.plan import LANES, Plan
from core.bench.records.run import Run
from core.bench.records.trial import Proof, Sample, Summary, Trial
from core.ingest.timeline import StepSpan

RUN_ID = "20261122T154012Z-0a1b2c"
SERVER = "http://localhost:19530"


def two_counts_run() -> Run:
    """Async is 9 times as fast at 10 searches, and 3 times at 100."""
    times_s = ((10, "sync", 9.0), (10, "async", 1.0), (100, "sync", 3.0), (100, "async", 1.0))
    return make_run(*(make_trial(lane, elapsed_s, count=count) for count, lane, elapsed_s in times_s))


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
    values = {"latency_s": latency_figures(values["samples"])} | values
    return Trial(lane=lane, elapsed_s=elapsed_s, **values)


def make_run(
    *trials: Trial, is_proven: bool = True, settings: dict[str, Any] | None = None, **changes: Any
) -> Run:
    """A complete run of these trials; by default sync takes 4 s and async 1 s for 10 searches.

    settings: of the plan, instead of those that follow from the trials. summary: instead of the one
    that `summarize` makes.
    """
    trials = trials or (make_trial("sync", 4.0), make_trial("async", 1.0))
    lanes = {"sync", "async"} | {trial.lane for trial in trials}
    values: dict[str, Any] = {
        "target": changes.pop("target", "lite"),
        "operations": tuple(dict.fromkeys(trial.operation for trial in trials)),
        "lanes": tuple(lane for lane in LANES if lane in lanes),
        "counts": tuple(dict.fromkeys(trial.count for trial in trials)),
        "repeats": 1 + max(trial.repeat for trial in trials),
    }
    plan = Plan(**(values | (settings or {})))
    values = {
        "id": RUN_ID,
        "created_at": "2026-11-22T15:40:12Z",
        "status": "complete",
        "plan": plan,
        "trials": trials,
        "checks": _checks(plan, is_proven),
        "environment": {"python": "3.11.7", "notes": []},
    }
    run = Run(**(values | changes))
    return run if "summary" in changes else replace(run, summary=summarize(run))


def _checks(plan: Plan, is_proven: bool) -> tuple[Proof, ...]:
    found: dict[str, Callable[[int], dict[str, int]]] = {
        "row_count_after_add": lambda count: {"expected": count, "found": count},
        "identical_ids": lambda count: {"compared": count, "equal": count, "tied": 0},
        "identical_chunks": lambda count: {"expected": count, "found": count, "equal": count},
    }
    return tuple(
        Proof(name=name, passed=is_proven, details={"count": count, "repeat": 0} | found[name](count))
        for operation in plan.operations
        for count in plan.counts
        for name in CHECKS_OF[operation][:1]
    )


def proof_of(trial: Trial, **details: Any) -> Proof:
    """What the first check of the trial's operation says of it; `passed` is True unless it is among them."""
    about = {"lane": trial.lane, "count": trial.count, "repeat": trial.repeat, **asdict(trial.case)}
    found = {"compared": trial.count, "equal": trial.count, "tied": 0}
    if trial.operation != "search":
        found = {"expected": trial.count, "found": trial.count, "equal": trial.count}
    passed = details.pop("passed", True)
    return Proof(name=CHECKS_OF[trial.operation][0], passed=passed, details=about | found | details)


def make_row(lane: str, speedup: float | None, **changes: Any) -> Summary:
    """A comparison with sync at 100 searches, with an interval of 5 % either way."""
    values: dict[str, Any] = {
        "operation": "search",
        "count": 100,
        "baseline": "sync",
        "ci95": None if speedup is None else (speedup * 0.95, speedup * 1.05),
        "verdict": "unknown" if speedup is None else "faster" if speedup > 1 else "slower",
        "noise": 1.02,
    }
    return Summary(lane=lane, speedup=speedup, **(values | changes))


def make_samples(count: int, each_s: float, at_once: int, seed: int = 7) -> tuple[Sample, ...]:
    """Requests of about `each_s`, `at_once` under way at a time, with a tail as servers have it."""
    rng = random.Random(seed)
    free_s = [0.0] * min(at_once, count)
    samples = []
    for i in range(count):
        start_s = free_s[i % len(free_s)]
        end_s = start_s + each_s * rng.lognormvariate(0.0, 0.25)
        free_s[i % len(free_s)] = end_s
        samples.append((start_s, end_s, True))
    return tuple(samples)


def sampled_trial(lane: str, count: int, each_s: float, at_once: int, **changes: Any) -> Trial:
    """A trial whose requests look like those of a server."""
    samples = make_samples(count, each_s, at_once, seed=len(lane) + changes.get("repeat", 0))
    elapsed_s = max(end for _, end, _ in samples)
    return make_trial(lane, elapsed_s, count=count, samples=samples, max_in_flight=at_once, **changes)


def ladder_run(count: int = 100, repeats: int = 2) -> Run:
    """All six lanes; a search takes some 200 ms wherever it waits for the server's time tick."""
    shapes = {
        "sync": (0.2, 1),
        "sync-batch": (0.22, 1),
        "threads": (0.3, 32),
        "async": (0.45, count),
        "async-bounded": (0.3, 64),
        "async-batch": (0.25, 4),
    }
    trials = []
    for repeat in range(repeats):
        for lane, (each_s, at_once) in shapes.items():
            per_request = 20 if lane.endswith("batch") else 1
            trial = sampled_trial(
                lane,
                count // per_request,
                each_s,
                at_once,
                repeat=repeat,
                ops_per_request=per_request,
                bounded_by="server" if lane.startswith("async") else None,
            )
            trials.append(replace(trial, count=count, num_ok=count))
    return make_run(*trials, target=SERVER)


def tutorial_run() -> Run:
    """Ten searches take 2 s one by one and 0.25 s at once; a hundred 20 s and 0.5 s."""
    times_s = (("sync", 10, 2.0), ("async", 10, 0.25), ("sync", 100, 20.0), ("async", 100, 0.5))
    return make_run(*(make_trial(lane, elapsed_s, count=count) for lane, count, elapsed_s in times_s))


FACTORS = (39.9, 18.4, 4.1, 1.3, 1.35, 1.2)


def factor_run(factors: Sequence[float | None] = FACTORS, **changes: Any) -> Run:
    """The sweep "factor"; a step whose factor is None was not measured."""
    steps = factor_steps(Case())
    rows = [
        make_row(step.lane, value, baseline=step.baseline, case=step.case)
        for step, value in zip(steps, factors, strict=True)
        if value is not None
    ]
    trials = {
        (step.case, lane): make_trial(
            lane, 20 / (value if lane == step.lane else 1), count=100, case=step.case
        )
        for step, value in zip(steps, factors, strict=True)
        if value is not None
        for lane in (step.baseline, step.lane)
    }
    settings = {"sweep": "factor", "lanes": ("sync", "async"), "repeats": 3}
    return make_run(
        *trials.values(), settings=settings, target=SERVER, **({"summary": tuple(rows)} | changes)
    )


def distance_run(speedups: Sequence[float] = (1.02, 1.5, 2.4, 4.3, 11.0, 16.0, 24.0)) -> Run:
    """The sweep "distance": a single search takes 5 ms and the round trip."""
    from core.bench.plan.conditions import DISTANCES_MS

    rows, trials = [], []
    for rtt_ms, ratio in zip(DISTANCES_MS, speedups, strict=True):
        case = Case(rtt_ms=rtt_ms, consistency="Bounded")
        sync_s = 100 * (0.005 + rtt_ms / 1000)
        trials += [make_trial("sync", sync_s, count=100, case=case)]
        trials += [make_trial("async", sync_s / ratio, count=100, case=case)]
        verdict = "no detectable difference" if 0.95 < ratio < 1.05 else "faster" if ratio > 1 else "slower"
        rows.append(make_row("async", ratio, case=case, verdict=verdict))
    settings = {"sweep": "distance", "consistency": "Bounded", "repeats": 3}
    return make_run(*trials, settings=settings, target=SERVER, summary=tuple(rows))


def first_look_run(repeats: int = 5, far_ms: int = 60) -> Run:
    """Near and far: an operation takes 3 ms and the round trip; sync waits for each, async once."""
    from core.bench.plan.presets import preset_plan

    plan = preset_plan("first-look", sweep_values=(0, far_ms), repeats=repeats)
    trials = [
        make_trial(
            lane,
            (0.003 * 10 + (10 if lane == "sync" else 1) * case.rtt_ms / 1000) * (1 + repeat / 100),
            operation=operation,
            repeat=repeat,
            case=case,
        )
        for operation in plan.operations
        for case, lanes in plan.cases
        for lane in lanes
        for repeat in range(repeats)
    ]
    return make_run(*trials, settings=plan.to_dict())


def concurrency_run(rates: Sequence[float] = (5, 10, 20, 40, 78, 150, 190, 205, 200)) -> Run:
    """The sweep "concurrency": the server does some 200 searches a second at most."""
    from core.bench.plan.conditions import CONCURRENCIES

    trials = []
    for bound, rate in zip(CONCURRENCIES, rates, strict=True):
        case = Case(concurrency=bound, consistency="Bounded")
        for lane, share in (("async-bounded", 1.0), ("threads", 0.7)):
            trial = sampled_trial(lane, 200, bound / (rate * share), bound, case=case)
            trials.append(replace(trial, elapsed_s=200 / (rate * share)))
    settings = {"sweep": "concurrency", "lanes": ("async-bounded", "threads"), "consistency": "Bounded"}
    return make_run(*trials, settings=settings, target=SERVER, summary=())


def bounded_run() -> Run:
    """The sweep over concurrency, of the one lane that the Tour shows."""
    run = concurrency_run()
    return replace(run, trials=tuple(trial for trial in run.trials if trial.lane == "async-bounded"))


def open_loop_trial(lane: str, at_once: int, **changes: Any) -> Trial:
    """600 arrivals at 100 a second; the link is frozen from 2.0 s to 3.5 s. A request takes some 8 ms."""
    rng = random.Random(3)
    free_s = [0.0] * at_once
    samples, intended = [], []
    for i in range(600):
        due_s = i / 100
        client = free_s.index(min(free_s))
        start_s = max(due_s, free_s[client])
        end_s = start_s + 0.008 * rng.lognormvariate(0.0, 0.2)
        if start_s < 3.5 and end_s > 2.0:
            end_s = 3.5 + rng.uniform(0.004, 0.02)
        free_s[client] = end_s
        samples.append((start_s, end_s, True))
        intended.append(due_s)
    values = {"count": 600, "samples": tuple(samples), "intended_s": tuple(intended), "stall_s": (2.0, 3.5)}
    return make_trial(lane, max(free_s), **(values | changes))


def stall_run(**changes: Any) -> Run:
    """An open loop with a freeze in it, serial and bounded async."""
    trials = (open_loop_trial("sync", 1, num_unsent=12), open_loop_trial("async-bounded", 64))
    settings = {"lanes": ("sync", "async-bounded"), "rate_per_s": 100.0, "stall_s": 1.5}
    return make_run(*trials, settings=settings, target=SERVER, summary=(), **changes)


def heartbeat_run() -> Run:
    """The sweep "blocking": awaited, blocked for 212 ms at a time, and cured with threads."""
    blocked = [0.01 * i for i in range(20)]
    for i in range(12):
        blocked += [0.19 + (i + 1) * 0.222 - 0.01, 0.19 + (i + 1) * 0.222]
    beats = {
        "": [0.01 * i for i in range(60)],
        "blocking": blocked,
        "to-thread": [0.0102 * i for i in range(150)],
    }
    trials = [
        make_trial("async", max(times_s), count=12, case=Case(blocking=blocking), heartbeats_s=tuple(times_s))
        for blocking, times_s in beats.items()
    ]
    return make_run(*trials, settings={"sweep": "blocking", "lanes": ("async",)}, target=SERVER, summary=())


def huge_run(count: int = 1_000_000) -> Run:
    """Two trials, one of which has a million samples."""
    step = 1e-4
    samples = tuple([(i * step, i * step + 0.01 + (i % 97) * 1e-4, i % 1000 != 0) for i in range(count)])
    big = make_trial(
        "async",
        count * step + 0.02,
        count=count,
        samples=samples,
        latency_s={},
        num_ok=count - count // 1000,
        num_failed=count // 1000,
    )
    small = make_trial("sync", 60.0, count=count, num_ok=1000, cut=True, projected_s=60_000.0,
                       samples=make_samples(1000, 0.06, 1))  # fmt: skip
    return make_run(small, big, target=SERVER, summary=())


DOCUMENT = {"name": "report.pdf", "size_bytes": 2048, "sha256": "ab" * 32}
# Shares of an ingest's time, and when each step begins where they overlap.
STEP_SHARES = {"read": (0.01, 0.0), "chunk": (0.04, 0.01), "embed": (0.9, 0.05), "insert": (0.05, 0.3)}


def ingest_trial(lane: str, elapsed_s: float, **changes: Any) -> Trial:
    """A document of 40 chunks. Sync does one step after the other, in async inserting begins early."""
    spans, at_s = [], 0.0
    for step, (share, begin) in STEP_SHARES.items():
        start_s = at_s if lane == "sync" else begin * elapsed_s
        num_chunks = 40 if step in {"embed", "insert"} else 0
        at_s = start_s + share * elapsed_s
        spans.append(StepSpan(step=step, start_s=start_s, end_s=at_s, num_chunks=num_chunks))
    values = {"first_searchable_s": elapsed_s / 2, "samples": ((0.0, elapsed_s, True),)}
    values |= {"operation": "ingest", "count": 40, "spans": tuple(spans), "case": Case(consistency="Session")}
    return make_trial(lane, elapsed_s, **values | changes)


def ingest_run(*, repeats: int = 3, **changes: Any) -> Run:
    """A document both ways: 30 s one step after the other, 20 s overlapped."""
    trials = [
        ingest_trial(lane, elapsed_s * (1 + repeat / 100), repeat=repeat)
        for repeat in range(repeats)
        for lane, elapsed_s in (("sync", 30.0), ("async", 20.0))
    ]
    settings = {"preset": "ingest", "consistency": "Session", "data": DOCUMENT["name"]}
    environment = {"document": DOCUMENT, "embedding_model": "m", "parallel_batches": 2, "cores": 2}
    return make_run(*trials, settings=settings, **{"environment": environment} | changes)


def ingest_distance_run() -> Run:
    """A document both ways, here and 60 ms away: what is further away gains more."""
    cases = {rtt_ms: Case(consistency="Session", rtt_ms=rtt_ms) for rtt_ms in (0, 60)}
    times_s = {0: (("sync", 10.0), ("async", 9.0)), 60: (("sync", 20.0), ("async", 9.5))}
    trials = [
        ingest_trial(lane, elapsed_s, case=cases[rtt_ms])
        for rtt_ms, lanes in times_s.items()
        for lane, elapsed_s in lanes
    ]
    settings = {"consistency": "Session", "sweep": "distance", "sweep_values": (0, 60)}
    return make_run(*trials, settings=settings)

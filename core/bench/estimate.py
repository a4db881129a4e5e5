"""How long a run takes: an estimate from what calls cost, put right by what was measured here before.

Never a promise: the limit that a plan keeps is `Plan.longest_s`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from statistics import median
from urllib.parse import urlsplit

from core.bench.plan.plan import BATCH_LANES, BOUNDED_LANES, Plan
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.bench.run_progress import Snapshot, TrialKind

# Seconds on a machine of 2 cores. The process with its libraries, Milvus Lite as a server of its own.
START_S, SERVE_S = 4.5, 1.5
# What lies between two trials; making the collections of a block, on Milvus 2.3.5 and on Milvus Lite; filling
# one, for each row.
BETWEEN_S, MAKE_S, MAKE_ON_LITE_S, FILL_ROW_S = 0.06, 2.0, 0.05, 0.002
# What one call costs client and server together, and what one operation costs within a batch.
LITE_ADD_S, LITE_SEARCH_S, LITE_ROW_S = 0.002, 0.0022, 5e-6
SERVER_ADD_S, SERVER_SEARCH_S = 0.004, 0.006
BATCHED_RATIO = 0.3
# A Strong search waits for the server's time tick.
TICK_S = 0.2
# Share of the work that is left where it overlaps. So many requests at once double it on Milvus Lite, whose
# threads get into each other's way.
OVERLAPPED_RATIO = 0.85
CROWD_ON_LITE = 800
MAX_RUNS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """How long a run takes.

    Attributes:
        seconds: How long it takes from Start to the result.
        num_runs: How many earlier runs of this app it goes by; may be 0.
    """

    seconds: float
    num_runs: int


def estimate(plan: Plan, runs: Iterable[Run]) -> Estimate | None:
    """How long a run of `plan` takes; None where that can't be told.

    It can't be told for a target further away that was never measured, nor for an ingest: how many chunks a
    document has is known only once it is read.

    Args:
        plan: What is to be measured.
        runs: Earlier runs, newest first.
    """
    if plan.is_ingest:
        return None
    paces = _paces(plan, runs)
    if not paces and not _is_known(plan):
        return None
    pace = median(paces) if paces else 1.0
    return Estimate(seconds=_around_s(plan) + pace * _trials_s(plan), num_runs=len(paces))


def left_s(plan: Plan, snapshot: Snapshot, since_start_s: float) -> float | None:
    """Seconds until the end of a run that goes on; None where they are not known yet.

    Args:
        plan: What is being measured.
        snapshot: How far the run is now.
        since_start_s: Seconds since it began.
    """
    if plan.is_ingest and snapshot.round is not None:
        plan = replace(plan, counts=(snapshot.round.count,))
    spent = snapshot.spent_s
    current = snapshot.lanes.get(snapshot.measured)
    elapsed_s = 0.0 if current is None else current.elapsed_s
    if not spent:
        first = estimate(plan, [])
        if first is None:
            return None
        # However long getting ready takes, what is to be measured is all still to come.
        measuring_s = _trials_s(plan) + _around_trials_s(plan)
        return max(0.0, measuring_s - elapsed_s, first.seconds - since_start_s)
    modelled = sum(_trial_s(plan, kind) * len(times) for kind, times in spent.items())
    pace = sum(map(sum, spent.values())) / max(modelled, 1e-9)
    left = 0.0
    for kind in _kinds(plan):
        times = spent.get(kind, ())
        num_left = plan.repeats + plan.warmup - len(times)
        left += max(0, num_left) * (sum(times) / len(times) if times else pace * _trial_s(plan, kind))
    share_left = 1 - snapshot.trials_done / max(1, plan.num_trials)
    return max(0.0, left - elapsed_s) + share_left * _around_trials_s(plan)


def _paces(plan: Plan, runs: Iterable[Run]) -> list[float]:
    """How much slower than modelled the newest runs were that reached their Milvus in the same way."""
    paces: list[float] = []
    for run in (run for run in runs if not run.plan.is_ingest):
        if _way(run.plan) == _way(plan) and not run.imported and len(paces) < MAX_RUNS:
            # A trial that was cut says only that it would have taken longer.
            whole = [trial for trial in run.trials if not trial.cut]
            modelled = sum(_trial_s(run.plan, _kind(trial)) for trial in whole)
            elapsed = sum(trial.elapsed_s for trial in whole)
            if modelled > 0 and elapsed > 0:
                paces.append(elapsed / modelled)
    return paces


def _way(plan: Plan) -> tuple[str, bool]:
    return plan.target, plan.needs_proxy or plan.processes > 1


def _is_known(plan: Plan) -> bool:
    return plan.target == "lite" or urlsplit(plan.target).hostname in {"localhost", "127.0.0.1", "::1"}


def _around_s(plan: Plan) -> float:
    """Seconds of a run that no trial takes."""
    is_served = plan.target == "lite" and _way(plan)[1]
    return START_S + (SERVE_S if is_served else 0.0) + _around_trials_s(plan)


def _around_trials_s(plan: Plan) -> float:
    num_points = len(plan.counts)
    around = BETWEEN_S * plan.num_trials
    make_s = MAKE_ON_LITE_S if plan.target == "lite" else MAKE_S
    if "add" in plan.operations:
        around += num_points * (plan.repeats + plan.warmup) * make_s
    if "search" in plan.operations:
        around += num_points * make_s + sum(plan.counts) * FILL_ROW_S
    return around


def _trials_s(plan: Plan) -> float:
    return (plan.repeats + plan.warmup) * sum(_trial_s(plan, kind) for kind in _kinds(plan))


def _kinds(plan: Plan) -> Iterator[TrialKind]:
    for operation in plan.operations:
        for count in plan.counts:
            for case, lanes in plan.cases:
                for lane in lanes:
                    yield TrialKind(operation=operation, count=count, lane=lane, case=case)


def _kind(trial: Trial) -> TrialKind:
    return TrialKind(operation=trial.operation, count=trial.count, lane=trial.lane, case=trial.case)


def _trial_s(plan: Plan, kind: TrialKind) -> float:
    """Seconds of one trial as modelled, up to its time limit."""
    if plan.rate_per_s is not None:
        return min(plan.time_limit_s, kind.count / plan.rate_per_s + plan.stall_s)
    # A record may have been written by others: nothing in it is zero that a plan forbids to be.
    num_requests = max(1, -(-kind.count // max(1, plan.ops_per_request(kind.lane, kind.count))))
    at_once = _at_once(plan, kind, num_requests)
    waiting = kind.case.rtt_ms / 1000
    if plan.target != "lite" and kind.operation == "search" and kind.case.consistency == "Strong":
        waiting += TICK_S
    working = _work_s(plan, kind)
    if at_once > 1:
        crowd = at_once / CROWD_ON_LITE if plan.target == "lite" and kind.operation == "search" else 0.0
        working *= OVERLAPPED_RATIO + crowd
    return min(plan.time_limit_s, working + waiting * -(-num_requests // at_once) + plan.stall_s)


def _at_once(plan: Plan, kind: TrialKind, num_requests: int) -> int:
    if kind.case.blocking == "blocking" or kind.lane in {"sync", "sync-batch"}:
        return 1
    return max(1, min(num_requests, kind.case.concurrency)) if kind.lane in BOUNDED_LANES else num_requests


def _work_s(plan: Plan, kind: TrialKind) -> float:
    """What all operations of a trial cost, without any waiting."""
    if plan.target == "lite":
        # Every row of a collection that is searched is compared.
        each = LITE_ADD_S if kind.operation == "add" else LITE_SEARCH_S + LITE_ROW_S * kind.count
    else:
        each = SERVER_ADD_S if kind.operation == "add" else SERVER_SEARCH_S
    return each * kind.count * (BATCHED_RATIO if kind.lane in BATCH_LANES else 1.0)

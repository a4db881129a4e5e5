"""From trials to speed-ups, each with what is known of its uncertainty."""

from __future__ import annotations

from core.bench.plan import Plan
from core.bench.record import Run, Summary, Trial
from core.bench.stats import speedup, speedup_interval

BASELINE = "sync"


def summarize(run: Run) -> tuple[Summary, ...]:
    """One row for each operation, count and lane that was measured beside the baseline."""
    plan: Plan = run.plan
    rows = []
    for operation in plan.operations:
        for count in plan.counts:
            baseline = run.trials_of(operation, BASELINE, count)
            for lane in plan.lanes:
                trials = run.trials_of(operation, lane, count)
                if lane != BASELINE and baseline and trials:
                    rows.append(_compare(baseline, trials))
    return tuple(rows)


def _compare(baseline: list[Trial], trials: list[Trial]) -> Summary:
    both = baseline + trials
    why = _why_unknown(both)
    ratio = interval = None
    if not why:
        # Per operation, so that a trial that was cut counts with what it did.
        base_s = [trial.elapsed_s / trial.num_ok for trial in baseline]
        lane_s = [trial.elapsed_s / trial.num_ok for trial in trials]
        ratio, interval = speedup(base_s, lane_s), speedup_interval(base_s, lane_s)
    return Summary(
        operation=trials[0].operation,
        count=trials[0].count,
        lane=trials[0].lane,
        baseline=BASELINE,
        speedup=ratio,
        ci95=interval,
        is_projected=not why and any(trial.cut for trial in both),
        reason=why,
    )


def _why_unknown(trials: list[Trial]) -> str:
    failed = sum(trial.num_failed for trial in trials)
    if failed:
        total = sum(trial.num_failed + trial.num_ok for trial in trials)
        return f"{failed} of {total} operations failed"
    if any(not trial.num_ok for trial in trials):
        lane = next(trial.lane for trial in trials if not trial.num_ok)
        return f"the {lane} lane was cut before one operation was done"
    return ""

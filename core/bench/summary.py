"""From trials to speed-ups, each with what is known of its uncertainty."""

from __future__ import annotations

from collections.abc import Iterator

from core.bench import verify
from core.bench.cases import Case, factor_steps
from core.bench.entries import Summary, Trial
from core.bench.plan import Plan
from core.bench.record import Run
from core.bench.stats import noise_factor, speedup, speedup_interval

BASELINE = "sync"


def summarize(run: Run) -> tuple[Summary, ...]:
    """One row for each point at which a lane was measured beside the baseline."""
    rows = []
    for operation in run.plan.operations:
        proofs = verify.proven(run.checks, operation)
        for count in run.plan.counts:
            for case, baseline, lane in compared(run.plan):
                ours = run.trials_of(operation, lane, count, case)
                theirs = run.trials_of(operation, baseline, count, case)
                if ours and theirs:
                    rows.append(_compare(theirs, ours, proofs))
    return tuple(rows)


def compared(plan: Plan) -> Iterator[tuple[Case, str, str]]:
    """Case, baseline and lane of every comparison that the plan is for.

    The baseline is `BASELINE`, or the plan's first lane where that one is not measured.
    """
    if plan.sweep == "factor":
        base, _ = plan.cases[0]
        for step in factor_steps(base):
            yield step.case, step.baseline, step.lane
        return
    for case, lanes in plan.cases:
        baseline = BASELINE if BASELINE in lanes else lanes[0]
        for lane in lanes:
            if lane != baseline:
                yield case, baseline, lane


def _compare(baseline: list[Trial], trials: list[Trial], proofs: dict[tuple[object, ...], bool]) -> Summary:
    both = baseline + trials
    why = _why_unknown(both, proofs)
    ratio = interval = noise = None
    if not why:
        # Per operation, so that a trial that was cut counts with what it did.
        base_s = [trial.elapsed_s / trial.num_ok for trial in baseline]
        lane_s = [trial.elapsed_s / trial.num_ok for trial in trials]
        ratio, interval = speedup(base_s, lane_s), speedup_interval(base_s, lane_s)
        noise = noise_factor(base_s, lane_s)
    return Summary(
        operation=trials[0].operation,
        count=trials[0].count,
        lane=trials[0].lane,
        baseline=baseline[0].lane,
        case=trials[0].case,
        speedup=ratio,
        ci95=interval,
        noise=noise,
        verdict=verdict(ratio, interval, noise),
        is_projected=not why and any(trial.cut for trial in both),
        reason=why,
    )


def verdict(ratio: float | None, ci95: tuple[float, float] | None, noise: float | None) -> str:
    """One of `entries.VERDICTS`: what the figures allow to say.

    A difference is one when its interval leaves out 1 and when it is larger than what trials of one
    and the same lane differ by. Without repeats nothing is known.
    """
    if ratio is None or ci95 is None:
        return "unknown"
    is_within_noise = noise is not None and max(ratio, 1 / ratio) <= noise
    if ci95[0] <= 1 <= ci95[1] or is_within_noise:
        return "no detectable difference"
    return "faster" if ratio > 1 else "slower"


def _why_unknown(trials: list[Trial], proofs: dict[tuple[object, ...], bool]) -> str:
    failed = sum(trial.num_failed for trial in trials)
    if failed:
        total = sum(trial.num_failed + trial.num_ok for trial in trials)
        return f"{failed} of {total} operations failed"
    if any(not trial.num_ok for trial in trials):
        lane = next(trial.lane for trial in trials if not trial.num_ok)
        return f"the {lane} lane was cut before one operation was done"
    for trial in trials:
        if not trial.has_speed:
            return f"the {trial.lane} lane was cut while {trial.num_cancelled:,} operations were under way"
    if any(trial.processes == 1 and trial.intended_s for trial in trials):
        return "operations arrived at a rate, so their total time says nothing"
    for trial in trials:
        if proofs.get(verify.point_key(trial)) is False:
            return f"the {trial.lane} lane did not prove that it did the same work"
    return ""

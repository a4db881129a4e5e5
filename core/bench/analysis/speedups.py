"""From trials to speed-ups, each with what is known of its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Iterator

from core.bench.analysis import checks
from core.bench.analysis.stats import noise_factor, speedup, speedup_interval
from core.bench.plan.conditions import Case, factor_steps
from core.bench.plan.plan import Plan
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Trial, Verdict

BASELINE = "sync"


def summarize(run: Run) -> tuple[Summary, ...]:
    """One row for each operation, count and case in which a lane was measured beside the baseline."""
    found: dict[tuple[object, ...], list[Trial]] = {}
    for trial in sorted(run.measured, key=lambda trial: trial.repeat):
        found.setdefault((trial.operation, trial.count, trial.case, trial.lane), []).append(trial)
    cases = set(run.cases)
    comparisons = [one for one in compared(run.plan) if one[0] in cases]
    rows = []
    for operation in run.plan.operations:
        proofs = checks.proven(run.checks, operation)
        measured = set(run.counts_of(operation))
        for count in [count for count in run.plan.counts if count in measured]:
            for case, baseline, lane in comparisons:
                ours = found.get((operation, count, case, lane))
                theirs = found.get((operation, count, case, baseline))
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
    pairs = _pairs(baseline, trials)
    why = _why_unknown(both, proofs) or ("" if pairs else "no repeat was measured in both lanes")
    ratio = interval = noise = None
    if not why:
        # Per operation, so that a trial that was cut counts with what it did.
        base_s = [trial.elapsed_s / trial.num_ok for trial, _ in pairs]
        lane_s = [trial.elapsed_s / trial.num_ok for _, trial in pairs]
        ratio, interval = speedup(base_s, lane_s), speedup_interval(base_s, lane_s)
        if ratio is None:
            why = "a trial has a time that no operation takes"
        else:
            noise = noise_factor(base_s, lane_s)
    return Summary(
        operation=trials[0].operation,
        count=trials[0].count,
        lane=trials[0].lane,
        baseline=baseline[0].lane,
        case=trials[0].case,
        num_repeats=len(pairs),
        speedup=ratio,
        ci95=interval,
        noise=noise,
        verdict=verdict(ratio, interval, noise, len(pairs)),
        is_projected=not why and any(trial.cut for trial in both),
        reason=why,
    )


def _pairs(baseline: list[Trial], trials: list[Trial]) -> list[tuple[Trial, Trial]]:
    """Baseline and lane of each repeat that both have done: those ran next to each other."""
    by_repeat = {trial.repeat: trial for trial in baseline}
    return [(by_repeat[trial.repeat], trial) for trial in trials if trial.repeat in by_repeat]


def verdict(
    ratio: float | None, ci95: tuple[float, float] | None, noise: float | None, num_repeats: int
) -> Verdict:
    """What the figures allow to say: the `verdict` of a `Summary`.

    Lanes differ when the interval leaves out 1 and the ratio is beyond the noise. Means of n trials vary by
    the noise to the power of 1 / sqrt(n): where single trials of a lane differ by 1.44x, means of four differ
    by 1.2x, and a ratio of 1.15 is no difference.

    Without an interval nothing is known.

    Args:
        ratio: The speed-up; None when it can't be known.
        ci95: The ends of its 95 % interval; None when there are too few repeats for one.
        noise: Factor within which single trials of one lane agreed with each other; None when it is not
            known.
        num_repeats: How many repeats of both lanes the ratio rests on.
    """
    if ratio is None or ci95 is None:
        return Verdict.UNKNOWN
    is_within_noise = noise is not None and max(ratio, 1 / ratio) <= noise ** (1 / math.sqrt(num_repeats))
    if ci95[0] <= 1 <= ci95[1] or is_within_noise:
        return Verdict.NO_DIFFERENCE
    return Verdict.FASTER if ratio > 1 else Verdict.SLOWER


def _why_unknown(trials: list[Trial], proofs: dict[tuple[object, ...], bool]) -> str:
    failed = sum(trial.num_failed for trial in trials)
    if failed:
        total = sum(trial.num_failed + trial.num_ok for trial in trials)
        return f"{failed} of {total} operations failed"
    if any(not trial.num_ok for trial in trials):
        lane = next(trial.lane for trial in trials if not trial.num_ok)
        return f"the {lane} lane was cut before one operation was done"
    for trial in trials:
        if trial.cut and trial.operation == "ingest":
            return f"the {trial.lane} lane was cut before the whole document was in"
        if not trial.has_speed:
            return f"the {trial.lane} lane was cut while {trial.num_cancelled:,} operations were under way"
    # A list of runs is read without the arrivals themselves; their response times are there.
    if any(trial.processes == 1 and (trial.intended_s or trial.response_s) for trial in trials):
        return "operations arrived at a rate, so their total time says nothing"
    for trial in trials:
        if proofs.get(checks.key_of(trial)) is False:
            return f"the {trial.lane} lane did not prove that it did the same work"
    return ""

"""What charts ask of a run and of a lane's trials: lanes, names, conditions and time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import log

from core.bench.analysis.stats import geometric_mean
from core.bench.analysis.trust import is_disproven
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.charts import formatting


def lanes_in(run: Run, operation: str, case: Case | None = None) -> list[str]:
    """The lanes that were measured in this case, in the plan's order.

    Args:
        run: What was measured.
        operation: One that the run has; another one gives no lane.
        case: None takes the first.
    """
    return [
        lane
        for lane in run.lanes_of(operation)
        if any(run.trials_of(operation, lane, count, case) for count in run.counts_of(operation))
    ]


def conditions(run: Run, case: Case | None = None, *, without: Collection[str] = ()) -> str:
    """What has to be known beside the numbers: the setting, and whether the distance is simulated.

    Args:
        run: What was measured.
        case: None takes the first.
        without: What the chart shows itself: "distance", "concurrency" or both.
    """
    if case is None:
        case = next(iter(run.cases), None)
    if case is None:
        return ""
    where = "Milvus Lite" if run.plan.target == "lite" else "Milvus server"
    parts = [where, case.consistency]
    if case.rtt_ms and "distance" not in without:
        parts.append(f"{case.rtt_ms} ms of distance, simulated")
    if run.plan.first_calls == "included":
        parts.append("first calls included")
    if run.plan.sweep == "concurrency" and "concurrency" not in without:
        parts.append(f"at most {case.concurrency:,} at once")
    return " · ".join(parts)


def failures_told(run: Run, operation: str, count: int) -> str:
    """How many measured operations failed, where speeds are shown that leave them out; "" where none did."""
    mine = [trial for trial in run.measured if (trial.operation, trial.count) == (operation, count)]
    failed = sum(trial.num_failed for trial in mine)
    return f" · {failed:,} failed" if failed else ""


def per_request(trials: Sequence[Trial]) -> int:
    """Operations that one request carries; 1 when there are no trials."""
    return max((trial.ops_per_request for trial in trials), default=1)


def batches(run: Run, operation: str, count: int, case: Case | None = None) -> str:
    """What a request of the batch lanes is, where times of requests are shown; "" without such lanes."""
    most = max(
        (per_request(run.trials_of(operation, lane, count, case)) for lane in lanes_in(run, operation, case)),
        default=1,
    )
    return f" · batch lanes: {formatting.plural(operation, most)} per request" if most > 1 else ""


def typical_time_s(trials: Sequence[Trial]) -> float | None:
    """Seconds for all operations, projected where a trial was cut; None when one is not known.

    The geometric mean over repeats, as the factor beside it: two lengths on a chart are in that ratio.
    """
    known = [time for trial in trials if (time := _time_s(trial)) is not None]
    # A repeat whose time is not known makes the mean unknown too.
    return geometric_mean(known) if len(known) == len(trials) else None


def _time_s(trial: Trial) -> float | None:
    """None of a trial in which nothing succeeded: how long failing takes is no time of the operations."""
    if not trial.has_speed and (trial.cut or not trial.num_ok):
        return None
    return trial.projected_s if trial.cut else trial.elapsed_s


def time_words(run: Run, trials: Sequence[Trial]) -> str:
    """The time of a lane's repeats with what has to be known of it: "4.00 s projected, 3 failed".

    "no proof of same work" where a check failed; "cut" where that is all that is known.
    """
    if is_disproven(run, trials):
        return "no proof of same work"
    time_s = typical_time_s(trials)
    text = formatting.seconds(time_s)
    if time_s is not None and any(trial.cut for trial in trials):
        text += " projected"
    num_failed = sum(trial.num_failed for trial in trials)
    failed = f"{num_failed:,} failed" if num_failed else ""
    return ", ".join(filter(None, [text, failed])) or "cut"


def typical_repeat(run: Run, operation: str, count: int, case: Case | None = None) -> int:
    """The repeat whose times are nearest to those of all: the one to show where one stands for all.

    Only those of which there are samples.
    """
    distance: dict[int, float] = {}
    for lane in lanes_in(run, operation, case):
        of_lane = run.trials_of(operation, lane, count, case)
        trials = [trial for trial in of_lane if trial.elapsed_s > 0 and trial.samples]
        middle = geometric_mean([trial.elapsed_s for trial in trials]) or 1.0
        for trial in trials:
            far = abs(log(trial.elapsed_s / middle))
            distance[trial.repeat] = distance.get(trial.repeat, 0.0) + far
    return min(distance, key=lambda repeat: (distance[repeat], repeat), default=0)


def one_of(run: Run) -> str:
    """What is said where one repeat stands for all; "" where there is only one."""
    return f"the most typical of {run.plan.repeats} repeats" if run.plan.repeats > 1 else ""

"""A run that goes on, as a run that can be drawn: its record so far, and the trial that is under way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.bench.plan.plan import Plan
from core.bench.records.archive import load_run
from core.bench.records.run import Run, utc_stamp
from core.bench.records.trial import Trial
from core.bench.run_progress import Snapshot
from core.errors import RecordError


def run_so_far(path: Path, plan: Plan, snapshot: Snapshot) -> Run:
    """What was measured until now. Of a lane's first repeat, also what it has done yet: its bar grows."""
    try:
        run = load_run(path)
    except RecordError:
        run = Run(id=path.stem, created_at=utc_stamp(), status="running", plan=plan)
    trial = _under_way(run, snapshot)
    return run if trial is None else replace(run, trials=(*run.trials, trial))


def _under_way(run: Run, snapshot: Snapshot) -> Trial | None:
    current, lane = snapshot.round, snapshot.lanes.get(snapshot.measured)
    if current is None or current.is_warmup or lane is None or not lane.done:
        return None
    # A later repeat that is not finished would pull the mean down.
    if run.trials_of(current.operation, lane.lane, current.count, current.case):
        return None
    return Trial(
        operation=current.operation,
        lane=lane.lane,
        count=current.count,
        repeat=current.repeat,
        case=current.case,
        elapsed_s=lane.elapsed_s,
        num_ok=lane.done,
        num_failed=lane.failed,
    )

"""What a run tells whoever watches it: one flat JSON object per event.

`core.bench.run_progress` makes of them how far the run is.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.bench.analysis.stats import percentile
from core.bench.load.lanes import Recorder
from core.bench.load.measure_trial import Spec
from core.bench.plan.plan import Plan
from core.bench.records.run import Run
from core.bench.records.trial import Trial

Event = dict[str, Any]

# The live percentile is of the last requests only: it shows what happens now, and costs little.
RECENT = 500


def progress_event(spec: Spec, recorder: Recorder, plan: Plan, now: float) -> Event:
    """A trial that goes on.

    done, failed and in_flight are operations; p95_s is of recent requests; beat_age_s tells for how
    long the loop under test has not woken.
    """
    started = recorder.started if recorder.started is not None else now
    elapsed_s = (recorder.ended or now) - started
    per_request = plan.ops_per_request(spec.lane, spec.count)
    done = min(spec.count, recorder.num_done * per_request)
    failed = min(done, recorder.num_failed * per_request)
    speed = (done - failed) / elapsed_s if done and elapsed_s > 0 else None
    recent = [end - start for start, end, ok, _ in recorder.samples[-RECENT:] if ok]
    return _head(spec, plan, "progress") | {
        "done": done,
        "failed": failed,
        "elapsed_s": round(elapsed_s, 3),
        "ops_per_s": None if speed is None else round(speed, 1),
        "p95_s": percentile(recent, 0.95),
        "in_flight": recorder.in_flight * per_request,
        "eta_s": round((spec.count - done) / speed, 1) if speed else None,
        "beat_age_s": None if recorder.last_beat is None else round(now - recorder.last_beat, 3),
    }


def trial_event(spec: Spec, trial: Trial, plan: Plan) -> Event:
    """A trial that ended."""
    return _head(spec, plan, "trial") | {
        "done": trial.num_ok + trial.num_failed,
        "failed": trial.num_failed,
        "elapsed_s": round(trial.elapsed_s, 6),
        "ops_per_s": round(trial.ops_per_s, 1) if trial.ops_per_s else None,
        "p95_s": trial.latency_s.get("p95"),
        "in_flight": 0,
        "eta_s": 0.0,
        "cut": trial.cut,
        "bounded_by": trial.bounded_by,
    }


def error_event(message: str) -> Event:
    """Why the run failed, or did not begin, as a sentence."""
    return {"event": "error", "message": message}


def finished_event(run: Run, path: Path) -> Event:
    """The run has ended, however it did; its record is at `path`."""
    return {"event": "finished", "status": run.status, "path": str(path), "note": run.note}


def _head(spec: Spec, plan: Plan, kind: str) -> Event:
    return {
        "event": kind,
        "operation": spec.operation,
        "lane": spec.lane,
        "count": spec.count,
        "repeat": spec.repeat,
        "is_warmup": spec.is_warmup,
        **asdict(spec.case),
        "trial": spec.number,
        "num_trials": plan.num_trials,
    }

"""What has to stand above a run's figures wherever they are shown: simulated, projected, recorded."""

from __future__ import annotations

from core.bench.analysis.first_calls import INCLUDED
from core.bench.analysis.run_differences import run_time
from core.bench.recorded import is_recorded
from core.bench.records.run import Run


def marks_of(run: Run, *, replay: bool = False) -> list[str]:
    """Sentences in plain text; none for a run that was measured here, whole and without simulation.

    One that comes with Overlap is marked as recorded.

    Args:
        run: What was measured.
        replay: It stands in for a run that can't be measured now.
    """
    marks = [recorded_mark(run)] if replay or is_recorded(run) else []
    marks += _simulated(run)
    if run.plan.first_calls == "included":
        marks.append(INCLUDED)
    if isinstance(run.environment.get("other_load"), str):
        marks.append(run.environment["other_load"])
    if run.imported:
        marks.append(f"This run was imported: it was measured {_where(run)}, not by this app.")
    cut = [trial for trial in run.trials if trial.cut]
    if any(trial.projected_s is not None and trial.has_speed for trial in cut):
        marks.append(
            "Some trials were cut before all operations were done (hatched bars, open dots). Their times are "
            "projected from the operations that were, at the same speed."
        )
    if any(not trial.has_speed for trial in cut):
        marks.append(
            "Some trials were cut too early to tell their speed: where one is among its repeats, "
            "a lane has no bar and no dot."
        )
    return marks


def recorded_mark(run: Run) -> str:
    """The mark of a run that comes with Overlap, or stands in for one that can't be measured now."""
    return f"Recorded on {run_time(run)} UTC {_where(run)}, not measured now."


def _where(run: Run) -> str:
    cpu = run.environment.get("cpu")
    return f"on {str(cpu)[:80]}" if cpu else "on an unknown machine"


def _simulated(run: Run) -> list[str]:
    distances = sorted({trial.case.rtt_ms for trial in run.trials} - {0})
    marks = []
    if distances:
        shown = ", ".join(map(str, distances))
        marks.append(
            f"Simulated: a proxy on the same machine added a round trip of {shown} ms. "
            "It stands for distance to the server; no real network was that long."
        )
    if run.plan.stall_s:
        marks.append(
            f"Simulated: the link was frozen for {run.plan.stall_s:g} s in the middle of each trial."
        )
    return marks

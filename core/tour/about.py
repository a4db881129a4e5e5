"""What has to be known beside a scene's figures: when and where, settings, repeats, uncertainty, proof."""

from __future__ import annotations

from datetime import datetime

from core.bench.analysis.factor_words import times
from core.bench.analysis.sweeps import told_point
from core.bench.plan.plan import counted_operations
from core.bench.records.run import Run
from core.runtime.words import counted

SIMULATED = "* simulated by a proxy on the same machine"


def about(run: Run, *, is_recorded: bool, with_factor: bool = True, shows_distance: bool = True) -> str:
    """One line in plain text.

    Args:
        run: What the scene shows.
        is_recorded: It comes with Overlap, so it was not measured in this talk.
        with_factor: Whether what was found may be said already.
        shows_distance: Whether the scene shows what was measured at a distance, where the run has any.
    """
    parts = [_when(run, is_recorded=is_recorded), _where(run), *_settings(run)]
    if with_factor:
        parts += _uncertainty(run)
    parts += _proof(run)
    if shows_distance and any(case.rtt_ms for case in run.cases):
        parts.append(SIMULATED)
    return " · ".join(parts)


def machine(run: Run) -> str:
    """Such as "AMD EPYC, 2 cores"."""
    cpu, cores = run.environment.get("cpu"), run.environment.get("cores")
    name = str(cpu)[:60] if cpu else "an unknown machine"
    return f"{name}, {cores} cores" if isinstance(cores, int) else name


def day(run: Run) -> str:
    """Such as "27 Nov 2026"."""
    try:
        return f"{datetime.fromisoformat(run.created_at):%d %b %Y}".lstrip("0")
    except ValueError:
        return run.created_at[:10]


def _when(run: Run, *, is_recorded: bool) -> str:
    return f"recorded on {day(run)}, {machine(run)}" if is_recorded else "measured here, now"


def _where(run: Run) -> str:
    return "Milvus Lite" if run.plan.target == "lite" else "Milvus server"


def _settings(run: Run) -> list[str]:
    plan = run.plan
    # How many chunks a document has is known only once it was read.
    counts = run.counts_of("ingest") if plan.is_ingest else sorted(plan.counts)
    told = " and ".join(f"{count:,}" for count in counts[:-1])
    last = counted_operations(told_point(run)[0] or plan.operations[-1], counts[-1]) if counts else ""
    return [
        *filter(None, (plan.consistency, f"{told} and {last}" if told else last)),
        counted(plan.repeats, "repeat"),
    ]


def _uncertainty(run: Run) -> list[str]:
    """The interval of the comparison that the run is about: the last one, at its largest count."""
    if run.plan.sweep != "none":
        return []
    rows = [row for row in run.summary if row.lane == "async" and row.ci95 is not None]
    if not rows:
        return ["no uncertainty known"] if run.plan.repeats < 3 and run.summary else []
    low, high = rows[-1].ci95 or (0.0, 0.0)
    # Chunks of an ingest are never under way all at once.
    which = "" if run.plan.is_ingest else f"{rows[-1].count:,} at once: "
    return [f"{which}{times(low)} to {times(high)} times as fast (95 %)"]


def _proof(run: Run) -> list[str]:
    if not run.checks:
        return []
    passed = sum(check.passed for check in run.checks)
    return [f"same work: {passed} of {len(run.checks)} checks passed"]

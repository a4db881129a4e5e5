"""The conditions of a sweep: what is varied while operations and data stay the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

SWEEPS = ("none", "distance", "concurrency", "factor", "blocking")

DISTANCES_MS = (0, 5, 10, 20, 60, 100, 200)
CONCURRENCIES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
TUTORIAL_RTT_MS = 60
# Milvus' own default, which waits for no time tick.
RELAXED = "Bounded"

# How a coroutine of the sweep "blocking" searches: it awaits the async client, it calls the sync
# client and so holds up its loop, or it does that in a thread, which is the cure.
BLOCKINGS = ("", "blocking", "to-thread")


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """What all trials that are compared with each other have in common.

    Attributes:
        consistency: Milvus' consistency level of the collection.
        rtt_ms: Simulated round trip.
        concurrency: Bound of the bounded lanes.
        blocking: One of `BLOCKINGS`.
    """

    consistency: str = "Strong"
    rtt_ms: int = 0
    concurrency: int = 64
    blocking: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step from the tutorial's factor to a fair one: baseline against lane, in one case.

    Attributes:
        change: What is different from the step before, in words.
    """

    change: str
    baseline: str
    lane: str
    case: Case


def default_sweep_values(sweep: str) -> tuple[int, ...]:
    """What is varied where nothing is said: round trips in ms, or requests at once; none for other sweeps."""
    return {"distance": DISTANCES_MS, "concurrency": CONCURRENCIES}.get(sweep, ())


def cases_of(
    sweep: str, base: Case, lanes: Sequence[str], values: Sequence[int]
) -> tuple[tuple[Case, tuple[str, ...]], ...]:
    """Each case of a sweep with the lanes that run in it.

    Args:
        sweep: One of `SWEEPS`; "none" gives `base` alone.
        base: The plan's own settings; each case changes one of them.
        lanes: All lanes of the plan; each case of "factor" has only the two that its step compares.
        values: What "distance" (in ms) and "concurrency" vary; the other sweeps have their own.
    """
    if sweep == "distance":
        return tuple((replace(base, rtt_ms=value), tuple(lanes)) for value in values)
    if sweep == "concurrency":
        return tuple((replace(base, concurrency=value), tuple(lanes)) for value in values)
    if sweep == "blocking":
        return tuple((replace(base, blocking=blocking), tuple(lanes)) for blocking in BLOCKINGS)
    if sweep == "factor":
        wanted: dict[Case, dict[str, None]] = {}
        for step in factor_steps(base):
            for lane in (step.baseline, step.lane):
                wanted.setdefault(step.case, {})[lane] = None
        return tuple((case, tuple(names)) for case, names in wanted.items())
    return ((base, tuple(lanes)),)


def factor_steps(base: Case) -> tuple[Step, ...]:
    """From the tutorial's comparison to the fairest one, one change at a time.

    base.rtt_ms is the distance of the first steps, `TUTORIAL_RTT_MS` when it is 0.
    """
    far = replace(base, consistency="Strong", rtt_ms=base.rtt_ms or TUTORIAL_RTT_MS)
    relaxed = replace(far, consistency=RELAXED)
    near = replace(relaxed, rtt_ms=0)
    return (
        Step(change=f"the tutorial's setting, {far.rtt_ms} ms away", baseline="sync", lane="async", case=far),
        Step(change=f"consistency {RELAXED}", baseline="sync", lane="async", case=relaxed),
        Step(change="no distance", baseline="sync", lane="async", case=near),
        Step(change="threads instead of a serial loop", baseline="threads", lane="async", case=near),
        Step(change="bounded async", baseline="threads", lane="async-bounded", case=near),
        Step(change="batches on both sides", baseline="sync-batch", lane="async-batch", case=near),
    )

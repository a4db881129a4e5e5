"""How far a run is, made from the events that its process reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.bench.cases import Case
from core.bench.entries import DEFAULT_CASE, case_from


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneProgress:
    """How far one lane is at the current point; None is not known yet.

    done, failed, in_flight: operations. p95_s: of its recent requests. eta_s: seconds left.
    beat_age_s: how long ago the loop under test woke last.
    """

    lane: str
    count: int
    done: int
    failed: int
    elapsed_s: float
    ops_per_s: float | None
    p95_s: float | None = None
    in_flight: int = 0
    eta_s: float | None = None
    beat_age_s: float | None = None
    is_cut: bool = False

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> LaneProgress:
        known = {name: event[name] for name in cls.__slots__ if name in event}
        return cls(**known, is_cut=event.get("cut", False))


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """What is measured now: the lanes of a point are shown beside each other."""

    operation: str
    count: int
    repeat: int
    is_warmup: bool
    case: Case


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A run as it is now. Immutable: a page draws one while the next is made.

    state: "starting", "running", "stopping", then "complete", "stopped" or "failed".
    point: what the lanes are about; None before the first.
    trial: number of the trial that goes on, from 1; 0 before the first.
    lanes: by name, in the order they ran at this point.
    error: a sentence when the run failed.
    """

    state: str = "starting"
    point: Point | None = None
    trial: int = 0
    num_trials: int = 0
    trials_done: int = 0
    lanes: Mapping[str, LaneProgress] = field(default_factory=dict)
    error: str = ""

    @property
    def is_final(self) -> bool:
        return self.state in {"complete", "stopped", "failed"}


def advance(snapshot: Snapshot, event: Mapping[str, Any]) -> Snapshot:
    """The snapshot after one event of the worker; events of unknown kinds change nothing."""
    kind = event.get("event")
    if kind in {"progress", "trial"}:
        point = Point(
            operation=event["operation"],
            count=event["count"],
            repeat=event["repeat"],
            is_warmup=event.get("is_warmup", False),
            case=case_from(event, "event", DEFAULT_CASE),
        )
        lane = LaneProgress.from_event(event)
        lanes = dict(snapshot.lanes) if point == snapshot.point else {}
        return replace(
            snapshot,
            state="stopping" if snapshot.state == "stopping" else "running",
            point=point,
            trial=event["trial"],
            num_trials=event["num_trials"],
            trials_done=event["trial"] - (kind == "progress"),
            lanes=lanes | {lane.lane: lane},
        )
    if kind == "finished":
        return replace(snapshot, state=event["status"])
    if kind == "error":
        return replace(snapshot, error=str(event["message"]))
    return snapshot

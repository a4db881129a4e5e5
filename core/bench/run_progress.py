"""How far a run is, made from the events that its process reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.bench.plan.conditions import Case
from core.bench.records.trial import DEFAULT_CASE, case_from

# A curve has so many at the most: a page draws all curves five times a second.
MAX_POINTS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class LaneProgress:
    """How far one lane is in the current round; None is not known yet.

    Attributes:
        done: Operations that ended, failed ones included.
        failed: Operations that failed.
        in_flight: Operations under way.
        p95_s: The percentile of its recent requests.
        eta_s: Seconds left.
        beat_age_s: How long ago the loop under test woke last.
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
        """What an event says of a lane; keys that this version does not know are left out."""
        known = {name: event[name] for name in cls.__slots__ if name in event}
        return cls(**known, is_cut=event.get("cut", False))


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One repeat of an operation and count in one case: its lanes are shown beside each other."""

    operation: str
    count: int
    repeat: int
    is_warmup: bool
    case: Case


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """Operations that a lane has done over the seconds that it was measured for, over all its repeats.

    Attributes:
        before: Seconds and operations of the trials that have ended.
        points: (seconds, operations), both sums.
    """

    is_warmup: bool
    before: tuple[float, int] = (0.0, 0)
    points: tuple[tuple[float, int], ...] = ((0.0, 0),)

    def after(self, elapsed_s: float, done: int, *, is_over: bool) -> Curve:
        """The curve with what is known of the trial that goes on, or has just ended."""
        now = (round(self.before[0] + elapsed_s, 3), self.before[1] + done)
        points = (*self.points, now)
        if len(points) > MAX_POINTS:
            points = (*points[:-1:2], now)
        return replace(self, points=points, before=now if is_over else self.before)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialKind:
    """What trials that take about as long as each other have in common."""

    operation: str
    count: int
    lane: str
    case: Case


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """A run as it is now. Immutable: a page draws one while the next is made.

    Attributes:
        state: "starting", "running", "stopping", then "complete", "stopped" or "failed".
        round: That of the trial that goes on, or of the last one; None before the first.
        trial: Number of the trial that goes on, from 1; 0 before the first.
        lanes: Each by its name, in the order in which they ran in this round.
        measured: The lane that is measured at this moment; "" between two trials.
        curves: One for each lane and case of the operation and count that are measured now.
        spent_s: Seconds of each trial that has ended, warm-up included.
        error: A sentence when the run failed.
        why: A sentence when the run was stopped: by whom, or by what.
    """

    state: str = "starting"
    round: Round | None = None
    trial: int = 0
    num_trials: int = 0
    trials_done: int = 0
    lanes: Mapping[str, LaneProgress] = field(default_factory=dict)
    measured: str = ""
    curves: Mapping[tuple[str, Case], Curve] = field(default_factory=dict)
    spent_s: Mapping[TrialKind, tuple[float, ...]] = field(default_factory=dict)
    error: str = ""
    why: str = ""

    @property
    def is_final(self) -> bool:
        """Whether the run has ended, however it did; its state does not change again."""
        return self.state in {"complete", "stopped", "failed"}


def advance(snapshot: Snapshot, event: Mapping[str, Any]) -> Snapshot:
    """The snapshot after one event of `core.bench.load.events`; events of unknown kinds change nothing."""
    kind = event.get("event")
    if kind in {"progress", "trial"}:
        return _measured(snapshot, event, is_over=kind == "trial")
    if kind == "finished":
        status = event["status"]
        return replace(snapshot, state=status, why=event.get("note", "") if status == "stopped" else "")
    if kind == "error":
        return replace(snapshot, error=str(event["message"]))
    return snapshot


def _measured(snapshot: Snapshot, event: Mapping[str, Any], *, is_over: bool) -> Snapshot:
    current = Round(
        operation=event["operation"],
        count=event["count"],
        repeat=event["repeat"],
        is_warmup=event.get("is_warmup", False),
        case=case_from(event, "event", DEFAULT_CASE),
    )
    lane = LaneProgress.from_event(event)
    lanes = dict(snapshot.lanes) if current == snapshot.round else {}
    return replace(
        snapshot,
        state="stopping" if snapshot.state == "stopping" else "running",
        round=current,
        trial=event["trial"],
        num_trials=event["num_trials"],
        trials_done=event["trial"] - (not is_over),
        lanes=lanes | {lane.lane: lane},
        measured="" if is_over else lane.lane,
        curves=_curves(snapshot, current, lane, is_over=is_over),
        spent_s=_spent_s(snapshot, current, lane) if is_over else snapshot.spent_s,
    )


def _curves(
    snapshot: Snapshot, current: Round, lane: LaneProgress, *, is_over: bool
) -> dict[tuple[str, Case], Curve]:
    before = snapshot.round
    is_same = before is not None and (before.operation, before.count) == (current.operation, current.count)
    curves = dict(snapshot.curves) if is_same else {}
    key = (lane.lane, current.case)
    curve = curves.get(key)
    # What a lane did to warm up is in no figure: its curve begins anew.
    if curve is None or curve.is_warmup != current.is_warmup:
        curve = Curve(is_warmup=current.is_warmup)
    return curves | {key: curve.after(lane.elapsed_s, lane.done, is_over=is_over)}


def _spent_s(snapshot: Snapshot, current: Round, lane: LaneProgress) -> dict[TrialKind, tuple[float, ...]]:
    kind = TrialKind(operation=current.operation, count=current.count, lane=lane.lane, case=current.case)
    return {**snapshot.spent_s, kind: (*snapshot.spent_s.get(kind, ()), lane.elapsed_s)}

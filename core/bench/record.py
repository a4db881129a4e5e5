"""The record of a run: what was planned, measured and checked. Schema 1; fields may be added.

Seconds everywhere; unknown is None, never 0. Nothing here ever holds a token.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.bench.plan import Plan
from core.bench.stats import Sample
from core.errors import PlanError, RecordError

SCHEMA = 1
# "running" is only ever seen in the file of a run that goes on, or whose process was killed;
# `core.bench.archive` shows the second as "stopped".
STATUSES = ("running", "complete", "stopped", "failed")
_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


def new_id(now: datetime | None = None) -> str:
    """An id that sorts by time and is safe as a file name and in a collection's name."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    return f"{stamp}-{secrets.token_hex(3)}"


def is_id(text: str) -> bool:
    """Whether `text` could be a run's id. What is not must never become part of a path."""
    return _ID.fullmatch(text) is not None


def utc_stamp(now: datetime | None = None) -> str:
    """Such as "2026-11-22T15:40:12Z"."""
    return (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One lane, one operation, one count, one repeat.

    errors: reason to how often; latency_s: of successes only.
    cut: ended by the time limit or by Stop before all operations were done.
    num_cancelled: issued but not finished when it was cut; the server may have done them.
    projected_s: what all operations would have taken at the speed measured; only for cut trials.
    samples: (start_s, end_s, ok), counted from the trial's start.
    """

    operation: str
    lane: str
    count: int
    repeat: int
    elapsed_s: float
    num_ok: int
    num_failed: int
    errors: dict[str, int] = field(default_factory=dict)
    latency_s: dict[str, float | None] = field(default_factory=dict)
    max_in_flight: int | None = None
    client_cpu_ratio: float | None = None
    loop_lag_p99_s: float | None = None
    cut: bool = False
    num_cancelled: int = 0
    projected_s: float | None = None
    samples: tuple[Sample, ...] = ()

    @property
    def ops_per_s(self) -> float | None:
        """Operations that succeeded per second."""
        return self.num_ok / self.elapsed_s if self.num_ok and self.elapsed_s > 0 else None

    @property
    def seconds_per_op(self) -> float | None:
        """None when nothing succeeded or something failed: failing fast is not being fast."""
        return self.elapsed_s / self.num_ok if self.num_ok and not self.num_failed else None

    def to_dict(self) -> dict[str, Any]:
        values = asdict(self)
        values["samples"] = [[start, end, ok] for start, end, ok in self.samples]
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str) -> Trial:
        samples = _get(values, "samples", list, where, default=[])
        try:
            read = tuple((float(start), float(end), bool(ok)) for start, end, ok in samples)
        except (TypeError, ValueError) as exc:
            raise RecordError(f"The record's {where}.samples are not triples of start, end and ok.") from exc
        return cls(
            operation=_get(values, "operation", str, where),
            lane=_get(values, "lane", str, where),
            count=_get(values, "count", int, where),
            repeat=_get(values, "repeat", int, where),
            elapsed_s=float(_get(values, "elapsed_s", (int, float), where)),
            num_ok=_get(values, "num_ok", int, where),
            num_failed=_get(values, "num_failed", int, where),
            errors=_get(values, "errors", dict, where, default={}),
            latency_s=_get(values, "latency_s", dict, where, default={}),
            max_in_flight=_get(values, "max_in_flight", (int, type(None)), where, default=None),
            client_cpu_ratio=_get(values, "client_cpu_ratio", _NUMBER, where, default=None),
            loop_lag_p99_s=_get(values, "loop_lag_p99_s", _NUMBER, where, default=None),
            cut=_get(values, "cut", bool, where, default=False),
            num_cancelled=_get(values, "num_cancelled", int, where, default=0),
            projected_s=_get(values, "projected_s", _NUMBER, where, default=None),
            samples=read,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One proof. details: what was compared, such as expected and found; flat in the file."""

    name: str
    passed: bool
    details: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "passed": self.passed, **self.details}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str) -> Check:
        details = {name: value for name, value in values.items() if name not in {"name", "passed"}}
        name = _get(values, "name", str, where)
        return cls(name=name, passed=_get(values, "passed", bool, where), details=details)


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """How many times faster a lane was than the baseline, at one count.

    speedup: None when it can't be known; `reason` then says why.
    ci95: None with fewer than two repeats.
    is_projected: a cut trial is in it, so it rests on the operations that were done.
    """

    operation: str
    count: int
    lane: str
    baseline: str
    speedup: float | None
    ci95: tuple[float, float] | None
    is_projected: bool = False
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"ci95": None if self.ci95 is None else list(self.ci95)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str) -> Summary:
        interval = _get(values, "ci95", (list, type(None)), where, default=None)
        if interval is not None and len(interval) != 2:
            raise RecordError(f"The record's {where}.ci95 is not a pair.")
        return cls(
            operation=_get(values, "operation", str, where),
            count=_get(values, "count", int, where),
            lane=_get(values, "lane", str, where),
            baseline=_get(values, "baseline", str, where),
            speedup=_get(values, "speedup", _NUMBER, where),
            ci95=None if interval is None else (float(interval[0]), float(interval[1])),
            is_projected=_get(values, "is_projected", bool, where, default=False),
            reason=_get(values, "reason", str, where, default=""),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A plan's trials and what they show. owner: the process that writes the file, while it does."""

    id: str
    created_at: str
    status: str
    plan: Plan
    note: str = ""
    environment: dict[str, Any] = field(default_factory=dict)
    trials: tuple[Trial, ...] = ()
    checks: tuple[Check, ...] = ()
    summary: tuple[Summary, ...] = ()
    owner: dict[str, Any] | None = None

    @property
    def num_failed(self) -> int:
        """Failed operations of all trials."""
        return sum(trial.num_failed for trial in self.trials)

    def trials_of(self, operation: str, lane: str, count: int) -> list[Trial]:
        """The repeats of one point, in order."""
        found = [t for t in self.trials if (t.operation, t.lane, t.count) == (operation, lane, count)]
        return sorted(found, key=lambda trial: trial.repeat)

    def to_dict(self) -> dict[str, Any]:
        """The file's content."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            "created_at": self.created_at,
            "status": self.status,
            "note": self.note,
            "plan": self.plan.to_dict(),
            "environment": self.environment,
            "trials": [trial.to_dict() for trial in self.trials],
            "checks": [check.to_dict() for check in self.checks],
            "summary": [row.to_dict() for row in self.summary],
            "owner": self.owner,
        }

    @classmethod
    def from_dict(cls, values: Any) -> Run:
        """Read a file's content. Raises RecordError saying which part is wrong."""
        if not isinstance(values, dict) or "schema" not in values:
            raise RecordError("This is not a run of Overlap: it has no schema.")
        if values["schema"] != SCHEMA:
            raise RecordError(
                f"The record has schema {str(values['schema'])[:20]}, this version reads {SCHEMA}. "
                "Update Overlap to open it."
            )
        run_id = _get(values, "id", str, "run")
        status = _get(values, "status", str, "run")
        if not is_id(run_id) or status not in STATUSES:
            raise RecordError(f"The record's id or status is not one that Overlap writes ({status[:20]!r}).")
        try:
            plan = Plan.from_dict(_get(values, "plan", dict, "run"))
        except PlanError as exc:
            raise RecordError(f"The record's plan can't be read: {exc}") from exc
        return cls(
            id=run_id,
            created_at=_get(values, "created_at", str, "run"),
            status=status,
            note=_get(values, "note", str, "run", default=""),
            plan=plan,
            environment=_get(values, "environment", dict, "run", default={}),
            trials=tuple(Trial.from_dict(item, where) for item, where in _items(values, "trials")),
            checks=tuple(Check.from_dict(item, where) for item, where in _items(values, "checks")),
            summary=tuple(Summary.from_dict(item, where) for item, where in _items(values, "summary")),
            owner=_get(values, "owner", (dict, type(None)), "run", default=None),
        )


_NUMBER = (int, float, type(None))
_REQUIRED = object()


def _get(values: Mapping[str, Any], name: str, kind: Any, where: str, default: Any = _REQUIRED) -> Any:
    value = values.get(name, default)
    if value is _REQUIRED:
        raise RecordError(f"The record's {where} has no {name!r}; it may be cut or made by something else.")
    kinds = kind if isinstance(kind, tuple) else (kind,)
    # bool is an int to isinstance, but true is no count.
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise RecordError(f"The record's {where}.{name} is {str(value)[:40]!r}, which is of the wrong type.")
    return value


def _items(values: Mapping[str, Any], name: str) -> list[tuple[Mapping[str, Any], str]]:
    items = _get(values, name, list, "run", default=[])
    for i, item in enumerate(items):
        if not isinstance(item, dict):
            raise RecordError(f"The record's {name}[{i}] is not an object.")
    return [(item, f"{name}[{i}]") for i, item in enumerate(items)]

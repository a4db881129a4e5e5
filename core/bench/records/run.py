"""The record of a run: what was planned, measured and checked. Schema 1; fields may be added.

Seconds everywhere; unknown is None, never 0. Nothing here ever holds a token.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.bench.plan.conditions import Case
from core.bench.plan.plan import Plan
from core.bench.records.plain_fields import get, plain_fields
from core.bench.records.trial import FirstCall, Proof, Summary, Trial, items
from core.errors import PlanError, RecordError

SCHEMA = 1
# "running" is only ever seen in the file of a run that goes on, or whose process was killed;
# `core.bench.records.archive` shows the second as "stopped".
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


_Key = tuple[str, str, int, Case | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    """What charts and findings ask of a record again and again, found once.

    Attributes:
        trials: The measured repeats of each lane, in order, by operation, lane, count and case.
        summaries: What was found of each lane against each of its baselines, by the same.
        cases: As those of `Run`.
        lanes: As those of `Run`, by operation.
        counts: As those of `Run`, by operation.
    """

    trials: dict[_Key, tuple[Trial, ...]]
    summaries: dict[_Key, tuple[Summary, ...]]
    cases: tuple[Case, ...]
    lanes: dict[str, tuple[str, ...]]
    counts: dict[str, tuple[int, ...]]

    @classmethod
    def of(cls, run: Run) -> _Table:
        trials: dict[_Key, list[Trial]] = {}
        for trial in sorted(run.measured, key=lambda trial: trial.repeat):
            trials.setdefault((trial.operation, trial.lane, trial.count, trial.case), []).append(trial)
        summaries: dict[_Key, list[Summary]] = {}
        for one in run.summary:
            summaries.setdefault((one.operation, one.lane, one.count, one.case), []).append(one)
        planned = run.plan.cases
        ordered = list(dict.fromkeys(lane for _, lanes in planned for lane in lanes))
        measured_cases = {case for _, _, _, case in trials}
        cases = [case for case, _ in planned if case in measured_cases]
        if run.plan.sweep in {"distance", "concurrency"}:
            cases.sort(key=lambda case: (case.rtt_ms, case.concurrency))
        lanes: dict[str, tuple[str, ...]] = {}
        counts: dict[str, tuple[int, ...]] = {}
        for name in dict.fromkeys(operation for operation, _, _, _ in trials):
            mine = [(lane, count) for operation, lane, count, _ in trials if operation == name]
            lanes[name] = tuple(lane for lane in ordered if lane in {lane for lane, _ in mine})
            counts[name] = tuple(sorted({count for _, count in mine}))
        return cls(
            trials={key: tuple(found) for key, found in trials.items()},
            summaries={key: tuple(found) for key, found in summaries.items()},
            cases=tuple(cases),
            lanes=lanes,
            counts=counts,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A plan's trials and what they show.

    Attributes:
        note: The engine's: why the run was stopped or failed.
        name: The visitor's own.
        comment: The visitor's own.
        first_calls: In the order in which they were made; none where they are inside the trials, or not
            known.
        owner: The process that writes the file, while it does.
        imported: It was measured on another machine and uploaded here, so it never runs here.
    """

    id: str
    created_at: str
    status: str
    plan: Plan
    note: str = ""
    environment: dict[str, Any] = field(default_factory=dict)
    first_calls: tuple[FirstCall, ...] = ()
    trials: tuple[Trial, ...] = ()
    checks: tuple[Proof, ...] = ()
    summary: tuple[Summary, ...] = ()
    owner: dict[str, Any] | None = None
    name: str = ""
    comment: str = ""
    imported: bool = False
    _table: _Table = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_table", _Table.of(self))

    @property
    def num_failed(self) -> int:
        """Failed operations of all trials."""
        return sum(trial.num_failed for trial in self.trials)

    @property
    def measured(self) -> tuple[Trial, ...]:
        """The trials without the warm-up."""
        return tuple(trial for trial in self.trials if not trial.is_warmup)

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases that were measured; one of them without a sweep.

        Of a sweep over distance or concurrency the smallest first, however they were typed; of another one in
        the plan's order.
        """
        return self._table.cases

    def trials_of(self, operation: str, lane: str, count: int, case: Case | None = None) -> tuple[Trial, ...]:
        """The measured repeats of one lane in order, without warm-up; empty where there are none.

        Args:
            operation: One of the plan's, such as "search".
            lane: Its name.
            count: Operations of each trial.
            case: None takes the first that was measured.
        """
        return self._table.trials.get((operation, lane, count, self._case(case)), ())

    def lanes_of(self, operation: str) -> tuple[str, ...]:
        """The lanes that were measured, in the plan's order."""
        return self._table.lanes.get(operation, ())

    def counts_of(self, operation: str) -> tuple[int, ...]:
        """The counts that were measured, smallest first."""
        return self._table.counts.get(operation, ())

    def summary_of(
        self, operation: str, lane: str, count: int, case: Case | None = None, *, baseline: str | None = None
    ) -> Summary | None:
        """What was found of a lane against its baseline, None where there is nothing.

        Args:
            operation: One of the plan's, such as "search".
            lane: The lane that is compared with a baseline.
            count: Operations of each trial.
            case: None takes the first that was measured.
            baseline: None takes the first that the lane is compared with.
        """
        found = self._table.summaries.get((operation, lane, count, self._case(case)), ())
        return next((one for one in found if baseline in {None, one.baseline}), None)

    def _case(self, case: Case | None) -> Case | None:
        return case if case is not None else next(iter(self._table.cases), None)

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
            "first_calls": [call.to_dict() for call in self.first_calls],
            "trials": [trial.to_dict() for trial in self.trials],
            "checks": [check.to_dict() for check in self.checks],
            "summary": [one.to_dict() for one in self.summary],
            "owner": self.owner,
            "name": self.name,
            "comment": self.comment,
            "imported": self.imported,
        }

    @classmethod
    def from_dict(cls, values: Any) -> Run:
        """Read a file's content.

        Raises:
            RecordError: Saying which part is wrong.
        """
        if not isinstance(values, dict) or "schema" not in values:
            raise RecordError("This is not a run of Overlap: it has no schema.")
        if values["schema"] != SCHEMA:
            raise RecordError(
                f"The record has schema {str(values['schema'])[:20]}, this version reads {SCHEMA}. "
                "Update Overlap to open it."
            )
        run_id = get(values, "id", str, "run")
        status = get(values, "status", str, "run")
        if not is_id(run_id) or status not in STATUSES:
            raise RecordError(f"The record's id or status is not one that Overlap writes ({status[:20]!r}).")
        try:
            plan = Plan.from_dict(get(values, "plan", dict, "run"))
        except PlanError as exc:
            raise RecordError(f"The record's plan can't be read: {exc}") from exc
        base = plan.cases[0][0]
        trials = [Trial.from_dict(item, where, base) for item, where in items(values, "trials")]
        summary = [Summary.from_dict(item, where, base) for item, where in items(values, "summary")]
        return cls(
            **plain_fields(cls, values, "run"),
            plan=plan,
            first_calls=tuple(
                FirstCall.from_dict(item, where) for item, where in items(values, "first_calls")
            ),
            trials=tuple(trials),
            checks=tuple(Proof.from_dict(item, where) for item, where in items(values, "checks")),
            summary=tuple(summary),
        )

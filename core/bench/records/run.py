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
from core.bench.records.declared import get, plain_fields
from core.bench.records.trial import Check, FirstCall, Summary, Trial, items
from core.errors import PlanError, RecordError

__all__ = ["Check", "FirstCall", "Run", "Summary", "Trial", "is_id", "new_id", "utc_stamp"]

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A plan's trials and what they show.

    note: the engine's, such as the reason of a failure. name, comment: the visitor's own.
    first_calls: in the order in which they were made; none where they are inside the trials, or not known.
    owner: the process that writes the file, while it does.
    imported: it was measured on another machine and uploaded here, so it never runs here.
    """

    id: str
    created_at: str
    status: str
    plan: Plan
    note: str = ""
    environment: dict[str, Any] = field(default_factory=dict)
    first_calls: tuple[FirstCall, ...] = ()
    trials: tuple[Trial, ...] = ()
    checks: tuple[Check, ...] = ()
    summary: tuple[Summary, ...] = ()
    owner: dict[str, Any] | None = None
    name: str = ""
    comment: str = ""
    imported: bool = False

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
        """The cases that were measured, in the plan's order; one of them without a sweep."""
        measured = {trial.case for trial in self.measured}
        planned = [case for case, _ in self.plan.cases]
        return tuple(case for case in planned if case in measured)

    def trials_of(self, operation: str, lane: str, count: int, case: Case | None = None) -> list[Trial]:
        """The measured repeats of one point, in order. case: None takes the first that was measured."""
        wanted = case if case is not None else next(iter(self.cases), None)
        found = [
            trial
            for trial in self.measured
            if (trial.operation, trial.lane, trial.count, trial.case) == (operation, lane, count, wanted)
        ]
        return sorted(found, key=lambda trial: trial.repeat)

    def lanes_of(self, operation: str) -> list[str]:
        """The lanes that were measured, in the plan's order."""
        measured = {trial.lane for trial in self.measured if trial.operation == operation}
        ordered = dict.fromkeys(lane for _, lanes in self.plan.cases for lane in lanes)
        return [lane for lane in ordered if lane in measured]

    def counts_of(self, operation: str) -> list[int]:
        """The counts that were measured, smallest first."""
        return sorted({trial.count for trial in self.measured if trial.operation == operation})

    def row_of(
        self, operation: str, lane: str, count: int, case: Case | None = None, *, baseline: str | None = None
    ) -> Summary | None:
        """The comparison of one point, None where there is none. baseline: None takes the first."""
        wanted = case if case is not None else next(iter(self.cases), None)
        for row in self.summary:
            if (row.operation, row.lane, row.count, row.case) == (operation, lane, count, wanted) and (
                baseline in {None, row.baseline}
            ):
                return row
        return None

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
            "summary": [row.to_dict() for row in self.summary],
            "owner": self.owner,
            "name": self.name,
            "comment": self.comment,
            "imported": self.imported,
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
        rows = [Summary.from_dict(item, where, base) for item, where in items(values, "summary")]
        return cls(
            **plain_fields(cls, values, "run"),
            plan=plan,
            first_calls=tuple(
                FirstCall.from_dict(item, where) for item, where in items(values, "first_calls")
            ),
            trials=tuple(trials),
            checks=tuple(Check.from_dict(item, where) for item, where in items(values, "checks")),
            summary=tuple(rows),
        )

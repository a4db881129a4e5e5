"""What may be told of a lane as its speed, and what makes a sentence on lanes doubtful."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from core.bench.analysis import checks
from core.bench.analysis.checks import CHECKS_OF
from core.bench.plan.conditions import Case
from core.bench.records.run import Run
from core.bench.records.trial import Summary, Trial


def trusted(run: Run, operation: str, lane: str, count: int, case: Case | None = None) -> tuple[Trial, ...]:
    """The measured repeats, as `Run.trials_of`; none of a lane that failed a check: it has no speed."""
    trials = run.trials_of(operation, lane, count, case)
    return () if is_disproven(run, trials) else trials


def is_disproven(run: Run, trials: Sequence[Trial]) -> bool:
    """Whether a check showed that the lane did not do its work.

    Args:
        run: Whose checks count.
        trials: The repeats of one lane, with one operation and count, in one case.
    """
    if not trials or all(check.passed for check in run.checks):
        return False
    return checks.proven(run.checks, trials[0].operation).get(checks.key_of(trials[0])) is False


def doubts(run: Run, rows: Sequence[Summary]) -> str:
    """What speaks against comparisons of one operation at one count, as the end of a sentence; may be ""."""
    sides = [(lane, row.case) for row in rows for lane in (row.baseline, row.lane)]
    is_projected = any(row.is_projected for row in rows)
    return lane_doubts(run, rows[0].operation, rows[0].count, sides, is_projected=is_projected)


def lane_doubts(
    run: Run, operation: str, count: int, sides: Iterable[tuple[str, Case]], *, is_projected: bool
) -> str:
    """As `doubts`, of lanes each in a case."""
    parts = []
    if is_projected:
        parts.append("a trial was cut, so this is a projection from the operations that were done")
    proofs = {_proof(run, operation, count, lane, case) for lane, case in sides}
    if False in proofs:
        parts.append("but the lanes did not do the same work: a check failed, so this is no fair comparison")
    elif None in proofs:
        parts.append("no check proves yet that both lanes did the same work")
    return "".join(f"; {part}" for part in parts)


def _proof(run: Run, operation: str, count: int, lane: str, case: Case) -> bool | None:
    """Whether the lane's checks passed; None where none looked at it.

    What a check of an older record does not say, such as its lane, it is taken to be about.
    """
    of_point = [
        check
        for check in run.checks
        if check.name in CHECKS_OF[operation] and check.details.get("count") == count
    ]
    about = {"lane": lane, **asdict(case)}
    own = [
        check.passed
        for check in of_point
        if all(check.details.get(name, value) == value for name, value in about.items())
    ]
    if own:
        return all(own)
    # The first lane of a block has no check of its own: it is what the others are compared with.
    return True if any(check.details.get("baseline") == lane for check in of_point) else None

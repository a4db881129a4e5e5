"""What `--fail-under` asks of a run: least speed-ups, checked against the plan before it is measured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.bench.analysis.speedups import compared
from core.bench.plan.conditions import Case
from core.bench.plan.plan import LANES, Plan, counted_operations
from core.bench.records.run import Run
from core.errors import PlanError

EXAMPLE = "search.async>=10, or with a case search.async[rtt_ms=60]>=10"
# What tells one comparison of a lane from another; in the order in which a message names them.
SELECTORS = ("consistency", "rtt_ms", "concurrency", "blocking", "baseline")
_BOUND = re.compile(
    r"\s*(?P<operation>add|search|ingest)\.(?P<lane>[a-z-]+)\s*(?:\[(?P<case>[^\[\]]*)\])?\s*>=\s*(?P<least>\d+(?:\.\d+)?)\s*"
)
# Commas part bounds, but not what a bound says of its case.
_COMMA = re.compile(r",(?![^\[]*\])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """The least speed-up that a lane must reach in every case that fits.

    Attributes:
        where: (selector, value) of the cases that it is about; empty for all.
    """

    operation: str
    lane: str
    least: float
    where: tuple[tuple[str, str], ...] = ()

    def fits(self, case: Case, baseline: str) -> bool:
        """Whether the bound is about this case, where the lane is compared with `baseline`."""
        values = _values(case, baseline)
        return all(values[name] == value for name, value in self.where)


def parse_bounds(text: str) -> tuple[Bound, ...]:
    """Read "OPERATION.LANE[SELECTOR=VALUE,...]>=NUMBER", several with commas.

    Raises:
        PlanError: When it is empty, or a part of it is not written so.
    """
    parts = [part for part in _COMMA.split(text) if part.strip()]
    if not parts:
        raise PlanError(
            f"fail-under is empty, so it would hold nothing; write it as {EXAMPLE}, or leave it out."
        )
    return tuple(_bound(part) for part in parts)


def _bound(part: str) -> Bound:
    found = _BOUND.fullmatch(part)
    if found is None:
        raise PlanError(f"fail-under is {part.strip()[:80]!r}; write it as {EXAMPLE}.")
    where = []
    for piece in filter(str.strip, (found["case"] or "").split(",")):
        name, _, value = (text.strip() for text in piece.partition("="))
        if name not in SELECTORS or not value:
            raise PlanError(f"fail-under has [{piece[:40]}]; a case is told by {', '.join(SELECTORS)}.")
        where.append((name, value))
    return Bound(
        operation=found["operation"], lane=found["lane"], least=float(found["least"]), where=tuple(where)
    )


def check_bounds(bounds: tuple[Bound, ...], plan: Plan) -> None:
    """Refuse a bound that no run of the plan could hold.

    Raises:
        PlanError: When a bound names a lane, an operation or a case that the plan does not compare.
    """
    for bound in bounds:
        name = f"{bound.operation}.{bound.lane}"
        baselines = {baseline for _, baseline, _ in compared(plan)}
        if bound.lane not in LANES:
            raise PlanError(f"fail-under has {name}; lanes are {', '.join(LANES)}.")
        if bound.operation not in plan.operations:
            raise PlanError(
                f"fail-under has {name}, but this run measures {', '.join(plan.operations)} only."
            )
        if plan.is_open_loop and plan.processes == 1:
            raise PlanError(f"fail-under has {name}, but arrivals at a rate have no speed-up.")
        if any(lane == bound.lane for _, _, lane in compared(plan)):
            if not any(_comparisons(bound, plan)):
                raise PlanError(f"fail-under has {_shown(bound)}, a case that this run does not measure.")
        elif bound.lane in baselines:
            raise PlanError(f"fail-under has {name}, which is what the other lanes are compared with.")
        else:
            raise PlanError(f"fail-under has {name}, which this run does not compare with another lane.")


def missed(run: Run, bounds: tuple[Bound, ...]) -> list[str]:
    """One sentence for each case in which the run did not reach a bound at its largest count."""
    count = max(run.plan.counts)
    sentences = []
    for bound in bounds:
        for case, baseline in _comparisons(bound, run.plan):
            row = run.summary_of(bound.operation, bound.lane, count, case, baseline=baseline)
            speedup = None if row is None else row.speedup
            if speedup is None or speedup < bound.least:
                reached = "is not known" if speedup is None else f"is {speedup:.2f}"
                what = f"{bound.lane} {bound.operation}{_where(case, baseline, run.plan, bound)}"
                sentences.append(
                    f"The speed-up of {what} at {counted_operations(bound.operation, count)} "
                    f"{reached}; "
                    f"at least {bound.least:g} was asked for."
                )
    return sentences


def _comparisons(bound: Bound, plan: Plan) -> Iterator[tuple[Case, str]]:
    for case, baseline, lane in compared(plan):
        if lane == bound.lane and bound.fits(case, baseline):
            yield case, baseline


def _values(case: Case, baseline: str) -> dict[str, str]:
    return {
        "consistency": case.consistency,
        "rtt_ms": str(case.rtt_ms),
        "concurrency": str(case.concurrency),
        "blocking": case.blocking,
        "baseline": baseline,
    }


def _where(case: Case, baseline: str, plan: Plan, bound: Bound) -> str:
    """What tells this case from the lane's others, as a bound would name it; "" when it is the only one."""
    every = [_values(case, baseline) for case, baseline, lane in compared(plan) if lane == bound.lane]
    varied = [name for name in SELECTORS if len({values[name] for values in every}) > 1]
    mine = _values(case, baseline)
    return f" [{','.join(f'{name}={mine[name]}' for name in varied)}]" if varied else ""


def _shown(bound: Bound) -> str:
    return f"{bound.operation}.{bound.lane}[{','.join(f'{name}={value}' for name, value in bound.where)}]"

"""All settings of a run, checked once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from core.config import Target
from core.errors import ConfigError, PlanError

OPERATIONS = ("add", "search")
LANES = ("sync", "async")
# Words of the record format whose lanes are not built yet: refused by name, never ignored.
PLANNED_LANES = ("sync-batch", "threads", "async-bounded", "async-batch")
METRICS = ("COSINE", "IP", "L2")
CONSISTENCIES = ("Strong", "Session", "Bounded", "Eventually")

MAX_COUNT = 1_000_000
MAX_DIM = 32_768
MAX_REPEATS = 100
MAX_TIME_LIMIT_S = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a run does. The defaults are the tutorial's settings.

    target: "lite", or a URI without credentials.
    counts: operations per trial.
    warmup: operations before each trial that are not measured.
    top_k: hits per search.
    concurrency, batch_size: for the lanes that bound or batch; batch_size also fills a collection
        before its searches.
    rtt_ms: simulated network round trip, in ms.
    rate_per_s: operations per second of an open-loop run; None sends as fast as the lane can.
    time_limit_s: seconds after which a trial is cut.
    """

    preset: str = "custom"
    target: str = "lite"
    operations: tuple[str, ...] = OPERATIONS
    lanes: tuple[str, ...] = LANES
    counts: tuple[int, ...] = (10, 100, 1000)
    repeats: int = 1
    warmup: int = 0
    dim: int = 768
    metric: str = "COSINE"
    consistency: str = "Strong"
    top_k: int = 3
    concurrency: int = 64
    batch_size: int = 100
    rtt_ms: int = 0
    rate_per_s: float | None = None
    seed: int = 7
    data: str = "tutorial"
    time_limit_s: float = 60.0

    def __post_init__(self) -> None:
        for name in _TUPLES:
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for check in (_check_choices, _check_numbers, _check_target, _check_available):
            check(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Plan:
        """A plan from its JSON form. Unknown names are ignored: newer records may have more.

        Raises PlanError naming the setting.
        """
        known = {field.name for field in fields(cls)}
        given = {name: value for name, value in values.items() if name in known}
        for name in _TUPLES:
            if name in given and not isinstance(given[name], list | tuple):
                raise PlanError(f"{name} is {given[name]!r}; give a list.")
        return cls(**given)

    def to_dict(self) -> dict[str, Any]:
        """The form in the record: tuples as lists."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

    @property
    def num_trials(self) -> int:
        return len(self.operations) * len(self.lanes) * len(self.counts) * self.repeats

    @property
    def longest_s(self) -> float:
        """The most seconds that measuring can take; filling and dropping collections comes on top."""
        return self.num_trials * self.time_limit_s


_TUPLES = ("operations", "lanes", "counts")

PRESETS: dict[str, dict[str, Any]] = {
    "tutorial": {},
    "quick": {"counts": (10, 50), "repeats": 3},
}


def preset_plan(preset: str, **changes: Any) -> Plan:
    """The plan of a preset, with `changes` to single settings.

    A change other than target and time limit makes it a "custom" plan. Raises PlanError.
    """
    if preset not in PRESETS:
        raise PlanError(f"preset is {preset!r}; available: {', '.join(PRESETS)}.")
    plan = Plan(preset=preset, **PRESETS[preset])
    changed = Plan.from_dict(plan.to_dict() | changes)
    as_in_preset = replace(changed, target=plan.target, time_limit_s=plan.time_limit_s)
    return changed if as_in_preset == plan else replace(changed, preset="custom")


def _check_choices(plan: Plan) -> None:
    known = {"preset": (*PRESETS, "custom"), "metric": METRICS, "consistency": CONSISTENCIES}
    for name, choices in known.items():
        value = getattr(plan, name)
        if value not in choices:
            raise PlanError(f"{name} is {value!r}; available: {', '.join(choices)}.")
    for name, choices in (("operations", OPERATIONS), ("lanes", (*LANES, *PLANNED_LANES))):
        values = getattr(plan, name)
        _check_list(name, values)
        for value in values:
            if value not in choices:
                available = LANES if name == "lanes" else choices
                raise PlanError(f"{name} has {value!r}; available: {', '.join(available)}.")
    if plan.data != "tutorial":
        raise PlanError(f"data is {plan.data!r}; available: tutorial.")


def _check_list(name: str, values: tuple[Any, ...]) -> None:
    if not values:
        raise PlanError(f"{name} is empty; give at least one.")
    if len(set(values)) < len(values):
        raise PlanError(f"{name} names one value twice: {', '.join(map(str, values))}.")


def _check_numbers(plan: Plan) -> None:
    _check_list("counts", plan.counts)
    for count in plan.counts:
        _check_int("counts", count, 1, MAX_COUNT)
    limits = {
        "repeats": (1, MAX_REPEATS),
        "warmup": (0, MAX_COUNT),
        "dim": (2, MAX_DIM),
        "top_k": (1, 16_384),
        "concurrency": (1, 4096),
        "batch_size": (1, 10_000),
        "rtt_ms": (0, 10_000),
        "seed": (0, 2**32 - 1),
    }
    for name, (low, high) in limits.items():
        _check_int(name, getattr(plan, name), low, high)
    limit = plan.time_limit_s
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 < limit <= MAX_TIME_LIMIT_S:
        raise PlanError(f"time_limit_s is {limit!r}; use seconds from above 0 to {MAX_TIME_LIMIT_S:.0f}.")


def _check_int(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise PlanError(f"{name} is {value!r}; use a whole number from {low} to {high}.")


def _check_target(plan: Plan) -> None:
    if plan.target == "lite":
        return
    try:
        target = Target.parse(str(plan.target), key="target")
    except ConfigError as exc:
        raise PlanError(str(exc)) from exc
    if target.label != plan.target:
        raise PlanError(
            "target carries credentials or a query; give the bare URI and the token apart from it."
        )


def _check_available(plan: Plan) -> None:
    for lane in plan.lanes:
        if lane in PLANNED_LANES:
            raise PlanError(f"lanes has {lane!r}, which is not available yet; available: {', '.join(LANES)}.")
    unavailable: dict[str, Callable[[], bool]] = {
        "warmup": lambda: plan.warmup > 0,
        "rtt_ms": lambda: plan.rtt_ms > 0,
        "rate_per_s": lambda: plan.rate_per_s is not None,
    }
    for name, is_asked in unavailable.items():
        if is_asked():
            raise PlanError(f"{name} is {getattr(plan, name)}, which is not available yet; leave it out.")

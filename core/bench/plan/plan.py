"""All settings of a run, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from core.bench.plan.conditions import SWEEPS, Case, cases_of, default_sweep_values
from core.bench.plan.constraints import (
    above_zero,
    check_list,
    check_of,
    check_whole,
    named,
    one_of,
    shown,
    some_of,
    whole,
    wholes,
)
from core.config.settings import Target
from core.errors import ConfigError, PlanError
from core.runtime.words import counted

# The last one puts a whole document into Milvus: read, chunked, embedded, inserted.
OPERATIONS = ("add", "search", "ingest")
LANES = ("sync", "sync-batch", "threads", "async", "async-bounded", "async-batch")
BATCH_LANES = ("sync-batch", "async-batch")
# Those that never have more than `concurrency` requests under way at once.
BOUNDED_LANES = ("threads", "async-bounded", "async-batch")
ASYNC_LANES = ("async", "async-bounded", "async-batch")
METRIC_TYPES = ("COSINE", "IP", "L2")
CONSISTENCIES = ("Strong", "Session", "Bounded", "Eventually")
# What a hit carries back: every field, vector included, as MilvusVectorStore asks; or the text alone.
FIELDS = ("all", "text")
INDEXES = ("FLAT", "HNSW", "IVF_FLAT", "AUTOINDEX")
# What is ingested where no document is given.
HANDBOOK = "handbook.md"
# Connecting and the first call of a kind: made and timed before the clock starts, or inside it.
FIRST_CALLS = ("apart", "included")
PRESET_NAMES = (
    "first-look", "tutorial", "quick", "ladder", "factor", "distance", "concurrency", "stall", "heartbeat",
    "ingest",
)  # fmt: skip

MAX_COUNT = 1_000_000
MAX_DIM = 32_768
MAX_REPEATS = 100
MAX_PROCESSES = 32
MAX_TIME_LIMIT_S = 3600.0
MAX_RTT_MS = 10_000
MAX_RATE_PER_S = 100_000.0
MAX_STALL_S = 60.0
MAX_TOP_K = 16_384
MAX_CONCURRENCY = 4096
MAX_BATCH_SIZE = 10_000
MAX_SEED = 2**32 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a run does. The defaults are the tutorial's settings.

    Attributes:
        target: "lite", or a URI without credentials.
        counts: Operations per trial; of an ingest the chunks of the document, which are known once it is
            read.
        repeats: Measured trials of every lane, with each count and in each case.
        warmup: Trials of every lane before those; recorded, marked, left out of figures.
        top_k: Hits per search.
        concurrency: Most requests under way at once, of the lanes that are bounded.
        batch_size: Operations per request of the batch lanes; also fills a collection before its searches.
        fields: "all" moves vectors as MilvusVectorStore does: every hit carries its own back, and every node
            writes its own into JSON twice before it is sent. "text" spares both; ids and rows are the same.
        index: How Milvus finds vectors; "FLAT" compares with every row, so that its hits are exact.
        rtt_ms: Simulated network round trip, in ms.
        rate_per_s: Arrivals per second of an open loop; None sends as fast as the lane can.
        stall_s: For how long the link is frozen in the middle of each trial.
        processes: Client processes that share the operations of a trial.
        sweep: One of `SWEEPS`.
        sweep_values: The values of the setting that it varies.
        data: "tutorial", "random", or the name of a knowledge base; of an ingest that of the document.
        first_calls: "apart" makes connections and first calls before the clock starts and says what they
            took. "included" measures as the tutorial's script does: every trial has clients of its own that
            have not connected, nothing was called before, and the async lanes come first.
        time_limit_s: Seconds after which a trial is cut.
    """

    preset: str = one_of("custom", (*PRESET_NAMES, "custom"))
    target: str = "lite"
    operations: tuple[str, ...] = some_of(("add", "search"), OPERATIONS)
    lanes: tuple[str, ...] = some_of(("sync", "async"), LANES)
    counts: tuple[int, ...] = wholes((10, 100, 1000), 1, MAX_COUNT)
    repeats: int = whole(1, 1, MAX_REPEATS)
    warmup: int = whole(0, 0, MAX_REPEATS)
    dim: int = whole(768, 2, MAX_DIM)
    metric: str = one_of("COSINE", METRIC_TYPES)
    consistency: str = one_of("Strong", CONSISTENCIES)
    top_k: int = whole(3, 1, MAX_TOP_K)
    concurrency: int = whole(64, 1, MAX_CONCURRENCY)
    batch_size: int = whole(100, 1, MAX_BATCH_SIZE)
    fields: str = one_of("all", FIELDS)
    index: str = one_of("FLAT", INDEXES)
    rtt_ms: int = whole(0, 0, MAX_RTT_MS)
    rate_per_s: float | None = above_zero(None, MAX_RATE_PER_S, "operations per second", without=None)
    stall_s: float = above_zero(0.0, MAX_STALL_S, "seconds", without=0.0)
    processes: int = whole(1, 1, MAX_PROCESSES)
    sweep: str = one_of("none", SWEEPS)
    sweep_values: tuple[int, ...] = ()
    seed: int = whole(7, 0, MAX_SEED)
    data: str = named("tutorial", "tutorial, random, or a knowledge base's name")
    first_calls: str = one_of("apart", FIRST_CALLS)
    time_limit_s: float = above_zero(60.0, MAX_TIME_LIMIT_S, "seconds")

    def __post_init__(self) -> None:
        for name in _TUPLES:
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not self.sweep_values and self.sweep in SWEEPS:
            object.__setattr__(self, "sweep_values", default_sweep_values(self.sweep))
        for setting in fields(self):
            if (check := check_of(setting)) is not None:
                check(setting.name, getattr(self, setting.name))
        _check_sweep_values(self)
        _check_target(self)
        _check_together(self)
        if self.is_ingest:
            _check_ingest(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Plan:
        """A plan from its JSON form. Unknown names are ignored: newer records may have more.

        Raises:
            PlanError: Naming the setting.
        """
        known = {field.name for field in fields(cls)}
        given = {name: value for name, value in values.items() if name in known}
        for name in _TUPLES:
            if name in given and not isinstance(given[name], list | tuple):
                raise PlanError(f"{name} is {shown(given[name])}; give a list.")
        return cls(**given)

    def to_dict(self) -> dict[str, Any]:
        """The form in the record: tuples as lists."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

    @property
    def cases(self) -> tuple[tuple[Case, tuple[str, ...]], ...]:
        """The conditions that are measured, each with its lanes; one of them without a sweep."""
        base = Case(consistency=self.consistency, rtt_ms=self.rtt_ms, concurrency=self.concurrency)
        return cases_of(self.sweep, base, self.lanes, self.sweep_values)

    @property
    def num_trials(self) -> int:
        """Warm-up included."""
        per_block = sum(len(lanes) for _, lanes in self.cases)
        return len(self.operations) * len(self.counts) * per_block * (self.repeats + self.warmup)

    @property
    def longest_s(self) -> float:
        """The most seconds that measuring can take; filling and dropping collections comes on top."""
        return self.num_trials * self.time_limit_s

    @property
    def needs_proxy(self) -> bool:
        """Whether any trial goes through the delay proxy; then all do, so that they can be compared."""
        return self.stall_s > 0 or any(case.rtt_ms > 0 for case, _ in self.cases)

    @property
    def resting_rtt_ms(self) -> int:
        """The simulated distance between the trials: that of all of them, 0 where they differ.

        A gRPC server learns from every round trip how much it may let a connection send ahead of its
        answers. On a link that is far only while it is measured it would learn from another link.
        """
        distances = {case.rtt_ms for case, _ in self.cases}
        return distances.pop() if len(distances) == 1 else 0

    @property
    def is_ingest(self) -> bool:
        """Whether a document is ingested; then nothing else is measured."""
        return "ingest" in self.operations

    @property
    def is_open_loop(self) -> bool:
        """Whether operations arrive at a rate of their own, whatever the server does."""
        return self.rate_per_s is not None

    def ops_per_request(self, lane: str, count: int) -> int:
        """Operations that one request of the lane carries."""
        return min(self.batch_size, count) if lane in BATCH_LANES else 1


def unit_of(operation: str) -> str:
    """What is counted of an operation, in the plural."""
    return "chunks" if operation == "ingest" else "operations"


def counted_operations(operation: str, count: int) -> str:
    """Such as "1 operation", "1,000 operations" or "36 chunks"."""
    return counted(count, unit_of(operation).removesuffix("s"))


def can_be_delayed(target: str) -> bool:
    """Whether the delay proxy can stand in front of the target: it could not answer for its TLS."""
    return target == "lite" or target.startswith("http://")


def whole_numbers(what: str, text: str, example: str) -> list[int]:
    """Whole numbers as people type them, parted by commas or semicolons.

    Args:
        what: Begins the sentence where it is none, such as "counts is".
        text: What was typed.
        example: How to write it, for the sentence.

    Raises:
        PlanError: When a part of the text is no whole number.
    """
    try:
        return [int(part) for part in text.replace(";", ",").split(",") if part.strip()]
    except ValueError as exc:
        raise PlanError(f"{what} {shown(text)}; write it as {example}.") from exc


_TUPLES = ("operations", "lanes", "counts", "sweep_values")


def _check_sweep_values(plan: Plan) -> None:
    low, high = (1, MAX_CONCURRENCY) if plan.sweep == "concurrency" else (0, MAX_RTT_MS)
    for value in plan.sweep_values:
        check_whole("sweep_values", value, low, high)
    if plan.sweep in {"distance", "concurrency"}:
        check_list("sweep_values", plan.sweep_values)


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
    if plan.needs_proxy and not can_be_delayed(plan.target):
        raise PlanError(
            f"{_proxied(plan)} needs a target without TLS: the delay proxy can't stand in for {plan.target}. "
            "Leave it out; a target that far away has a distance of its own."
        )


def _proxied(plan: Plan) -> str:
    return "stall_s" if plan.stall_s else "rtt_ms"


def _check_together(plan: Plan) -> None:
    if plan.sweep == "factor" and plan.lanes != ("sync", "async"):
        raise PlanError("lanes can't be chosen with sweep factor: its steps say which lanes they compare.")
    if plan.sweep == "blocking" and plan.operations != ("search",):
        raise PlanError("operations has to be search with sweep blocking: it blocks the loop with searches.")
    if plan.sweep == "blocking" and set(plan.lanes) - {"async", "async-bounded"}:
        raise PlanError("lanes has to be async or async-bounded with sweep blocking: it is about the loop.")
    if plan.rate_per_s is not None and set(plan.lanes) & set(BATCH_LANES):
        raise PlanError("rate_per_s is for single operations: leave the batch lanes out.")
    if plan.processes > 1 and plan.rate_per_s is not None:
        raise PlanError("rate_per_s needs processes to be 1: one clock sends the arrivals.")
    if plan.processes > 1 and plan.sweep == "blocking":
        raise PlanError("processes has to be 1 with sweep blocking: one loop is what it shows.")
    if plan.first_calls == "included" and (plan.warmup or plan.processes > 1):
        raise PlanError(
            "first_calls included needs warmup to be 0 and processes to be 1: a warm-up makes first calls."
        )
    if plan.processes > min(plan.counts):
        raise PlanError(f"processes is {plan.processes}, more than {min(plan.counts)} operations to share.")


# Settings that mean nothing to an ingest: how it goes in is the pipeline's own.
_NOT_OF_AN_INGEST = (
    "dim", "metric", "top_k", "concurrency", "batch_size", "fields", "index", "rate_per_s", "stall_s",
    "processes", "first_calls",
)  # fmt: skip


def _check_ingest(plan: Plan) -> None:
    if plan.operations != ("ingest",):
        raise PlanError("operations has ingest beside others: an ingest is measured alone.")
    if set(plan.lanes) - {"sync", "async"}:
        raise PlanError("lanes has to be sync or async with ingest: its steps overlap or they do not.")
    if plan.sweep not in {"none", "distance"}:
        raise PlanError(f"sweep is {plan.sweep!r}; an ingest can be swept over distance only.")
    if plan.consistency != "Session":
        raise PlanError("consistency has to be Session with ingest: knowledge bases have no other.")
    if len(plan.counts) > 1:
        raise PlanError("counts has several values; a document has as many chunks as it is cut into.")
    for setting in fields(plan):
        if setting.name in _NOT_OF_AN_INGEST and getattr(plan, setting.name) != setting.default:
            raise PlanError(f"{setting.name} means nothing to an ingest; leave it out.")

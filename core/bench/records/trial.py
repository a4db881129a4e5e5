"""The entries of a record: a trial and what it measured, a proof, a summary. Plain values.

Seconds everywhere; unknown is None, never 0. A field that an older record lacks gets its default, so
that old records stay readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from core.bench.plan.conditions import Case
from core.bench.records.plain_fields import get, plain_fields
from core.errors import RecordError
from core.ingest.timeline import STEPS, StepSpan

DEFAULT_CASE = Case()
# start_s and end_s, counted from the trial's start, and whether it succeeded.
Sample = tuple[float, float, bool]
# No number in a record is larger: such ones are no whole numbers any more, and overflow in a chart.
MOST = 2**53
# Operations under way for each one done, above which a cut trial says nothing of its speed.
MOST_OPEN_RATIO = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One lane, one operation, one count, one case, one repeat.

    Attributes:
        case: Consistency, distance, concurrency and blocking; flat in the file.
        is_warmup: Measured before the others and left out of every figure.
        ops_per_request: Operations that one request carries; above 1 for the batch lanes. num_ok, num_failed
            and count are operations; samples and latencies are requests.
        errors: Reason to how many operations.
        latency_s: p50, p95, p99 and max of the requests that succeeded.
        response_s: Percentiles from the intended send instead of the real one; open loop only.
        max_in_flight: Most requests under way at once.
        mean_in_flight: Requests under way on average; sampled apart from `samples`.
        client_cpu_ratio: Share of one core; above 1 when several threads or processes computed.
        machine_cpu_ratio: Share of all cores that the whole machine used meanwhile, 0 to 1.
        bounded_by: "server", "client CPU", "loop lag", "connection" or "distance"; of an ingest the step that
            was under way the longest, such as "embedding".
        littles_law_ratio: `mean_in_flight` over throughput times latency; near 1 when consistent.
        cut: Ended by the time limit or by Stop before all operations were done.
        num_cancelled: Operations issued but not finished when it was cut; the server may have done them.
        num_unsent: Operations of an open loop whose time had come but that could not be sent.
        projected_s: What all operations would have taken at the speed measured; only for cut trials, and None
            where too many were under way to tell.
        stall_s: (start, end) of the time in which the link was frozen.
        heartbeats_s: When the loop under test woke its pulse; only where that is what is shown.
        samples: (start_s, end_s, ok) of each request, counted from the trial's start; of an ingest, of each
            insert, which carries many chunks.
        intended_s: When each of `samples` should have been sent; open loop only.
        first_searchable_s: When the first chunks of an ingest could be found.
        spans: What was done when, of an ingest: reading, chunking, embedding, inserting, flushing.
    """

    operation: str
    lane: str
    count: int
    repeat: int
    elapsed_s: float
    num_ok: int
    num_failed: int
    case: Case = DEFAULT_CASE
    is_warmup: bool = False
    processes: int = 1
    ops_per_request: int = 1
    errors: dict[str, int] = field(default_factory=dict)
    latency_s: dict[str, float | None] = field(default_factory=dict)
    response_s: dict[str, float | None] = field(default_factory=dict)
    max_in_flight: int | None = None
    mean_in_flight: float | None = None
    client_cpu_ratio: float | None = None
    machine_cpu_ratio: float | None = None
    loop_lag_p99_s: float | None = None
    bounded_by: str | None = None
    littles_law_ratio: float | None = None
    cut: bool = False
    num_cancelled: int = 0
    num_unsent: int = 0
    projected_s: float | None = None
    stall_s: tuple[float, float] | None = None
    heartbeats_s: tuple[float, ...] = ()
    samples: tuple[Sample, ...] = ()
    intended_s: tuple[float, ...] = ()
    first_searchable_s: float | None = None
    spans: tuple[StepSpan, ...] = ()

    @property
    def has_speed(self) -> bool:
        """Whether what was done tells how fast it went.

        Of a cut trial's open operations nobody knows how much was done: the true time per operation lies
        between elapsed_s / (num_ok + num_cancelled) and elapsed_s / num_ok. Of a cut ingest nobody knows how
        far the other chunks were: reading takes its time once, and what is embedded is not in yet.
        """
        if self.cut and self.operation == "ingest":
            return False
        return self.num_ok > 0 and self.num_cancelled <= MOST_OPEN_RATIO * self.num_ok

    @property
    def ops_per_s(self) -> float | None:
        """Operations that succeeded per second."""
        return self.num_ok / self.elapsed_s if self.has_speed and self.elapsed_s > 0 else None

    @property
    def seconds_per_op(self) -> float | None:
        """None when it has no speed or something failed: failing fast is not being fast."""
        return self.elapsed_s / self.num_ok if self.has_speed and not self.num_failed else None

    @property
    def num_ok_requests(self) -> int:
        """Requests that succeeded, of which `latency_s` is."""
        return sum(ok for _, _, ok in self.samples) or -(-self.num_ok // max(1, self.ops_per_request))

    def to_dict(self) -> dict[str, Any]:
        """As the record's JSON has it, with the speed that is computed from it; `case` is flat."""
        # Not asdict for the long lists: it would copy every number of them.
        values = {name: getattr(self, name) for name in self.__slots__ if name != "case"}
        values |= asdict(self.case)
        values["samples"] = [list(sample) for sample in self.samples]
        values["stall_s"] = None if self.stall_s is None else list(self.stall_s)
        for name in ("heartbeats_s", "intended_s"):
            values[name] = list(values[name])
        values["spans"] = [asdict(span) for span in self.spans]
        # For who reads the file with another program; read again, it is computed anew.
        return values | {"ops_per_s": self.ops_per_s}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str, default_case: Case) -> Trial:
        """Read a trial.

        Args:
            values: As `to_dict` gives it; the computed speed is ignored.
            where: Its place in the record, for messages.
            default_case: The case of a trial from a record that was written before trials had their own.

        Raises:
            RecordError: When something is missing or of the wrong type.
        """
        stall = get(values, "stall_s", (list, type(None)), where, default=None)
        return cls(
            **plain_fields(cls, values, where),
            case=case_from(values, where, default_case),
            stall_s=None if stall is None else _pair(stall, f"{where}.stall_s"),
            samples=_samples(get(values, "samples", list, where, default=[]), where),
            heartbeats_s=_floats(values, "heartbeats_s", where),
            intended_s=_floats(values, "intended_s", where),
            spans=tuple(_span(item, place) for item, place in items(values, "spans", where)),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstCall:
    """What a process pays once, before the clock of any trial: for its lane's client and its kind of call.

    Attributes:
        connect_s: How long one more client of the lane's kind takes to connect.
        first_call_s: How long the lane's first call of this operation takes; the very first call of a process
            loads the most code.
    """

    operation: str
    lane: str
    connect_s: float
    first_call_s: float

    def to_dict(self) -> dict[str, Any]:
        """As the record's JSON has it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str) -> FirstCall:
        """The reverse of `to_dict`; `where` is its place in the record, for messages.

        Raises:
            RecordError: When something is missing or of the wrong type.
        """
        return cls(**plain_fields(cls, values, where))


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """One proof.

    Attributes:
        details: What was compared, such as expected and found; flat in the file.
    """

    name: str
    passed: bool
    details: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As the record's JSON has it: `details` lie flat beside name and result."""
        return {"name": self.name, "passed": self.passed, **self.details}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str) -> Proof:
        """The reverse of `to_dict`: all keys but name and result are `details`.

        Raises:
            RecordError: When name or result is missing or of the wrong type.
        """
        details = {name: value for name, value in values.items() if name not in {"name", "passed"}}
        name = get(values, "name", str, where)
        return cls(name=name, passed=get(values, "passed", bool, where), details=details)


class Verdict(StrEnum):
    """What a comparison of two lanes allows to say."""

    FASTER = "faster"
    SLOWER = "slower"
    NO_DIFFERENCE = "no detectable difference"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """How many times as fast as the baseline a lane was, at one count and in one case.

    Attributes:
        speedup: None when it can't be known; `reason` then says why.
        num_repeats: How many repeats of each lane it rests on; 0 in older records.
        ci95: None with fewer than three repeats.
        noise: Factor within which trials of one and the same lane agreed with each other (A/A); None with
            fewer than three repeats.
        verdict: A `Verdict`, or a text that this version does not know.
        is_projected: A cut trial is in it, so it rests on the operations that were done.
    """

    operation: str
    count: int
    lane: str
    baseline: str
    speedup: float | None
    ci95: tuple[float, float] | None
    case: Case = DEFAULT_CASE
    num_repeats: int = 0
    noise: float | None = None
    verdict: str = Verdict.UNKNOWN
    is_projected: bool = False
    reason: str = ""

    @property
    def is_no_difference(self) -> bool:
        """Whether the lanes can't be told from each other; an older row has an interval but no verdict."""
        if self.verdict == Verdict.UNKNOWN and self.ci95 is not None:
            return self.ci95[0] <= 1 <= self.ci95[1]
        return self.verdict == Verdict.NO_DIFFERENCE

    def to_dict(self) -> dict[str, Any]:
        """As the record's JSON has it; `case` is flat."""
        values = asdict(self)
        case = values.pop("case")
        return values | case | {"ci95": None if self.ci95 is None else list(self.ci95)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str, default_case: Case) -> Summary:
        """The reverse of `to_dict`; `default_case` is that of a record whose summaries have none.

        Raises:
            RecordError: When something is missing or of the wrong type.
        """
        interval = get(values, "ci95", (list, type(None)), where, default=None)
        return cls(
            **plain_fields(cls, values, where),
            ci95=None if interval is None else _pair(interval, f"{where}.ci95"),
            case=case_from(values, where, default_case),
        )


def case_from(values: Mapping[str, Any], where: str, default: Case) -> Case:
    """The case that is flat in an entry; what it lacks is the default's."""
    return Case(
        consistency=get(values, "consistency", str, where, default=default.consistency),
        rtt_ms=get(values, "rtt_ms", int, where, default=default.rtt_ms),
        concurrency=get(values, "concurrency", int, where, default=default.concurrency),
        blocking=get(values, "blocking", str, where, default=default.blocking),
    )


def items(values: Mapping[str, Any], name: str, where: str = "") -> list[tuple[Mapping[str, Any], str]]:
    """The objects of a list, each with its place for messages.

    Raises:
        RecordError: When it is no list, or one of them is no object.
    """
    found = get(values, name, list, where or "run", default=[])
    places = [f"{where}.{name}[{i}]" if where else f"{name}[{i}]" for i in range(len(found))]
    for item, place in zip(found, places, strict=True):
        if not isinstance(item, dict):
            raise RecordError(f"The record's {place} is not an object.")
    return list(zip(found, places, strict=True))


def _span(values: Mapping[str, Any], where: str) -> StepSpan:
    span = StepSpan(**plain_fields(StepSpan, values, where))
    if span.step not in STEPS:
        raise RecordError(f"The record's {where} is a step that this version does not know.")
    if not 0 <= span.start_s <= span.end_s <= MOST or not 0 <= span.num_chunks <= MOST:
        raise RecordError(f"The record's {where} has a time that can't be.")
    return span


def _samples(values: list[Any], where: str) -> tuple[Sample, ...]:
    try:
        samples = tuple([(float(start), float(end), bool(ok)) for start, end, ok in values])
        _refuse_endless(sum([abs(start) + abs(end) for start, end, _ in samples]))
        if any(end < start for start, end, _ in samples):
            raise ValueError("a request that ends before it begins")
        return samples
    except (TypeError, ValueError) as exc:
        raise RecordError(f"The record's {where}.samples are not triples of start, end and ok.") from exc


def _floats(values: Mapping[str, Any], name: str, where: str) -> tuple[float, ...]:
    try:
        numbers = tuple(map(float, get(values, name, list, where, default=[])))
        _refuse_endless(sum(map(abs, numbers)))
        return numbers
    except (TypeError, ValueError) as exc:
        raise RecordError(f"The record's {where}.{name} are not numbers.") from exc


def _pair(values: list[Any], where: str) -> tuple[float, float]:
    try:
        first, second = map(float, values)
        _refuse_endless(abs(first) + abs(second))
    except (TypeError, ValueError) as exc:
        raise RecordError(f"The record's {where} is not a pair of numbers.") from exc
    return first, second


def _refuse_endless(total: float) -> None:
    """Refuse a sum that holds no number, or one that no time has.

    "nan" as a text is a number to `float`, and can't be written again; in milliseconds, 1e308 s is endless.

    Raises:
        ValueError: When it is one of these.
    """
    if not total <= MOST:
        raise ValueError("no number, or too large a one")

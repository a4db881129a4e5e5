"""What each recorded run is kept for, as sentences that its record has to bear out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.bench.analysis.stats import latency_figures
from core.bench.analysis.steps import typical
from core.bench.analysis.sweeps import factor_rows, knee, longest_gap_s, throughputs
from core.bench.plan.conditions import TUTORIAL_RTT_MS
from core.bench.plan.plan import BATCH_LANES
from core.bench.records.run import Run
from core.ingest.timeline import busy_by_step, busy_s

# Trials of one lane that differ by more were disturbed.
MOST_NOISE = 2.5
MIN_BYTES, MAX_BYTES = 10_000, 160_000
# A claim's sentence, and whether the record bears it out.
Claim = tuple[str, bool]


def broken_claims(name: str, run: Run) -> list[str]:
    """The sentences that a record does not bear out; none for one that is good."""
    if run.status != "complete" or not run.measured:
        return [f"it is complete: it is {run.status}. {run.note}"]
    return [sentence for sentence, holds in [*_sound(run), *CLAIMS[name](run)] if not holds]


def _sound(run: Run) -> Iterator[Claim]:
    """What every record has to be."""
    yield "no trial was cut", not any(trial.cut for trial in run.trials)
    yield "no operation failed", run.num_failed == 0
    yield "every check passed", bool(run.checks) and all(check.passed for check in run.checks)
    yield "it says which machine measured it", bool(run.environment.get("cpu"))


def _faster(run: Run, operation: str, lane: str, count: int) -> Iterator[Claim]:
    row = run.summary_of(operation, lane, count)
    is_faster = row is not None and row.ci95 is not None and row.ci95[0] > 1
    yield f"{lane} {operation} is faster than its baseline beyond noise", is_faster
    # A batch lane has few requests: one late one is much of its time.
    if lane not in BATCH_LANES:
        is_calm = row is not None and row.noise is not None and row.noise <= MOST_NOISE
        yield f"trials of {lane} {operation} differ by {MOST_NOISE}x at most", is_calm


def _tutorial(run: Run) -> Iterator[Claim]:
    for operation in ("add", "search"):
        yield from _faster(run, operation, "async", 100)
    row = run.summary_of("search", "async", 100)
    yield "100 searches at once are 5 times as fast", row is not None and (row.speedup or 0) >= 5
    yield (
        "10 searches have their samples",
        all(trial.samples for lane in ("sync", "async") for trial in run.trials_of("search", lane, 10)),
    )


def _ladder(run: Run) -> Iterator[Claim]:
    for operation in ("add", "search"):
        (count,) = run.counts_of(operation)
        yield from _faster(run, operation, "async", count)
        yield from _faster(run, operation, "async-batch", count)
        yield f"all six lanes were measured, {operation}", len(run.lanes_of(operation)) == 6


def _factor(run: Run) -> Iterator[Claim]:
    rows = [row for _, row in factor_rows(run, "search", run.plan.counts[-1])]
    factors = [row.speedup for row in rows if row is not None and row.speedup]
    yield "every step has its factor", len(factors) == len(rows) == 6
    if not factors:
        return
    first = rows[0]
    yield (
        "as in the tutorial, async is faster beyond noise",
        first is not None and first.ci95 is not None and first.ci95[0] > 1,
    )
    yield "as in the tutorial, async is 5 times as fast", factors[0] >= 5
    yield "of that, less than a third is left at the end", factors[-1] < factors[0] / 3


def _distance(run: Run) -> Iterator[Claim]:
    count = run.plan.counts[-1]
    rows = {case.rtt_ms: run.summary_of("search", "async", count, case) for case in run.cases}
    near, far = rows[0], [row for rtt_ms, row in rows.items() if rtt_ms >= TUTORIAL_RTT_MS]
    yield "without distance, async is less than 2 times as fast", near is not None and (near.speedup or 0) < 2
    yield (
        "from 60 ms on, async is faster beyond noise",
        bool(far) and all(row is not None and row.ci95 is not None and row.ci95[0] > 1 for row in far),
    )
    yield "it was measured on Milvus Lite", run.plan.target == "lite"


def _concurrency(run: Run) -> Iterator[Claim]:
    count = run.plan.counts[-1]
    points = throughputs(run, "search", "async-bounded", count)
    at = knee(points)
    rates = dict(points)
    yield "more at once do 1.5 times as much, up to the knee", at is not None and rates[at] >= 1.5 * rates[1]
    yield "the knee is not at the end", at is not None and at < max(rates)
    waits = {}
    for case in run.cases:
        samples = [
            sample
            for trial in run.trials_of("search", "async-bounded", count, case)
            for sample in trial.samples
        ]
        waits[case.concurrency] = latency_figures(samples)["p50"] or 0.0
    yield "at the end one request waits 3 times as long", waits[max(waits)] >= 3 * waits[1] > 0


def _stall(run: Run) -> Iterator[Claim]:
    trials = [trial for trial in run.measured if trial.lane == "sync"]
    yield "the link was frozen in each trial", bool(trials) and all(trial.stall_s for trial in trials)
    yield (
        "from when it should have been sent, a request waits 3 times as long",
        all((t.response_s["p99"] or 0) >= 3 * (t.latency_s["p99"] or 1) for t in trials),
    )


def _heartbeat(run: Run) -> Iterator[Claim]:
    longest_s: dict[str, float] = {}
    for trial in run.measured:
        gap_s = longest_gap_s(trial) if trial.heartbeats_s else None
        if gap_s is not None:
            longest_s[trial.case.blocking] = max(gap_s, longest_s.get(trial.case.blocking, 0.0))
    yield "all three ways were measured", set(longest_s) == {"", "blocking", "to-thread"}
    blocked = longest_s.get("blocking", 0.0)
    others = [gap_s for blocking, gap_s in longest_s.items() if blocking != "blocking"]
    yield "blocked, the loop stands still for 0.25 s", blocked >= 0.25
    yield "otherwise its longest gap is less than a third of that", max(others, default=blocked) < blocked / 3


def _ingest(run: Run) -> Iterator[Claim]:
    count = max(run.counts_of("ingest"), default=0)
    overlaps_s = {}
    for lane in ("sync", "async"):
        trial = typical(run.trials_of("ingest", lane, count))
        yield f"the steps of {lane} were noted", trial is not None
        if trial is not None:
            overlaps_s[lane] = sum(busy_by_step(trial.spans).values()) - busy_s(trial.spans)
    is_overlapped = len(overlaps_s) == 2 and overlaps_s["async"] > 10 * overlaps_s["sync"]
    yield "async overlaps its steps, and sync does not", is_overlapped
    row = run.summary_of("ingest", "async", count)
    yield "async is not slower beyond noise", row is not None and row.ci95 is not None and row.ci95[1] >= 1


CLAIMS: dict[str, Callable[[Run], Iterator[Claim]]] = {
    "tutorial": _tutorial,
    "ladder": _ladder,
    "factor": _factor,
    "distance": _distance,
    "concurrency": _concurrency,
    "stall": _stall,
    "heartbeat": _heartbeat,
    "ingest": _ingest,
}

"""What a measurement of both ways says, in sentences that its figures support."""

from __future__ import annotations

from core.ingest.comparison.result import BothWays
from core.ingest.timeline import busy_by_step, busy_s

STEP_NAMES = {
    "read": "Reading",
    "chunk": "Chunking",
    "embed": "Embedding",
    "insert": "Inserting",
    "flush": "Flushing",
}
# Less than this is within what two runs differ by anyway.
NO_DIFFERENCE = 1.05
SMALL_FACTOR = 1.5


def headline(result: BothWays) -> str:
    """The finding in one sentence, with the factor."""
    sync_s, async_s = result.median_s("sync"), result.median_s("async")
    times = f"searchable after {_seconds(async_s)} instead of {_seconds(sync_s)}"
    if result.factor >= NO_DIFFERENCE:
        return f"Async is {result.factor:.2f} times as fast: {times}"
    if result.factor <= 1 / NO_DIFFERENCE:
        return f"Async is slower here, {1 / result.factor:.2f} times: {times}"
    return f"No difference that one could tell: {times}"


def conditions(result: BothWays) -> str:
    """Under what it was measured."""
    order = ", ".join(run.way for run in result.runs)
    cores = f"{result.cores} core" if result.cores == 1 else f"{result.cores} cores"
    return (
        f"{result.num_chunks:,} chunks · target {result.target} · {cores} · model warm before both · "
        f"measured in this order: {order}"
    )


def check(result: BothWays) -> str:
    """Whether both did the same work."""
    if result.has_same_ids:
        return f"Both ways ended with the same {result.num_chunks:,} chunks (identical ids)."
    return "The two ways ended with different chunks: do not trust these times."


def reasons(result: BothWays) -> str:
    """Where the factor came from: what overlapped, what got faster by itself, what bounds it."""
    sync, overlapped = result.typical("sync"), result.typical("async")
    before, after = busy_by_step(sync.spans), busy_by_step(overlapped.spans)
    hidden_s = sum(after.values()) - busy_s(overlapped.spans)
    bound = max(after, key=lambda step: after[step])
    share = min(1.0, after[bound] / overlapped.elapsed_s)
    sentences = [
        f"Async had {_seconds(hidden_s)} of its work under way at the same time as other work; "
        "sync did everything in turn.",
        f"{STEP_NAMES[bound]} was under way for {share:.0%} of the async time, so it sets the pace.",
    ]
    if result.parallel > 1 and before["embed"] > after["embed"] * NO_DIFFERENCE:
        sentences.append(
            f"Embedding itself took {_seconds(after['embed'])} instead of {_seconds(before['embed'])}: "
            f"{result.parallel} batches side by side use the cores better than one batch that is spread "
            "over all of them."
        )
    if result.factor < SMALL_FACTOR and bound == "embed":
        sentences.append(
            "The factor is small because embedding here is computing, and async does not make computing "
            "faster. What it overlaps is waiting: with Milvus on another machine there is more of that."
        )
    if len(result.runs) == len(("sync", "async")):
        sentences.append(
            "Each way ran once, so what else the machine did meanwhile is in these times: take 3 runs or "
            "more before you quote them."
        )
    return " ".join(sentences)


def _seconds(time_s: float) -> str:
    return f"{time_s:.2f} s" if time_s < 10 else f"{time_s:.1f} s"

"""Where the time of an ingest went: which steps overlapped, which sets the pace, and what that explains."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from core.bench.records.run import Run
from core.bench.records.trial import Trial
from core.ingest.timeline import busy_by_step, busy_s

STEP_NAMES = {
    "read": "Reading",
    "chunk": "Chunking",
    "embed": "Embedding",
    "insert": "Inserting",
    "flush": "Flushing",
}
# Less than this is within what two trials differ by anyway.
LEAST_GAIN = 1.05
SMALL_FACTOR = 1.5
# A step that is under way for less of the time leaves as much of it to others.
PACE_SHARE = 0.5


def typical(trials: Sequence[Trial]) -> Trial | None:
    """The trial whose time is nearest to the median: the one to show. None where none noted its steps."""
    known = [trial for trial in trials if trial.spans]
    if not known:
        return None
    median_s = statistics.median(trial.elapsed_s for trial in known)
    return min(known, key=lambda trial: abs(trial.elapsed_s - median_s))


def reasons(run: Run) -> str | None:
    """Where the factor came from, in the furthest case: what overlapped, what got faster by itself, what
    bounds it. None where not both lanes were measured to the end: there is no factor then.
    """
    count, case = max(run.counts_of("ingest"), default=0), run.cases[-1] if run.cases else None
    sync, overlapped = (typical(run.trials_of("ingest", lane, count, case)) for lane in ("sync", "async"))
    if sync is None or overlapped is None or sync.cut or overlapped.cut:
        return None
    before, after = busy_by_step(sync.spans), busy_by_step(overlapped.spans)
    bound = max(after, key=lambda step: after[step])
    share = min(1.0, after[bound] / overlapped.elapsed_s)
    sentences = [
        f"Async had {_seconds(sum(after.values()) - busy_s(overlapped.spans))} of its work under way at the "
        "same time as other work; sync did everything in turn.",
        f"{STEP_NAMES[bound]} was under way for {100 * share:.0f} % of the async time"
        + (", so it sets the pace." if share >= PACE_SHARE else ", the longest of all steps."),
    ]
    parallel = run.environment.get("parallel_batches")
    embed_s = before.get("embed", 0.0), after.get("embed", 0.0)
    num_batches = sum(span.step == "embed" for span in overlapped.spans)
    is_parallel = isinstance(parallel, int) and min(parallel, num_batches) > 1
    if is_parallel and embed_s[0] > embed_s[1] * LEAST_GAIN:
        sentences.append(
            f"Embedding itself took {_seconds(embed_s[1])} instead of {_seconds(embed_s[0])}: {parallel} "
            "batches side by side use the cores better than one batch that is spread over all of them."
        )
    if sync.elapsed_s < SMALL_FACTOR * overlapped.elapsed_s and bound == "embed":
        sentences.append(
            "There is little to gain because embedding here is computing, and async does not make computing "
            "faster. What it overlaps is waiting: with Milvus on another machine there is more of that."
        )
    return " ".join(sentences)


def _seconds(time_s: float) -> str:
    return f"{time_s:.2f} s" if time_s < 10 else f"{time_s:.1f} s"

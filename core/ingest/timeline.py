"""For how long each step of a file's way in was under way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# In their order. "flush" makes what was inserted fast to search; only Milvus Lite has it.
STEPS = ("read", "chunk", "embed", "insert", "flush")


@dataclass(frozen=True, kw_only=True, slots=True)
class StepSpan:
    """One stretch of work on one file. Times in s since the ingest's start.

    Attributes:
        num_chunks: How many chunks it was about; 0 where it was about the whole file.
    """

    step: str
    start_s: float
    end_s: float
    num_chunks: int = 0

    @property
    def length_s(self) -> float:
        """Seconds from its start to its end."""
        return self.end_s - self.start_s


def busy_s(spans: Iterable[StepSpan]) -> float:
    """For how long at least one of the spans was under way, in s: those at the same time count once."""
    total_s, until_s = 0.0, float("-inf")
    for span in sorted(spans, key=lambda span: span.start_s):
        total_s += max(0.0, span.end_s - max(span.start_s, until_s))
        until_s = max(until_s, span.end_s)
    return total_s


def busy_by_step(spans: Iterable[StepSpan]) -> dict[str, float]:
    """`busy_s` of each step that there was, in the order of `STEPS`."""
    spans = tuple(spans)
    found = {step: [span for span in spans if span.step == step] for step in STEPS}
    return {step: busy_s(own) for step, own in found.items() if own}

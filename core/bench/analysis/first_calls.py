"""What a process pays once, in words: connecting and first calls, beside figures that leave them out."""

from __future__ import annotations

from core.bench.records.run import Run
from core.bench.records.trial import FirstCall

INCLUDED = (
    "First calls included, as in the tutorial's script: connecting, and what a first call loads, "
    "are inside the clock of each trial."
)
MOST_NAMED = 4


def first_calls_words(run: Run) -> str:
    """One sentence in plain text; "" where they were inside the clock, or nobody knows."""
    calls = run.first_calls
    if not calls:
        return ""
    return f"Before the clock, in none of these times: {_connecting(calls)}, {_calls(calls)}."


def _connecting(calls: tuple[FirstCall, ...]) -> str:
    found = {call.lane.startswith("async"): call.connect_s for call in calls}
    if len(found) == 1:
        return f"connecting {_s(*found.values())}"
    return f"connecting {_s(found[False])} (an async client {_s(found[True])})"


def _calls(calls: tuple[FirstCall, ...]) -> str:
    if len(calls) > MOST_NAMED:
        times = [call.first_call_s for call in calls]
        longest = max(calls, key=lambda call: call.first_call_s)
        whose = f"the longest: {longest.lane} {longest.operation}"
        return f"first calls {_s(min(times))} to {_s(max(times))} ({whose})"
    return ", ".join(f"first call of {call.lane} {call.operation} {_s(call.first_call_s)}" for call in calls)


def _s(value_s: float) -> str:
    return f"{value_s:.2f} s" if value_s >= 0.01 else f"{value_s:.3f} s"

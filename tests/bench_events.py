"""The events of a run that goes on: one of them, and who listens to them as its `emit`."""

from __future__ import annotations

from typing import Any


class Events:
    """Keeps what is emitted, by whichever thread."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any]) -> None:
        self.seen.append(event)


class ClosedPipe:
    """A reader that is gone after the first trial."""

    def __call__(self, event: dict[str, Any]) -> None:
        if event["event"] == "trial":
            raise BrokenPipeError


def progress_event(**changes: Any) -> dict[str, Any]:
    """A trial of 10 adds, of which 4 are done and one has failed, after 2 s."""
    return {
        "event": "progress",
        "operation": "add",
        "lane": "sync",
        "count": 10,
        "repeat": 0,
        "is_warmup": False,
        "done": 4,
        "failed": 1,
        "elapsed_s": 2.0,
        "ops_per_s": 1.5,
        "trial": 1,
        "num_trials": 4,
    } | changes

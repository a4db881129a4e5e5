"""Who listens to a run that goes on, as its `emit`."""

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

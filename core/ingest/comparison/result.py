"""What comes of ingesting one document both ways."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Literal

from core.ingest.timeline import StepSpan

Way = Literal["sync", "async"]


@dataclass(frozen=True, kw_only=True, slots=True)
class WayRun:
    """One ingest in one way. Times in s from its start.

    elapsed_s: until the whole file is searchable. first_searchable_s: until its first chunks are.
    """

    way: Way
    elapsed_s: float
    first_searchable_s: float
    spans: tuple[StepSpan, ...]
    ids: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class BothWays:
    """What was measured.

    runs: in the order in which they were measured.
    cores: of the machine. parallel: batches that the pipeline embeds at once.
    """

    file: str
    target: str
    model: str
    cores: int
    parallel: int
    runs: tuple[WayRun, ...]

    @property
    def num_chunks(self) -> int:
        return len(self.runs[0].ids)

    @property
    def has_same_ids(self) -> bool:
        """Whether every run ended with the same chunks."""
        return all(run.ids == self.runs[0].ids for run in self.runs)

    @property
    def factor(self) -> float:
        """The median time of the sync runs by that of the async runs."""
        return self.median_s("sync") / self.median_s("async")

    def median_s(self, way: Way) -> float:
        """The median time of one way's runs, in s."""
        return statistics.median(run.elapsed_s for run in self.runs if run.way == way)

    def typical(self, way: Way) -> WayRun:
        """The run whose time is nearest to the median: the one to draw."""
        median_s = self.median_s(way)
        return min(
            (run for run in self.runs if run.way == way), key=lambda run: abs(run.elapsed_s - median_s)
        )

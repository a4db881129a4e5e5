"""Runs that come with Overlap: measured by itself, so that there is something to show before anything was.

Each lies beside this file as `NAME.json`, an ordinary record with the command that made it as its comment;
`deploy/record_runs.py` makes them anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from core.bench.records.archive import Listed, list_runs, load_run
from core.bench.records.run import Run

FOLDER = Path(__file__).parent
LITE = "lite"


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """One of them.

    Attributes:
        name: Its file's, without suffix.
        title: As pages call it.
        shows: What it is kept for.
        flags: What `python -m core bench` was given, all but the target.
        is_on_lite: On Milvus Lite, not on a real server.
    """

    name: str
    title: str
    shows: str
    flags: tuple[str, ...]
    is_on_lite: bool = False

    @property
    def path(self) -> Path:
        """Its file, which need not be there: only what was recorded already is in the package."""
        return FOLDER / f"{self.name}.json"

    def command(self, target: str) -> str:
        """What makes it, as it is typed.

        Args:
            target: The server's address.
        """
        return " ".join(
            ["python -m core bench", *self.flags, "--target", LITE if self.is_on_lite else target]
        )


# Counts and repeats are such that no trial is cut, that an interval says something, and that all of them
# are measured in some minutes: with Strong consistency a search waits some 200 ms for the server's clock.
RECORDINGS = (
    Recording(
        name="tutorial",
        title="Tutorial",
        shows="one call after another against all at once, with the tutorial's own settings",
        flags=("--preset", "tutorial", "--counts", "10,100", "--repeats", "5"),
    ),
    Recording(
        name="ladder",
        title="Ladder",
        shows="all six ways to run the same operations",
        flags=("--preset", "ladder", "--counts", "80", "--warmup", "0", "--consistency", "Bounded"),
    ),
    Recording(
        name="factor",
        title="Factor",
        shows="where the tutorial's factor comes from, one change at a time",
        flags=("--preset", "factor", "--counts", "50", "--batch-size", "10", "--warmup", "0"),
    ),
    Recording(
        name="distance",
        title="Distance",
        shows="nothing to gain without distance, much to gain far away",
        flags=("--preset", "distance", "--counts", "20"),
        is_on_lite=True,
    ),
    Recording(
        name="concurrency",
        title="Concurrency",
        shows="the knee, and what more requests at once cost a single one",
        flags=(
            *("--preset", "concurrency", "--counts", "200", "--repeats", "3"),
            *("--lanes", "async-bounded", "--sweep-values", "1,2,4,8,16,32,64,128", "--warmup", "0"),
        ),
    ),
    Recording(
        name="stall",
        title="Stall",
        shows="what a closed loop hides of a link that freezes",
        flags=("--preset", "stall", "--repeats", "3"),
    ),
    Recording(
        name="heartbeat",
        title="Heartbeat",
        shows="an event loop that something blocks",
        flags=("--preset", "heartbeat", "--consistency", "Bounded", "--repeats", "3"),
    ),
    Recording(
        name="ingest",
        title="Ingest",
        shows="a document on its way into Milvus, step by step and overlapped",
        flags=("--preset", "ingest"),
    ),
)


def list_recorded() -> list[Listed]:
    """Those that are there, without samples, in the order of `RECORDINGS`."""
    found = {one.path.stem: one for one in list_runs(FOLDER)}
    return [found[each.name] for each in RECORDINGS if each.name in found and found[each.name].run]


def recorded_run(name: str) -> Run | None:
    """The recorded run of that name, whole; None where it is not there.

    Raises:
        RecordError: When its file can't be read.
    """
    path = FOLDER / f"{name}.json"
    return _whole(path, path.stat().st_mtime_ns) if path.exists() else None


# All of them are kept: a talk goes to and fro among them, and they are small.
@lru_cache(maxsize=len(RECORDINGS))
def _whole(path: Path, changed_ns: int) -> Run:
    return load_run(path)


def is_recorded(run: Run) -> bool:
    """Whether it is one of those that come with Overlap."""
    return run.id in _ids()


# Asked of each run of a list; what comes with Overlap does not change while it runs.
@cache
def _ids() -> frozenset[str]:
    return frozenset(one.run.id for one in list_recorded() if one.run is not None)

"""A benchmark in turns: while something else goes on beside it, and while that is held still."""

from __future__ import annotations

import asyncio
import json
import math
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.performance.report import ratio_interval

# With the usual 3 repeats a median moves by a tenth from run to run, which hides what is looked for.
PLAN = ("--preset", "tutorial", "--counts", "100", "--repeats", "15", "--warmup", "1")
# What has begun comes to its end, or is in full swing again.
SETTLE_S = 15.0
# Operation and lane, with the logarithm of time beside / time alone of each pair of turns.
Changes = dict[tuple[str, str], list[float]]


def command(*args: str, data_dir: Path) -> str:
    """What `python -m core` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "core", *args],
        env={**os.environ, "OVERLAP_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


async def in_turns(go: asyncio.Event, data_dir: Path, *, pairs: int) -> Changes:
    """Run the benchmark with `go` set and cleared, in turns, each side first every second time."""
    changes: Changes = {}
    for number in range(pairs):
        times: dict[bool, dict[tuple[str, str], float]] = {}
        for is_beside in (False, True) if number % 2 else (True, False):
            go.set() if is_beside else go.clear()
            await asyncio.sleep(SETTLE_S)
            times[is_beside] = medians(json.loads(await asyncio.to_thread(_bench, data_dir)))
        for key, alone_s in times[False].items():
            changes.setdefault(key, []).append(math.log(times[True][key] / alone_s))
    go.set()
    return changes


def _bench(data_dir: Path) -> str:
    return command("bench", *PLAN, "--json", data_dir=data_dir)


def medians(record: dict[str, Any]) -> dict[tuple[str, str], float]:
    """The median time of each operation and lane, in s."""
    times: dict[tuple[str, str], list[float]] = {}
    for trial in record["trials"]:
        if not trial.get("is_warmup"):
            times.setdefault((trial["operation"], trial["lane"]), []).append(trial["elapsed_s"])
    return {key: statistics.median(values) for key, values in times.items()}


def check_changes(changes: Changes, most: float) -> bool:
    """Whether each figure's change surely lies within `most`, a share; prints all, also what is undecided."""
    outcomes = []
    for (operation, lane), logs in sorted(changes.items()):
        low, high = (ratio - 1 for ratio in ratio_interval(logs))
        if -most <= low and high <= most:
            outcome = "ok    "
        elif low > most or high < -most:
            outcome = "MISSED"
        else:
            outcome = "UNDECIDED, more pairs are needed:"
        change = math.expm1(statistics.fmean(logs))
        print(
            f"{outcome} change of {operation} {lane}: {change:+.1%} ({low:+.1%} to {high:+.1%}, "
            f"{len(logs)} pairs; goal: at most {most:.0%})"
        )
        outcomes.append(outcome)
    return all(outcome.startswith("ok") for outcome in outcomes)

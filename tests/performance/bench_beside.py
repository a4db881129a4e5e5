"""A benchmark whose trials run in turns: while other processes work beside it, and while they are held still.

Two runs of the same plan, one after the other and with nothing beside them, differ by a fifth and more on a
machine whose speed is not its own; two neighbouring trials do not. So the others are stopped and continued
within one run, every second repeat.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import psutil

from tests.performance.report import ratio_interval

# As many repeats each way, with the others first in every second run.
REPEATS = 32
TRIALS_PER_OPERATION = 2 * (REPEATS + 1)  # both lanes, and the warm-up
PLAN = ("--preset", "tutorial", "--counts", "100", "--repeats", str(REPEATS), "--warmup", "1")
# Operation and lane, with the logarithm of time beside / time alone of each run.
Changes = dict[tuple[str, str], list[float]]


def command(*args: str, data_dir: Path) -> str:
    """What `python -m core` prints."""
    done = subprocess.run(_argv(*args), env=_environ(data_dir), capture_output=True, text=True, check=True)
    return done.stdout


def _argv(*args: str) -> list[str]:
    return [sys.executable, "-m", "core", *args]


def _environ(data_dir: Path) -> dict[str, str]:
    return {**os.environ, "OVERLAP_DATA_DIR": str(data_dir)}


def in_turns(others: Callable[[], Sequence[psutil.Process]], data_dir: Path, *, runs: int) -> Changes:
    """Run the benchmark, with the other processes stopped in every second pair of repeats.

    What comes in for them meanwhile they do afterwards: they get half as much as usual for the same load.
    They go on when this returns or raises.
    """
    changes: Changes = {}
    for run in range(runs):
        try:
            record = _bench(others, data_dir, run)
        finally:
            _hold(others(), is_held=False)
        beside, alone = (medians(record, run, is_beside=side) for side in (True, False))
        for key, alone_s in alone.items():
            changes.setdefault(key, []).append(math.log(beside[key] / alone_s))
    return changes


def _bench(others: Callable[[], Sequence[psutil.Process]], data_dir: Path, run: int) -> dict[str, Any]:
    num_done = 0
    # A file: a pipe would be full before its other end is read.
    with TemporaryFile("w+", encoding="utf-8") as printed:
        process = subprocess.Popen(
            _argv("bench", *PLAN, "--json"),
            env=_environ(data_dir),
            stdout=printed,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        for line in process.stderr:
            # "12/132 add sync 100/100 in 0.3 s, 371/s": the next trial is about to begin.
            if line.startswith(f"{num_done + 1}/"):
                num_done += 1
                repeat = num_done % TRIALS_PER_OPERATION // 2 - 1
                _hold(others(), is_held=not _is_beside(repeat, run))
        if process.wait() != 0:
            raise RuntimeError(f"the benchmark ended with {process.returncode}")
        printed.seek(0)
        record: dict[str, Any] = json.load(printed)
    if num_done != len(record["trials"]):
        raise RuntimeError(f"{num_done} of {len(record['trials'])} trials were seen to end")
    return record


def _is_beside(repeat: int, run: int) -> bool:
    """repeat: from 0; the warm-up is -1."""
    return (repeat // 2 + run) % 2 == 0


def _hold(processes: Sequence[psutil.Process], *, is_held: bool) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.suspend() if is_held else process.resume()


def medians(record: dict[str, Any], run: int, *, is_beside: bool) -> dict[tuple[str, str], float]:
    """The median time of each operation and lane of one side, in s."""
    times: dict[tuple[str, str], list[float]] = {}
    for trial in record["trials"]:
        if not trial["is_warmup"] and _is_beside(trial["repeat"], run) == is_beside:
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
            outcome = "UNDECIDED, more runs are needed:"
        change = math.expm1(statistics.fmean(logs))
        print(
            f"{outcome} change of {operation} {lane}: {change:+.1%} ({low:+.1%} to {high:+.1%}, "
            f"{len(logs)} runs; goal: at most {most:.0%})"
        )
        outcomes.append(outcome)
    return all(outcome.startswith("ok") for outcome in outcomes)

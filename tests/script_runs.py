"""A trial measured by Overlap, and the script that repeats it: the same operations take as long."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from pathlib import Path

from core.bench.records.archive import load_run
from core.export.script import standalone_script
from core.runtime.paths import REPOSITORY

MOST_OFF = 0.15
# The best times of both, and the middle ones, get nearer with each round: other work on the machine only
# ever adds to single ones. The best of more is better, so that neither alone would do.
MAX_ROUNDS = 12
_SECONDS = re.compile(r"operations in ([\d.]+) s")


def assert_script_reproduces(lane: str, plan: tuple[str, ...], folder: Path) -> None:
    """plan: the flags of a run with one count, of searches, that has this lane."""
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(MAX_ROUNDS):
        record = folder / f"run-{number}.json"
        flags = [*plan, "--repeats", "3", "--warmup", "1", "--out", str(record)]
        _run([sys.executable, "-m", "core", "bench", *flags], REPOSITORY)
        run = load_run(record)
        trials = run.trials_of("search", lane, run.plan.counts[0])
        ours += [trial.elapsed_s for trial in trials]
        (folder / "repeat.py").write_text(standalone_script(run, trials[0]))
        found = _SECONDS.search(_run([sys.executable, "repeat.py"], folder))
        assert found is not None
        theirs.append(float(found[1]))
        if min(abs(typical(theirs) / typical(ours) - 1) for typical in (min, statistics.median)) <= MOST_OFF:
            return
    raise AssertionError(f"the run took {ours} s, its script {theirs} s")


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout

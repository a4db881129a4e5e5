"""Measure anew the runs that come with Overlap, on this machine, and put them where they belong.

    python -m deploy.record_runs [NAME ...] [--target URI]

Without --target a real Milvus is started on this machine (from PyPI, Linux x86-64) and stopped at the end.
Nothing else should run meanwhile. A record takes the place of the old one only when its run is complete,
nothing in it was cut, nothing failed and every check passed. All of them take some eight minutes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from core.bench.recorded import LITE, RECORDINGS, Recording
from core.bench.records.archive import load_run
from core.bench.records.codec import write_run
from core.bench.records.run import Run
from core.config.environ import environ_without_secrets
from core.errors import OverlapError
from core.servers.standalone import LocalMilvus

# A run that nothing disturbs takes a minute or two.
TIMEOUT_S = 600.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="which; all without it")
    parser.add_argument("--target", help="a Milvus server that is running already")
    args = parser.parse_args()
    unknown = set(args.names) - {recording.name for recording in RECORDINGS}
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    wanted = [each for each in RECORDINGS if not args.names or each.name in args.names]
    with tempfile.TemporaryDirectory() as folder, _server(args.target, Path(folder)) as target:
        return max([_record(recording, target, Path(folder)) for recording in wanted], default=0)


@contextmanager
def _server(given: str | None, folder: Path) -> Iterator[str]:
    if given is not None:
        yield given
        return
    milvus = LocalMilvus(folder)
    try:
        yield milvus.start(lambda text: print(f"Milvus: {text}", flush=True)).uri
    finally:
        milvus.stop()


def _record(recording: Recording, target: str, folder: Path) -> int:
    """Measure one and keep it where it is good. Returns the exit code."""
    path, begun_s = folder / f"{recording.name}.json", time.monotonic()
    argv = [sys.executable, "-m", "core", "bench", *recording.flags, "--out", str(path)]
    argv += ["--target", LITE if recording.is_on_lite else target]
    env = environ_without_secrets() | {"OVERLAP_DATA_DIR": str(folder)}
    try:
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
        run = load_run(path)
        fault = _fault(run)
    except (OverlapError, subprocess.TimeoutExpired) as exc:
        fault = str(exc)
    else:
        fault = fault or (done.stderr.strip()[-300:] if done.returncode else "")
    took = f"{time.monotonic() - begun_s:.0f} s"
    if fault:
        print(f"{recording.name}: not kept after {took}. {fault}", flush=True)
        return 1
    write_run(kept(run, recording, target), recording.path)
    size_kb = recording.path.stat().st_size / 1000
    print(f"{recording.name}: kept after {took}, {size_kb:.0f} kB", flush=True)
    return 0


def _fault(run: Run) -> str:
    if run.status != "complete":
        return f"It is {run.status}. {run.note}"
    if any(trial.cut or trial.num_failed for trial in run.trials):
        return "A trial was cut, or operations failed."
    failed = [check.name for check in run.checks if not check.passed]
    return f"Checks failed: {', '.join(failed)}." if failed else ""


def kept(run: Run, recording: Recording, target: str) -> Run:
    """The run as it is kept: with its title and its command, and without what names this process."""
    return replace(
        run,
        name=recording.title,
        comment=f"Shows {recording.shows}. Made with: {recording.command(target)}",
        owner=None,
    )


if __name__ == "__main__":
    sys.exit(main())

"""Measure anew the runs that come with Overlap, on this machine, and put them where they belong.

    python -m deploy.record_runs [NAME ...] [--target URI]

Without --target a real Milvus is started on this machine (from PyPI, Linux x86-64) and stopped at the end.
Nothing else should run meanwhile. A record takes the place of the old one only when it bears out what it is
kept for (core/bench/recorded/claims.py); what does not is measured once more. All take some eight minutes.
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
from core.bench.recorded.claims import broken_claims
from core.bench.records.archive import load_run
from core.bench.records.codec import write_run
from core.bench.records.run import Run
from core.config.environ import environ_without_secrets
from core.errors import OverlapError
from core.servers.standalone import LocalMilvus

# A run that nothing disturbs takes a minute or two.
TIMEOUT_S = 600.0
NUM_TRIES = 2
MAX_SAID = 300


def main() -> int:
    """Record the runs that are named, all without names; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="which; all without it")
    parser.add_argument("--target", help="a Milvus server that is running already")
    args = parser.parse_args()
    unknown = set(args.names) - {recording.name for recording in RECORDINGS}
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    wanted = [each for each in RECORDINGS if not args.names or each.name in args.names]
    with tempfile.TemporaryDirectory() as folder, _server(args.target, Path(folder)) as target:
        kept_all = [_record_or_again(recording, target, Path(folder)) for recording in wanted]
    return 0 if all(kept_all) else 1


@contextmanager
def _server(given: str | None, folder: Path) -> Iterator[str]:
    if given is not None:
        yield given
        return
    milvus = LocalMilvus(folder)
    try:
        yield milvus.start(_say_milvus).uri
    finally:
        milvus.stop()


def _record_or_again(recording: Recording, target: str, folder: Path) -> bool:
    return any(_record(recording, target, folder) for _ in range(NUM_TRIES))


def _record(recording: Recording, target: str, folder: Path) -> bool:
    """Measure one and keep it where it is good. Returns whether it was kept."""
    path, begun_s = folder / f"{recording.name}.json", time.monotonic()
    argv = [sys.executable, "-m", "core", "bench", *recording.flags, "--overwrite", "--out", str(path)]
    argv += ["--target", LITE if recording.is_on_lite else target]
    env = environ_without_secrets() | {"OVERLAP_DATA_DIR": str(folder)}
    try:
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
        run = load_run(path)
        broken = broken_claims(recording.name, run)
    except (OverlapError, subprocess.TimeoutExpired) as exc:
        fault = str(exc)
    else:
        ended = f"It ended with exit code {done.returncode}: {done.stderr.strip()[-MAX_SAID:]}"
        fault = ended if done.returncode else _not_so(broken)
    took = f"{time.monotonic() - begun_s:.0f} s"
    if fault:
        _say(f"{recording.name}: not kept after {took}. {fault}")
        return False
    write_run(kept(run, recording, target), recording.path)
    # A temporary file's rights are its owner's alone; this one goes wherever Overlap goes.
    recording.path.chmod(0o644)
    size_kb = recording.path.stat().st_size / 1000
    _say(f"{recording.name}: kept after {took}, {size_kb:.0f} kB")
    return True


def _not_so(broken: list[str]) -> str:
    return f"It is not so that {', or that '.join(broken)}." if broken else ""


def kept(run: Run, recording: Recording, target: str) -> Run:
    """The run as it is kept: with its title and its command, and without what names this process."""
    return replace(
        run,
        name=recording.title,
        comment=f"Shows {recording.shows}. Made with: {recording.command(target)}",
        owner=None,
    )


def _say_milvus(text: str) -> None:
    # That it is still starting it says twice a second.
    if not text.startswith("starting"):
        _say(f"Milvus: {text}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""Run one target under atheris, a coverage-guided fuzzer (Linux x86-64, Python 3.11).

    python tests/fuzz/fuzz.py TARGET --runs 10000 [--seeds FOLDER] [--out FOLDER]

An input that makes Python raise is kept, counted once for each place, and the run goes on; one that ends
the process, hangs or eats memory is kept too, and a new process goes on. Printed: inputs, coverage, what
was found, and what grew (memory, files, threads, child processes). Exit code 1 when anything was found.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

WORKER = Path(__file__).with_name("worker.py")
# A process that has found a hang or a crash is replaced so often.
MAX_PROCESSES = 40
_COVERAGE = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")


@dataclass
class Figures:
    """growth: what the last process used at first and at last."""

    inputs: int = 0
    coverage: str = "unknown"
    growth: str = "unknown"
    slowest_s: float = 0.0


def main() -> int:
    from tests.fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--runs", type=int, default=10_000, help="inputs")
    parser.add_argument("--seeds", type=Path, help="folder with files to start from, besides its own")
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "fuzz", help="for reproducers")
    parser.add_argument("--seed", type=int, default=7, help="of the fuzzer's random numbers")
    parser.add_argument("--time-s", type=int, default=10, help="limit of one input")
    parser.add_argument("--memory-mb", type=int, default=2048, help="limit of the process")
    args = parser.parse_args()
    out = (args.out / args.target).resolve()
    out.mkdir(parents=True, exist_ok=True)
    known = set(out.iterdir())
    started_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        num_seeds = _write_seeds(corpus, TARGETS[args.target].seeds(), args.seeds)
        figures = _run(args, Path(folder), corpus, out)
    took_s = time.monotonic() - started_s
    print(f"{args.target}: {figures.inputs:,} inputs from {num_seeds} seeds in {took_s:.0f} s")
    print(f"  coverage (edges, features, corpus): {figures.coverage}; slowest {figures.slowest_s:.2f} s")
    print(f"  used at first and at last: {figures.growth}")
    found = sorted(set(out.iterdir()) - known)
    for path in found:
        print(f"  found: {path}")
    return 1 if found or "LEAK" in figures.growth else 0


def _write_seeds(corpus: Path, seeds: list[bytes], more: Path | None) -> int:
    corpus.mkdir()
    files = [path.read_bytes() for path in sorted(more.iterdir()) if path.is_file()] if more else []
    for number, data in enumerate([*seeds, *files]):
        (corpus / f"seed{number:04}").write_bytes(data)
    return len(seeds) + len(files)


def _run(args: argparse.Namespace, folder: Path, corpus: Path, out: Path) -> Figures:
    """Processes one after another until the inputs are used up."""
    total = Figures()
    for number in range(MAX_PROCESSES):
        left = args.runs - total.inputs
        if left <= 0:
            break
        state, log = folder / "state.json", folder / "log"
        state.unlink(missing_ok=True)
        argv = [sys.executable, str(WORKER), args.target, str(state), str(out), str(left), str(corpus)]
        argv += [f"-seed={args.seed + number}", f"-timeout={args.time_s}", "-len_control=0"]
        argv += [f"-rss_limit_mb={args.memory_mb}", f"-artifact_prefix={out}/"]
        with log.open("wb") as file:
            ended = subprocess.run(argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        text = log.read_text(errors="replace")
        if not state.exists():
            sys.exit(f"the fuzzer did not start:\n{text[-3000:]}")
        figures = json.loads(state.read_text())
        total.inputs += figures["inputs"]
        total.growth, total.slowest_s = figures["growth"], max(total.slowest_s, figures["slowest_s"])
        if lines := _COVERAGE.findall(text):
            total.coverage = " ".join(lines[-1])
        if ended.returncode and total.inputs < args.runs:
            print(f"  a process ended with {ended.returncode} after {figures['inputs']:,} inputs:")
            print("    " + "\n    ".join(text.strip().splitlines()[-25:]))
    return total


if __name__ == "__main__":
    sys.exit(main())

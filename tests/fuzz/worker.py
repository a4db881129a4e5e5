"""The fuzzer's own process, which fuzz.py starts: `worker.py TARGET STATE_FILE OUT RUNS CORPUS FLAGS...`"""

from __future__ import annotations

import hashlib
import importlib
import json
import random
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil

# By name: it is for Linux on x86-64 only, and has no types.
atheris: Any = importlib.import_module("atheris")

SAVE_EVERY_S = 2.0
# What is loaded and cached at first is no leak.
SETTLED_AFTER = 500
MAX_GROWTH_MB = 300
MAX_MORE = 2
INSTRUMENTED = ["core", "docx", "pptx", "openpyxl", "bs4"]


class Recorder:
    """Counts inputs and keeps what made the target raise, once for each place."""

    def __init__(self, run: Callable[[bytes], None], state: Path, out: Path, runs: int) -> None:
        self._run, self._state, self._out, self._runs = run, state, out, runs
        self._process = psutil.Process()
        self._inputs, self._slowest_s = 0, 0.0
        self._places: set[str] = set()
        self._saved_s = 0.0
        self._before: dict[str, int] | None = None
        self._save()

    def take(self, data: bytes) -> None:
        """Run the target on one input."""
        self._inputs += 1
        started_s = time.monotonic()
        try:
            self._run(data)
        except Exception as exc:
            self._keep(data, exc)
        self._slowest_s = max(self._slowest_s, time.monotonic() - started_s)
        if self._inputs == SETTLED_AFTER:
            self._before = self._use()
        # Not at every input: a process that ends by itself is at most so much ahead of its figures.
        if time.monotonic() - self._saved_s > SAVE_EVERY_S or self._inputs == self._runs:
            self._save()

    def _keep(self, data: bytes, exc: Exception) -> None:
        frames = traceback.extract_tb(exc.__traceback__)
        last = next((frame for frame in reversed(frames) if "/fuzz/" not in frame.filename), frames[-1])
        place = f"{type(exc).__name__} {last.filename}:{last.lineno}"
        if place in self._places:
            return
        self._places.add(place)
        name = hashlib.sha256(place.encode()).hexdigest()[:10]
        (self._out / f"raised-{name}.bin").write_bytes(data)
        (self._out / f"raised-{name}.txt").write_text("".join(traceback.format_exception(exc)))

    def _use(self) -> dict[str, int]:
        return {
            "MB": self._process.memory_info().rss >> 20,
            "files": self._process.num_fds(),
            "threads": threading.active_count(),
            "children": len(self._process.children(recursive=True)),
        }

    def _save(self) -> None:
        self._saved_s = time.monotonic()
        growth = "unknown"
        if self._before is not None:
            now = self._use()
            grown = {name: now[name] - self._before[name] for name in now}
            growth = ", ".join(f"{name} {self._before[name]} to {now[name]}" for name in now)
            if grown.pop("MB") > MAX_GROWTH_MB or max(grown.values()) > MAX_MORE:
                growth += " LEAK"
        figures = {"inputs": self._inputs, "growth": growth, "slowest_s": self._slowest_s}
        waiting = self._state.with_suffix(".new")
        waiting.write_text(json.dumps(figures))
        waiting.replace(self._state)


def main() -> None:
    name, state, out, runs = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    with atheris.instrument_imports(include=INSTRUMENTED):
        # The readers import these later, when nothing is instrumented any more.
        for library in INSTRUMENTED[1:]:
            importlib.import_module(library)

        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    for seed in target.seeds():
        target.run(seed)
    recorder = Recorder(target.run, state, out, runs)
    options: dict[str, Any] = {} if target.kind == "bytes" else {"custom_mutator": _mutator(target.kind)}
    argv = [sys.argv[0], *sys.argv[5:], f"-runs={runs}", f"-max_len={target.max_bytes}"]
    atheris.Setup(argv, recorder.take, **options)
    atheris.Fuzz()


def _mutator(kind: str) -> Callable[[bytes, int, int], bytes]:
    from tests.fuzz.mutate import mutated_json, mutated_zip

    change = mutated_zip if kind == "zip" else mutated_json

    def mutate(data: bytes, max_size: int, seed: int) -> bytes:
        return change(data, max_size, random.Random(seed), atheris.Mutate)

    return mutate


if __name__ == "__main__":
    main()

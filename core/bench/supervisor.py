"""The benchmark as a process that a page starts, watches and stops.

One run at a time: a second one would share the machine and spoil both. The current run is kept in
this module, not in a session, so that a reloaded tab or another visitor finds it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.bench.load.dataset import save_own
from core.bench.load.own_data import read_own
from core.bench.plan.plan import Plan
from core.bench.records.archive import note_why_stopped
from core.bench.run_progress import Snapshot, advance
from core.bench.standby import Standby
from core.config.environ import environ_without_secrets
from core.config.settings import SYNTHETIC_DATA, Settings, Target
from core.errors import BenchError, RecordError
from core.runtime.child_process import END_TIMEOUT_S, ChildProcess
from core.runtime.cpu_affinity import Aside
from core.runtime.logs import who

logger = logging.getLogger(__name__)

TOKEN_VARIABLE = "OVERLAP_BENCH_TOKEN"
STOP_CLICKED = "Stop was clicked."
RUN = (sys.executable, "-m", "core")


class BenchProcess:
    """A started benchmark process. Its events are read in a thread into `snapshot()`."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        run_path: Path,
        plan: Plan,
        owner: str = "",
        data_file: Path | None = None,
        standby: Standby | None = None,
    ) -> None:
        """Start the process.

        Args:
            argv: The whole command; no secret may be in it, every user of the machine can read it.
            env: The process's whole environment; secrets travel here.
            run_path: The record that the process writes; its name without suffix is the run's id.
            plan: What is measured, to know how many trials there are.
            owner: The visitor who started it, as an opaque text.
            data_file: What the process reads and removes; removed here where the process never came to that.
                None for no file.
            standby: Where a process may wait that has done its imports already; it is told the same command.
                None starts a new one.
        """
        self.argv = tuple(argv)
        self.plan = plan
        self.owner = owner
        self.run_path = run_path
        self._data_file = data_file
        self._secrets = [env[TOKEN_VARIABLE]] if env.get(TOKEN_VARIABLE) else []
        self._snapshot = Snapshot(num_trials=plan.num_trials)
        self._why = ""
        self._lock = threading.Lock()
        self._started_s = time.monotonic()
        logger.info("Benchmark %s%s begins", run_path.stem, who(owner))
        process = None if standby is None else standby.take(argv[len(RUN) :], env)
        self._child = process or ChildProcess(argv, env=env)
        self._child.send_no_more()
        # The app and its other visitors leave the run some cores to itself.
        self._aside = Aside(os.getpid())
        self._reader = threading.Thread(target=self._read, daemon=True, name="bench-events")
        self._reader.start()

    @property
    def is_running(self) -> bool:
        """Until the process has ended and its last event is read."""
        return not self._snapshot.is_final

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start of the process."""
        return time.monotonic() - self._started_s

    def snapshot(self) -> Snapshot:
        """How far the run is now; an immutable value that a page can draw from any thread."""
        return self._snapshot

    def stop(self, why: str, kill_after_s: float = END_TIMEOUT_S) -> None:
        """Ask the process to stop and return at once.

        Args:
            why: A sentence for whoever finds the stopped run; the first reason stays.
            kill_after_s: Seconds until the process is killed when it does not end.
        """
        with self._lock:
            if not self._child.is_alive or self._why or self._snapshot.is_final:
                return
            self._why = why
            self._snapshot = replace(self._snapshot, state="stopping")
        self._child.end_soon(kill_after_s)

    def wait(self, timeout_s: float | None = None) -> Snapshot:
        """Wait until the process has ended, or `timeout_s` at most."""
        self._reader.join(timeout_s)
        return self._snapshot

    def _read(self) -> None:
        try:
            pending = self._follow()
            self._child.wait()
        finally:
            self._aside.end()
        if self._data_file is not None:
            self._data_file.unlink(missing_ok=True)
        settled = self._settle(pending)
        self._child.end()
        with self._lock:
            self._snapshot = settled
        logger.log(
            logging.ERROR if self._snapshot.state == "failed" else logging.INFO,
            "Benchmark %s%s ended after %.1f s: %s%s",
            self.run_path.stem,
            who(self.owner),
            self.elapsed_s,
            self._snapshot.state,
            f". {self._snapshot.why}" if self._snapshot.why else "",
        )

    def _follow(self) -> Snapshot:
        """Take in the events until the last; returns what they lead to."""
        # A final state is held back until the process is gone: only then may the next one start.
        pending = self._snapshot
        for event in self._child.messages():
            pending = advance(replace(pending, state="stopping") if self._why else pending, event)
            with self._lock:
                if not pending.is_final:
                    self._snapshot = replace(pending, state="stopping") if self._why else pending
        return pending

    def _settle(self, snapshot: Snapshot) -> Snapshot:
        """The final state of a process that has ended, and in its record why it was stopped here."""
        if not snapshot.is_final:
            if not self._why:
                return replace(snapshot, state="failed", error=snapshot.error or self._crash())
            snapshot = replace(snapshot, state="stopped")
        if snapshot.state != "stopped" or not self._why:
            return snapshot
        # Its process knew the signal only, or was killed.
        with suppress(RecordError, OSError):
            note_why_stopped(self.run_path, self._why)
        return replace(snapshot, why=self._why)

    def _crash(self) -> str:
        code = self._child.exit_code or 0
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        last = self._child.last_words()
        for secret in self._secrets:
            last = last.replace(secret, "********")
        said = f" Its last words: {last}" if last else ""
        return f"The benchmark process {how} before the run was finished; what it measured is kept.{said}"


class OneAtATime:
    """Holds the current run and refuses a second one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: BenchProcess | None = None

    @property
    def current(self) -> BenchProcess | None:
        """The run that goes on, or the last one; None when there was none."""
        return self._current

    def start(self, make: Callable[[], BenchProcess]) -> BenchProcess:
        """Start what `make` returns.

        Raises:
            BenchError: While another run goes on.
        """
        with self._lock:
            self.check_free()
            self._current = make()
            return self._current

    def check_free(self) -> None:
        """Refuse a second run.

        Raises:
            BenchError: While a run goes on.
        """
        if self._current is not None and self._current.is_running:
            raise BenchError("Another benchmark is running. Wait for its end, or stop it, then start again.")

    def forget(self) -> None:
        """Let go of a run that has ended; one that goes on stays."""
        with self._lock:
            if self._current is not None and not self._current.is_running:
                self._current = None


runs = OneAtATime()
standby = Standby()


def get_ready() -> None:
    """Have a process wait for the next run while somebody may start one; not beside a run."""
    if runs.current is None or not runs.current.is_running:
        standby.keep()


def start_run(
    plan: Plan, settings: Settings, *, run_id: str, owner: str = "", document: bytes | None = None
) -> BenchProcess:
    """Start `python -m core bench` for `plan` as the current run.

    A URI is taken from the settings together with its token, which travels in the environment.

    Args:
        plan: What is measured, and where.
        settings: The app's; its data folder, and the target's address and token are used.
        run_id: Names the record's file.
        owner: Who started it, to tell other visitors whose it is.
        document: What an ingest adds, as bytes; None where it is the bundled one. The process gets it in a
            file, which it removes.

    Raises:
        BenchError: While another run goes on.
        StoreError: When the passages of the knowledge base that it is about can't be read.
    """
    runs.check_free()
    path = settings.runs_dir.absolute() / f"{run_id}.json"
    target = settings.target if plan.target == settings.target.label else Target(uri=plan.target)
    # A run asks no language model, and its target's token travels as TOKEN_VARIABLE.
    env = environ_without_secrets()
    env["OVERLAP_DATA_DIR"] = str(settings.data_dir.absolute())
    argv = [*RUN, "bench", "--plan", json.dumps(plan.to_dict()), "--target", plan.target]
    argv += ["--run-id", run_id, "--out", str(path)]
    if plan.target != "lite" and target.token:
        env[TOKEN_VARIABLE] = target.token.value
        argv += ["--token-env", TOKEN_VARIABLE]
    data_file = _data_file(plan, settings, run_id, document)
    if data_file is not None:
        argv += ["--data-file", str(data_file)]
    argv.append("--events")
    try:
        return runs.start(
            lambda: BenchProcess(
                argv, env=env, run_path=path, plan=plan, owner=owner, data_file=data_file, standby=standby
            )
        )
    except BaseException:
        if data_file is not None:
            data_file.unlink(missing_ok=True)
        raise


def _data_file(plan: Plan, settings: Settings, run_id: str, document: bytes | None) -> Path | None:
    """What the process reads and removes: the passages of a knowledge base, or a document; else None."""
    path = settings.data_dir.absolute() / "bench" / run_id
    if plan.is_ingest:
        if document is None:
            return None
        path = path.with_suffix(".document")
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(document)
        return path
    if plan.data in SYNTHETIC_DATA:
        return None
    # This process holds the knowledge base open; a second one could not read a Milvus Lite file.
    path = path.with_suffix(".npz")
    save_own(read_own(settings, plan.data, max(plan.counts)), path)
    return path

"""core.bench.supervisor: a real child process that speaks the worker's events."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from core.bench.plan.plan import Plan
from core.bench.plan.presets import preset_plan
from core.bench.records.archive import load_run
from core.bench.records.codec import write_run
from core.bench.records.run import Run
from core.bench.run_progress import Snapshot
from core.bench.supervisor import STOP_CLICKED, TOKEN_VARIABLE, BenchProcess, OneAtATime, runs, start_run
from core.config.settings import Secret, Settings, Target
from core.errors import BenchError
from tests.bench_events import progress_event
from tests.bench_runs import RUN_ID, make_run

pytestmark = pytest.mark.slow

PLAN = Plan(counts=(10,), dim=8)
WAIT_S = 30.0

# Children: each is told what to do by its program text alone.
FINISHES = """
import json
for event in {events}: print(json.dumps(event), flush=True)
"""
WAITS_FOR_TERM = """
import signal, sys
def stop(*_):
    print('{"event": "finished", "status": "stopped", "path": "x"}', flush=True)
    sys.exit(130)
signal.signal(signal.SIGTERM, stop)
print('{"event": "progress", "operation": "add", "lane": "sync", "count": 10, "repeat": 0,'
      '"is_warmup": false, "done": 3, "failed": 0, "elapsed_s": 0.5, "ops_per_s": 6.0, "trial": 1, '
      '"num_trials": 4}', flush=True)
signal.pause()
"""
IGNORES_TERM = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('not json'); print('[1]')
print('{"event": "trial", "operation": "add", "lane": "sync", "count": 10, "repeat": 0,'
      '"is_warmup": false, "done": 10, "failed": 0, "elapsed_s": 0.5, "ops_per_s": 6.0, "trial": 1, '
      '"num_trials": 4}', flush=True)
while True: signal.pause()
"""
CRASHES = """
import os, sys
print('Traceback (most recent call last):\\n  File "x"', file=sys.stderr)
print('ValueError: token ' + os.environ["{variable}"], file=sys.stderr)
sys.exit(3)
"""


def child(program: str, tmp_path: Path, **env: str) -> BenchProcess:
    return BenchProcess(
        [sys.executable, "-c", program], env={**os.environ, **env}, run_path=tmp_path / "x.json", plan=PLAN
    )


def started(process: BenchProcess) -> Snapshot:
    """Wait for the first event of a child that prints one."""
    while process.snapshot().state == "starting" and process.is_running:
        process.wait(0.01)
    return process.snapshot()


def test_process_that_finishes_is_complete(tmp_path: Path) -> None:
    events = [progress_event(), {"event": "finished", "status": "complete", "path": "x"}]
    process = child(FINISHES.format(events=events), tmp_path)
    snapshot = process.wait(WAIT_S)
    assert (snapshot.state, snapshot.error) == ("complete", "")
    assert not process.is_running


def test_failed_run_has_its_reason(tmp_path: Path) -> None:
    events = [
        {"event": "error", "message": "Milvus is away."},
        {"event": "finished", "status": "failed", "path": "x"},
    ]
    snapshot = child(FINISHES.format(events=events), tmp_path).wait(WAIT_S)
    assert (snapshot.state, snapshot.error) == ("failed", "Milvus is away.")


def test_refused_plan_is_failed_with_its_sentence(tmp_path: Path) -> None:
    program = FINISHES.format(events=[{"event": "error", "message": "dim is 1."}]) + "raise SystemExit(2)"
    snapshot = child(program, tmp_path).wait(WAIT_S)
    assert (snapshot.state, snapshot.error) == ("failed", "dim is 1.")


def test_stop_ends_the_process_and_keeps_its_progress(tmp_path: Path) -> None:
    process = child(WAITS_FOR_TERM, tmp_path)
    assert started(process).lanes["sync"].done == 3
    process.stop(STOP_CLICKED)
    process.stop("The app closes.")
    assert process.snapshot().state in {"stopping", "stopped"}
    snapshot = process.wait(WAIT_S)
    assert (snapshot.state, snapshot.why) == ("stopped", STOP_CLICKED)
    assert snapshot.lanes["sync"].done == 3


def test_process_ended_before_it_read_its_data_leaves_none(tmp_path: Path) -> None:
    data_file = tmp_path / "passages.npz"
    data_file.touch()
    process = BenchProcess(
        [sys.executable, "-c", "raise SystemExit(1)"],
        env=os.environ,
        run_path=tmp_path / "x.json",
        plan=PLAN,
        data_file=data_file,
    )
    process.wait(WAIT_S)
    assert not data_file.exists()


def test_process_that_ignores_stop_is_killed(tmp_path: Path) -> None:
    process = child(IGNORES_TERM, tmp_path)
    assert started(process).trials_done == 1
    process.stop(STOP_CLICKED, kill_after_s=0.05)
    snapshot = process.wait(WAIT_S)
    assert (snapshot.state, snapshot.error, snapshot.why) == ("stopped", "", STOP_CLICKED)


@pytest.mark.parametrize(
    ("program", "left", "is_told"),
    [
        # Its process knew no more than the signal; it was killed; it had just ended by itself.
        (WAITS_FOR_TERM, make_run(status="stopped", note="The process was told to end (SIGTERM)."), True),
        (IGNORES_TERM, make_run(status="running"), True),
        (WAITS_FOR_TERM.replace('"stopped"', '"complete"'), make_run(status="complete"), False),
    ],
)
def test_record_of_a_run_that_was_stopped_says_why(
    program: str, left: Run, is_told: bool, tmp_path: Path
) -> None:
    write_run(left, tmp_path / "x.json")
    process = child(program, tmp_path)
    started(process)
    process.stop("It took too long.", kill_after_s=1.0)
    snapshot = process.wait(WAIT_S)
    run = load_run(tmp_path / "x.json")
    assert (run.status, run.note) == (("stopped", "It took too long.") if is_told else ("complete", ""))
    assert (snapshot.state, snapshot.why) == (run.status, run.note)


def test_why_a_process_stopped_by_itself_is_known_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    event = {"event": "finished", "status": "stopped", "note": "Ctrl-C was pressed.", "path": "x"}
    snapshot = child(FINISHES.format(events=[event]), tmp_path).wait(WAIT_S)
    assert (snapshot.state, snapshot.why) == ("stopped", "Ctrl-C was pressed.")
    assert caplog.messages[-1].endswith(": stopped. Ctrl-C was pressed.")


def test_crash_is_one_sentence_without_traceback_and_secret(tmp_path: Path) -> None:
    process = child(CRASHES.format(variable=TOKEN_VARIABLE), tmp_path, **{TOKEN_VARIABLE: "hunter2"})
    snapshot = process.wait(WAIT_S)
    assert snapshot.state == "failed"
    assert "exit code 3" in snapshot.error
    assert "ValueError: token ********" in snapshot.error
    assert "hunter2" not in snapshot.error
    assert "Traceback" not in snapshot.error


def test_second_run_is_refused_while_one_goes_on(tmp_path: Path) -> None:
    registry = OneAtATime()
    process = registry.start(lambda: child(WAITS_FOR_TERM, tmp_path))
    with pytest.raises(BenchError, match="Another benchmark is running"):
        registry.start(lambda: child(WAITS_FOR_TERM, tmp_path))
    registry.forget()
    assert registry.current is process
    started(process)
    process.stop(STOP_CLICKED)
    process.wait(WAIT_S)
    other = registry.start(lambda: child(FINISHES.format(events=[]), tmp_path))
    other.wait(WAIT_S)
    registry.forget()
    assert registry.current is None


def test_command_line_holds_no_token(tmp_path: Path, settings: Settings) -> None:
    target = Target(uri="http://127.0.0.1:1", token=Secret(value="hunter2"))
    with_token = Settings(target=target, data_dir=settings.data_dir)
    plan = Plan(counts=(1,), dim=8, target=target.label)
    process = start_run(plan, with_token, run_id=RUN_ID)
    try:
        assert "hunter2" not in " ".join(process.argv)
        snapshot = process.wait(120)
    finally:
        runs.forget()
    # The whole way through the real command: it has the token, can't connect, and says so.
    assert snapshot.state == "failed"
    assert "127.0.0.1:1" in snapshot.error
    assert load_run(process.run_path).note == snapshot.error


def test_start_run_measures_on_lite_and_leaves_a_record(settings: Settings) -> None:
    plan = Plan(counts=(2,), dim=8, top_k=2)
    process = start_run(plan, settings, run_id=RUN_ID)
    try:
        snapshot = process.wait(120)
    finally:
        runs.forget()
    assert (snapshot.state, snapshot.error) == ("complete", "")
    run = load_run(settings.runs_dir / f"{RUN_ID}.json")
    assert run.plan == plan
    assert json.dumps(run.to_dict())


def test_run_that_is_stopped_keeps_its_trials_and_says_why(settings: Settings) -> None:
    plan = Plan(counts=(20,), dim=8, operations=("add",), repeats=100)
    process = start_run(plan, settings, run_id=RUN_ID)
    try:
        while process.snapshot().trials_done < 1 and process.is_running:
            process.wait(0.01)
        process.stop("It took too long.")
        snapshot = process.wait(120)
    finally:
        runs.forget()
    assert (snapshot.state, snapshot.why) == ("stopped", "It took too long.")
    run = load_run(settings.runs_dir / f"{RUN_ID}.json")
    assert (run.status, run.note, run.owner) == ("stopped", "It took too long.", None)
    assert 1 <= len(run.trials) < plan.num_trials
    assert list((settings.data_dir / "bench").iterdir()) == []


def test_uploaded_document_is_ingested_and_its_copy_removed(settings: Settings) -> None:
    plan = preset_plan("ingest", repeats=1, data="notes.txt")
    process = start_run(plan, settings, run_id=RUN_ID, document=b"The pier is made of oak. " * 20)
    try:
        snapshot = process.wait(120)
    finally:
        runs.forget()
    assert (snapshot.state, snapshot.error) == ("complete", "")
    assert load_run(process.run_path).environment["document"]["name"] == "notes.txt"
    assert list((settings.data_dir / "bench").iterdir()) == []


def test_document_of_a_run_that_was_refused_is_removed(settings: Settings, tmp_path: Path) -> None:
    process = runs.start(lambda: child(WAITS_FOR_TERM, tmp_path))
    started(process)
    try:
        with pytest.raises(BenchError, match="Another benchmark"):
            start_run(preset_plan("ingest"), settings, run_id=RUN_ID, document=b"x")
        assert not (settings.data_dir / "bench").exists()
    finally:
        process.stop(STOP_CLICKED)
        process.wait(WAIT_S)
        runs.forget()


def test_stop_after_the_end_changes_nothing(tmp_path: Path) -> None:
    process = child(
        FINISHES.format(events=[{"event": "finished", "status": "complete", "path": "x"}]), tmp_path
    )
    assert process.wait(WAIT_S).state == "complete"
    process.stop(STOP_CLICKED)
    assert (process.snapshot().state, process.snapshot().why) == ("complete", "")
    assert not process.is_running

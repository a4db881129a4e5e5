"""`python -m core bench`: a whole run, Stop, and what is printed where."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.bench.records.archive import load_run
from core.cli.exit_codes import EXIT_OK, EXIT_STOPPED
from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.slow

SMALL = ["--counts", "4", "--dim", "8", "--op", "add"]


def command(*flags: str) -> list[str]:
    return [sys.executable, "-m", "core", "bench", *flags]


def run_command(*flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*flags), cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=120
    )


def test_small_run_prints_its_record_and_its_progress_apart(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    done = run_command(*SMALL, "--json", "--out", str(out))
    assert done.returncode == EXIT_OK, done.stderr
    record = json.loads(done.stdout)
    assert record["status"] == "complete"
    assert [trial["num_ok"] for trial in record["trials"]] == [4, 4]
    assert load_run(out).to_dict() == record
    assert "add sync 4/4" in done.stderr
    assert "Traceback" not in done.stderr


def test_unreached_bound_fails_with_a_sentence(tmp_path: Path) -> None:
    done = run_command(*SMALL, "--fail-under", "add.async>=1000")
    assert done.returncode == 1
    assert "at least 1000 was asked for" in done.stderr
    assert "Checks passed: 2 of 2." in done.stdout
    # Without --out the record is in the data folder.
    assert len(list((tmp_path / "data" / "runs").glob("*.json"))) == 1


TOLD_TO_END = {
    signal.SIGTERM: "The process was told to end (SIGTERM).",
    signal.SIGINT: "Ctrl-C was pressed.",
}


@pytest.mark.parametrize("number", list(TOLD_TO_END))
def test_signal_keeps_what_was_measured_says_why_and_leaves_nothing_behind(
    number: signal.Signals, tmp_path: Path
) -> None:
    out = tmp_path / "run.json"
    # Far more adds than the limit allows: the signal always comes in the middle of a trial.
    flags = ["--counts", "100000", "--dim", "8", "--op", "add", "--out", str(out), "--events"]
    process = subprocess.Popen(command(*flags), cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    events = []
    for line in process.stdout:
        events.append(json.loads(line))
        if events[-1]["event"] == "progress" and events[-1]["done"] > 0:
            process.send_signal(number)
            break
    events += [json.loads(line) for line in process.stdout]
    process.stdout.close()
    assert process.wait(timeout=120) == EXIT_STOPPED
    run = load_run(out)
    assert (run.status, run.note) == ("stopped", TOLD_TO_END[number])
    assert len(run.trials) == 1
    assert run.trials[0].cut
    assert 0 < run.trials[0].num_ok < 100_000
    assert run.trials[0].projected_s is not None
    assert all(check.passed for check in run.checks)
    finished = {"event": "finished", "status": "stopped", "path": str(out), "note": TOLD_TO_END[number]}
    assert events[-1] == finished
    assert list((tmp_path / "data" / "bench").iterdir()) == []


def test_command_that_is_stopped_says_by_what(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    flags = ["--counts", "20", "--repeats", "100", "--dim", "8", "--op", "add", "--out", str(out)]
    process = subprocess.Popen(
        command(*flags), cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert "add" in process.stderr.readline()  # the first trial has ended
    process.send_signal(signal.SIGINT)
    told = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=120) == EXIT_STOPPED
    assert told.splitlines()[-1].startswith("Ctrl-C was pressed. Run ")


def test_document_is_ingested_from_the_command_line(tmp_path: Path) -> None:
    document, out = tmp_path / "notes.txt", tmp_path / "run.json"
    document.write_text("The pier is made of oak. " * 20)
    done = run_command("--op", "ingest", "--document", str(document), "--repeats", "1", "--out", str(out))
    assert done.returncode == EXIT_OK, done.stderr
    run = load_run(out)
    assert (run.plan.preset, run.plan.data) == ("custom", "notes.txt")
    assert str(tmp_path) not in out.read_text()
    assert "Checks passed: 2 of 2." in done.stdout
    assert document.exists()

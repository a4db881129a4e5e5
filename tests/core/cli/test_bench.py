"""`python -m core bench`: flags, exit codes, Stop, and what is printed where."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.bench.plan.plan import Plan
from core.bench.records.archive import load_run
from core.cli.bench_flags import plan_of
from core.cli.bench_run import _target
from core.cli.bench_run import run_bench as bench
from core.cli.bench_terminal import table
from core.cli.exit_codes import EXIT_FAILED, EXIT_OK, EXIT_STOPPED, EXIT_USAGE
from core.config.settings import Secret, Settings, Target
from core.errors import PlanError
from core.runtime.paths import REPOSITORY
from tests.bench_runs import make_run, make_trial
from tests.command_line import bench_flags as parse

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


def test_wrong_flag_is_a_sentence_and_writes_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(parse("--lanes", "fibers"), settings) == EXIT_USAGE
    assert "error: --lanes has 'fibers'" in capsys.readouterr().err
    assert not settings.data_dir.exists()


def test_token_of_a_variable_is_used_for_the_target_of_the_settings_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_TOKEN", "root:other")
    target = Target(uri="http://milvus.example:19530", token=Secret(value="root:own"))
    chosen, _ = _target(parse("--token-env", "BENCH_TOKEN"), replace(settings, target=target))
    assert (chosen.uri, chosen.token.value) == (target.uri, "root:other")


@pytest.mark.parametrize(
    "flags",
    [
        ["--preset", "stairs"],
        ["--counts", "ten"],
        ["--rtt-ms", "-1"],
        ["--fail-under", "fast"],
        ["--fail-under", ""],
        ["--fail-under", "search.asinc>=1"],
        ["--fail-under", "search.sync>=1"],
        ["--fail-under", "search.threads>=1"],
        ["--fail-under", "search.async[rtt_ms=60]>=1"],
        ["--target", "nowhere"],
        ["--target", "own.db"],
        ["--token-env", "NO_SUCH_VARIABLE"],
        ["--run-id", "../evil"],
        ["--rate", "-3"],
        ["--stall", "99"],
        ["--op", "swim"],
        ["--sweep-values", "0,20"],
        ["--preset", "factor", "--sweep-values", "0,20"],
    ],
)
def test_wrong_value_is_refused(
    flags: list[str], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(parse(*flags), settings) == EXIT_USAGE
    printed = capsys.readouterr()
    assert printed.err.startswith(f"error: {flags[-2]} ")  # and not the name of the plan's setting
    assert printed.err.count("\n") == 1
    assert printed.out == ""


def test_run_that_fails_says_so_as_an_error_and_names_the_flag(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--target", f"http://127.0.0.1:{_closed_port()}", "--counts", "1", "--time-limit", "1"]
    assert bench(parse(*flags), settings) == EXIT_FAILED
    error, last = capsys.readouterr().err.splitlines()[-2:]
    assert error.startswith("error: Milvus at http://127.0.0.1:") and "correct --target" in error
    assert last.startswith("Run ")


def _closed_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])


def test_error_is_an_event_for_a_program_that_watches(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(parse("--dim", "1", "--events"), settings) == EXIT_USAGE
    event = json.loads(capsys.readouterr().out)
    assert event["event"] == "error"
    assert "dim" in event["message"]


def test_record_that_cannot_be_written_is_a_sentence(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert bench(parse(*SMALL, "--out", str(tmp_path / "file" / "run.json")), settings) == 1
    assert "can't be written" in capsys.readouterr().err


def test_file_that_is_there_is_written_over_only_when_told_so(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "thesis.txt"
    out.write_text("years of work")
    assert bench(parse(*SMALL, "--out", str(out)), settings) == EXIT_USAGE
    assert "--overwrite" in capsys.readouterr().err
    assert out.read_text() == "years of work"
    assert bench(parse(*SMALL, "--out", str(tmp_path), "--overwrite"), settings) == EXIT_USAGE
    assert "folder" in capsys.readouterr().err
    assert bench(parse(*SMALL, "--out", str(out), "--overwrite"), settings) == EXIT_OK
    assert load_run(out).status == "complete"


def test_lists_are_read_as_on_the_page() -> None:
    for text in ("10,", "10;", " 10 ,", ",10"):
        assert plan_of(parse("--counts", text), "lite").counts == (10,)
    assert plan_of(parse("--counts", "10; 100"), "lite").counts == (10, 100)


def test_plan_handed_over_as_json_is_the_plan() -> None:
    plan = Plan(
        counts=(5, 7), dim=16, repeats=2, consistency="Session", operations=("search",), top_k=5, seed=3
    )
    assert plan_of(parse("--plan", json.dumps(plan.to_dict())), "lite") == plan


@pytest.mark.parametrize("text", ["{", "[]", '{"counts": 3}', '{"repeats": 0}'])
def test_plan_handed_over_broken_is_refused(text: str) -> None:
    with pytest.raises(PlanError):
        plan_of(parse("--plan", text), "lite")


def test_table_says_that_p99_of_few_requests_is_their_maximum() -> None:
    few = table(make_run(make_trial("sync", 2.0), make_trial("async", 1.0)))
    assert "1,000.0 ms (max)" in few
    many = table(make_run(make_trial("sync", 2.0, count=100), make_trial("async", 1.0, count=100)))
    assert "(max)" not in many


def test_table_marks_cut_trials_and_unknown_figures() -> None:
    cut = make_trial("sync", 2.0, num_ok=0, cut=True, samples=())
    text = table(make_run(cut, make_trial("async", 1.0)))
    assert "cut after 0 of 10" in text
    assert " - " in text
    assert "500.0 ms" in text


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


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--op", "ingest", "--document", "/none/a.pdf"], "document is /none/a.pdf, which can't be read"),
        (["--op", "add", "--document", "README.md"], "document is for an ingest"),
        (["--op", "ingest", "--counts", "10"], "counts means nothing to an ingest"),
        (["--op", "ingest", "--data", "papers"], "takes its document from --document FILE"),
        (["--op", "ingest", "--lanes", "threads"], "lanes has to be sync or async"),
    ],
)
def test_wrong_ingest_is_one_sentence(
    flags: list[str], words: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(parse(*flags), settings) == EXIT_USAGE
    assert words in capsys.readouterr().err

"""A run from its flags: what is refused, and what becomes of its record."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from core.bench.records.archive import load_run
from core.cli.bench_run import _target
from core.cli.bench_run import run_bench as bench
from core.cli.exit_codes import EXIT_FAILED, EXIT_OK, EXIT_USAGE
from core.config.settings import Secret, Settings, Target
from tests.command_line import bench_flags as parse

pytestmark = pytest.mark.slow


SMALL = ["--counts", "4", "--dim", "8", "--op", "add"]


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

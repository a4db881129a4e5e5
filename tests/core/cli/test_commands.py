"""The words of the command line: which there are, their help, wrong ones, and how a command ends."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_group

from core import __version__
from core.cli.commands import app
from core.cli.exit_codes import EXIT_OK, EXIT_STOPPED, EXIT_UNREAD, EXIT_USAGE
from core.cli.main import main
from core.runtime.paths import REPOSITORY
from tests.command_line import bench_flags, parsed

# What people and scripts may have written down; the last of `bench` are the page's own.
FLAGS = {
    "ingest": {"--same-name", "--encoding", "--whole-pages", "--ocr", "--password-env", "--kb", "--json"},
    "read": {"--json", "--encoding", "--ocr", "--password-env"},
    "ask": {"--top-k", "--kb", "--json"},
    "evaluate": {"--other-languages", "--load-samples", "--mode", "--kb", "--json"},
    "bench": {
        "--preset", "--target", "--token-env", "--op", "--lanes", "--counts", "--repeats", "--warmup",
        "--dim", "--metric", "--top-k", "--consistency", "--concurrency", "--batch-size", "--index",
        "--fields", "--rtt-ms", "--rate", "--stall", "--processes", "--sweep", "--sweep-values", "--data",
        "--first-calls", "--seed", "--time-limit", "--out", "--overwrite", "--json", "--wait", "--fail-under",
        "--events", "--plan", "--data-file", "--document", "--run-id",
    },
    "server": set(),
    "doctor": {"--json"},
    "kb list": {"--json"},
    "kb create": {"--description"},
    "kb rename": set(),
    "kb change-model": set(),
    "kb delete": {"--yes"},
}  # fmt: skip
HIDDEN = {"--plan", "--data-file", "--run-id"}


def _commands(group: TyperGroup, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(_commands(get_group(app)))


def _core(*words: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "core", *words]
    return subprocess.Popen(command, cwd=REPOSITORY, text=True, stderr=subprocess.PIPE, **options)


def test_every_command_has_its_flags() -> None:
    flags = {
        name: {flag for parameter in command.params for flag in parameter.opts if flag.startswith("--")}
        for name, command in COMMANDS.items()
    }
    assert flags == FLAGS


def test_every_word_of_a_command_is_explained() -> None:
    for name, command in COMMANDS.items():
        assert command.help, name
        for parameter in command.params:
            assert bool(parameter.help) != bool(HIDDEN & set(parameter.opts)), f"{name} {parameter.name}"


@pytest.mark.parametrize("words", [[], ["kb"], *([*name.split()] for name in FLAGS)], ids=" ".join)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_plain_text_on_standard_output(
    words: list[str], flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, flag]) == EXIT_OK
    printed = capsys.readouterr()
    assert printed.out.startswith(f"Usage: python -m core {' '.join(words)}".rstrip())
    assert printed.out.isascii() and "\x1b" not in printed.out
    assert printed.err == ""
    assert not any(flag in printed.out for flag in HIDDEN)
    assert "..." not in printed.out.replace("]...", "").replace("}...", "")  # nothing is cut off


def test_version_is_the_package_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == EXIT_OK
    assert capsys.readouterr().out == f"overlap {__version__}\n"


@pytest.mark.parametrize("words", [[], ["kb"]], ids=["core", "kb"])
def test_no_command_prints_the_help(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == EXIT_USAGE
    printed = capsys.readouterr()
    assert (printed.out, printed.err.splitlines()[0][:21]) == ("", "Usage: python -m core")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ingst"], "'ingest'"),
        (["ingest"], "PATH"),
        (["ingest", "a.txt", ""], "a PATH is empty"),
        (["ingest", "a.txt", "--password-env", ""], "--password-env names no"),
        (["ask", "-5 degrees?"], "goes after --"),
        (["ingest", "a.txt", "--encoding", "klingon"], "klingon"),
        (["read", "a.txt", "--encoding", "klingon"], "klingon"),
        (["read", "a.txt", "b.txt"], "b.txt"),
        (["ask", "Why?", "--top-k", "0"], "--top-k"),
        (["ask", "Why?", "--top-k", "few"], "--top-k"),
        (["evaluate", "--mode", "magic"], "'hybrid'"),
        (["bench", "--dim", "x"], "--dim"),
        (["bench", "--counts"], "--counts"),
        (["bench", "--lane", "sync"], "--lanes"),
        (["bench", "\x1b[31m"], "\\x1b"),
        (["server", "restart"], "'status'"),
        (["kb", "create"], "NAME"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_words_are_one_sentence_on_standard_error(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == EXIT_USAGE
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ") and printed.err.count("\n") == 1
    assert said in printed.err and "\x1b" not in printed.err


def test_words_are_taken_wherever_flags_stand() -> None:
    assert parsed("ingest", "a", "--kb", "x", "b", "--json")["paths"] == ["a", "b"]
    assert parsed("ask", "--top-k", "3", "--", "-5 degrees?")["question"] == "-5 degrees?"
    assert bench_flags("--rtt-ms=5", "--seed", "8").rtt_ms == 5


def test_name_of_a_file_need_not_be_unicode(capsys: pytest.CaptureFixture[str]) -> None:
    assert parsed("ingest", "caf\udce9.txt")["paths"] == ["caf\udce9.txt"]
    assert parsed("read", "caf\udce9.txt")["file"] == Path("caf\udce9.txt")
    assert main(["read", "caf\udce9.txt"]) == 1
    assert capsys.readouterr().err.startswith("error: caf\\udce9.txt can't be read")


@pytest.mark.slow
def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from core.cli.main import main; main(['bench', '--help'])\n"
        "print(sorted(sys.modules), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=True)
    for package in (
        "pymilvus",
        "llama_index.core",
        "numpy",
        "pandas",
        "pydantic",
        "rich",
        "torch",
        "streamlit",
    ):
        assert f"'{package}'" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes and no SIGINT to a process there")
def test_ctrl_c_ends_a_command_with_a_word_and_130(tmp_path: Path) -> None:
    fifo = tmp_path / "endless.txt"
    os.mkfifo(fifo)
    with _core("read", str(fifo)) as process:
        writer = _writer(fifo, process)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
        os.close(writer)
    assert (process.returncode, stderr) == (EXIT_STOPPED, "stopped\n")


def _writer(fifo: Path, process: subprocess.Popen[str]) -> int:
    """The other end, as soon as the process reads."""
    while process.poll() is None:
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as exc:
            assert exc.errno == errno.ENXIO
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
    raise AssertionError("it ended without reading")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such exit code there")
@pytest.mark.parametrize("words", [["--help"], ["bench", "--preset", "quick", "--counts", "2", "--dim", "8"]])
def test_output_that_nobody_reads_ends_a_command_in_silence(words: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    with _core(*words, stdout=write) as process:
        os.close(write)
        _, stderr = process.communicate(timeout=120)
    assert process.returncode == EXIT_UNREAD
    assert "Error" not in stderr and "Traceback" not in stderr

"""The commands `kb`: what there is, in words that can be counted on."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.exit_codes import EXIT_FAILED
from core.cli.main import main
from core.config.settings import Settings
from tests.command_line import Run, fee_file

pytestmark = pytest.mark.slow


def test_one_document_and_one_chunk_are_counted_as_one(run: Run, tmp_path: Path) -> None:
    assert run("ingest", fee_file(tmp_path, 120)).returncode == 0
    assert run("kb", "list").stdout.startswith("default: 1 document, 1 chunk, ")
    assert run("kb", "delete", "default", "--yes").stdout == "deleted default: 1 chunk\n"


def test_empty_knowledge_base_is_called_so_with_what_to_do(run: Run) -> None:
    assert "`python -m core ingest PATH` makes one" in run("kb", "list").stderr
    assert run("kb", "create", "default").returncode == run("kb", "create", "notes").returncode == 0
    first, second = run("kb", "list").stdout.splitlines()
    assert first.startswith("default: empty (the one that is used where no --kb is named), ")
    assert second.startswith("notes: empty, all-MiniLM-L6-v2 ")
    asked = run("ask", "How high is the lighthouse?")
    assert asked.stdout == (
        "There is nothing to search in yet. `python -m core ingest PATH` puts documents in.\n"
    )
    assert "--load-samples to put them in" in run("evaluate").stderr
    assert "`python -m core kb list` shows" in run("ask", "Why?", "--kb", "none").stderr


def test_model_that_can_not_be_used_is_the_argument_s(run: Run, tmp_path: Path) -> None:
    assert run("kb", "create", "default").returncode == 0
    done = run("kb", "change-model", "default", str(tmp_path / "none"))
    assert done.returncode == EXIT_FAILED
    assert "error: MODEL names the folder " in done.stderr and done.stderr.endswith("or name bundled.\n")


def test_deletion_of_what_is_not_there_says_so_before_it_asks_for_more(run: Run) -> None:
    done = run("kb", "delete", "nope")
    assert done.returncode == EXIT_FAILED
    assert "nope" in done.stderr and "--yes" not in done.stderr


def test_command_line_makes_lists_renames_and_deletes(
    lite: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["kb", "create", "Contracts", "--description", "Signed ones."]) == 0
    assert main(["kb", "rename", "Contracts", "Papers"]) == 0
    assert main(["kb", "list"]) == 0
    out = capsys.readouterr().out
    assert "Papers: empty, " in out
    assert "Signed ones." in out
    assert main(["kb", "delete", "Papers"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert main(["kb", "delete", "Papers", "--yes"]) == 0
    assert main(["kb", "list", "--json"]) == 0
    assert capsys.readouterr().out.endswith("[]\n")

"""The documentation keeps its word: examples run, commands and files are there, CI runs its command."""

from __future__ import annotations

import contextlib
import io
import re
import runpy
import subprocess
from pathlib import Path

import pytest

from core.config.settings import Settings
from core.embedding.model import Embedder
from core.runtime.paths import REPOSITORY
from tests.command_line import parsed
from tests.conftest import release_lite
from tests.documents import build_pdf

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
DOCS = [REPOSITORY / "README.md", *sorted(REPOSITORY.glob("docs/*.md")), REPOSITORY / "CONTRIBUTING.md"]


def _blocks(language: str) -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in DOCS]
    return [block for text in texts for block in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)]


def test_library_example_answers_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: Embedder
) -> None:
    pages = ["The report was written in spring.", "The report says that the main risks are fire and flood."]
    (tmp_path / "report.pdf").write_bytes(build_pdf(pages))
    (tmp_path / "example.py").write_text(_blocks("python")[0])
    monkeypatch.chdir(tmp_path)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        runpy.run_path("example.py")
    release_lite(Settings.from_env().target.uri)
    assert "the main risks are fire and flood" in output.getvalue()
    assert "[1] report.pdf, page 2 (cosine similarity 0." in output.getvalue()


def test_library_example_is_about_ten_lines() -> None:
    assert len([line for line in _blocks("python")[0].splitlines() if line.strip()]) <= 12


def test_ci_runs_the_test_command_of_the_readme_word_for_word() -> None:
    command = next(block.strip() for block in _blocks("sh") if "pytest" in block)
    assert command in (REPOSITORY / ".ci/run").read_text(encoding="utf-8").splitlines()


def test_commands_of_the_documentation_are_accepted_by_the_command_line() -> None:
    lines = [
        line.split("#")[0] for block in _blocks("sh") for line in block.splitlines() if "-m core" in line
    ]
    assert len(lines) == 15
    for line in lines:
        words = re.findall(r'"([^"]*)"|(\S+)', line)
        args = [quoted or plain for quoted, plain in words]
        parsed(*args[args.index("core") + 1 :])


def test_every_file_that_the_documentation_names_exists() -> None:
    named = [
        (path, name)
        for path in DOCS
        for name in re.findall(r"\]\((?!http)([^)#]+)\)", path.read_text(encoding="utf-8"))
    ]
    assert len(named) > len(DOCS)
    assert [(path.name, name) for path, name in named if not (path.parent / name).exists()] == []


def test_every_page_of_the_documentation_is_linked_from_the_readme() -> None:
    pages = {f"docs/{path.name}" for path in REPOSITORY.glob("docs/*.md")}
    assert pages - set(re.findall(r"\]\(([^)#]+)\)", README)) == set()


def test_modules_that_the_documentation_names_exist() -> None:
    named = {
        name
        for path in DOCS
        for name in re.findall(r"`((?:core|pages|tests)/[\w/]+\.py)`", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert sorted(name for name in named if not (REPOSITORY / name).exists()) == []


def test_readme_begins_with_a_picture_two_commands_and_three_things_to_try() -> None:
    titles = re.findall(r"^## (.*)$", README, re.M)
    assert titles == ["Run it", "Three things to try", "Test it", "Read on"]
    assert len(README.splitlines()) < 90


def test_every_direct_dependency_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (REPOSITORY / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[A-Za-z0-9._-]+==[^\s*;]+(; .+)?", line), line
    assert "torch==2.13.0" in (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()


def test_nothing_that_a_user_makes_is_tracked_by_git() -> None:
    done = subprocess.run(
        ["git", "check-ignore", "data/overlap.db", ".env", ".venv/bin/python"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["data/overlap.db", ".env", ".venv/bin/python"]

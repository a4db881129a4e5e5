"""The command `doctor`: each check with what to do, and no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import core
from tests.command_line import Run

pytestmark = pytest.mark.slow


def test_doctor_reports_each_check_and_no_secret(run: Run) -> None:
    done = run("doctor", "--json", OPENAI_API_KEY="sk-secret", MILVUS_TOKEN="root:hunter2")
    assert done.returncode == 0, done.stdout
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert checks["Overlap"]["detail"] == core.__version__
    assert set(checks) >= {"Python", "Data folder", "Milvus", "Knowledge bases", "Embedding model"}
    assert all(check["ok"] is not False for check in checks.values())
    assert "secret" not in done.stdout and "hunter2" not in done.stdout


def test_doctor_fails_with_what_to_do_when_milvus_is_away(run: Run) -> None:
    done = run("doctor", MILVUS_URI="http://127.0.0.1:1")
    assert done.returncode == 1
    assert "FAIL Milvus" in done.stdout and "Start it" in done.stdout


def test_doctor_says_when_the_model_was_not_made_for_the_documents_language(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mayak.txt"
    path.write_text("Маяк в гавани построен в 1897 году. Его высота тридцать семь метров.", encoding="utf-8")
    assert run("ingest", str(path)).returncode == 0
    done = run("doctor")
    assert done.returncode == 0
    assert "note Languages of default: Russian" in done.stdout
    assert "python -m core kb change-model" in done.stdout

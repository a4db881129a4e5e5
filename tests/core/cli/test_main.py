"""What all commands have in common: errors in a sentence, any letters, and a clean end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import Run
from tests.own_process import output_of

pytestmark = pytest.mark.slow


def test_wrong_setting_is_one_sentence(run: Run) -> None:
    done = run("doctor", MILVUS_URI="nonsense")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "MILVUS_URI" in done.stderr


@pytest.mark.parametrize("half", ["\udce9", "\ud83d"])
def test_letters_that_are_none_are_read_and_never_a_traceback(
    half: str, run: Run, folder: Path, tmp_path: Path
) -> None:
    assert run("ingest", str(folder)).returncode == 0
    done = run("ask", f"How high is the lighthouse, caf{half}?")
    assert (done.returncode, "37 metres" in done.stdout) == (0, True)
    done = run("ask", "--kb", f"caf{half}", "anything")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    questions = tmp_path / "questions.jsonl"
    row = {"question": f"Caf{half}?", "file": None, "contains": None}
    questions.write_text(json.dumps(row))
    assert run("evaluate", str(questions)).returncode == 0


def test_embedded_milvus_is_stopped_before_python_ends(tmp_path: Path) -> None:
    """Stopped after its threads were, it ended some commands with a traceback."""
    script = (
        "import runpy, sys\n"
        "sys.argv = ['core', 'kb', 'list']\n"
        "try: runpy.run_module('core', run_name='__main__')\n"
        "except SystemExit as end: print('ended', end.code)\n"
        "from milvus_lite.server_manager import server_manager_instance\n"
        "print('running', len(server_manager_instance._servers))\n"
    )
    printed = output_of(script, OVERLAP_DATA_DIR=str(tmp_path)).splitlines()
    assert printed[-2:] == ["ended 0", "running 0"]

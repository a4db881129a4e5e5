"""core.runtime.streams: no text that is printed ends a command, whatever the code page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.runtime.paths import REPOSITORY

pytestmark = pytest.mark.slow

TEXT = "é → 😀 \ud800"
SCRIPT = f"""
import json, sys
from core.runtime.streams import print_anything
print_anything()
print(json.dumps({{"text": {TEXT!r}}}, ensure_ascii=False))
print({TEXT!r}, file=sys.stderr)
"""


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_json_is_what_it_was_in_any_code_page(encoding: str) -> None:
    environ = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=REPOSITORY,
        env=environ,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode(encoding)) == {"text": TEXT}
    assert b"\\ud800" in done.stderr


def test_command_prints_a_record_with_letters_that_the_code_page_lacks(tmp_path: Path) -> None:
    folder = tmp_path / "Łódź → data"
    folder.mkdir()
    out = folder / "run.json"
    flags = ["--counts", "2", "--dim", "8", "--op", "add", "--json", "--out", str(out)]
    environ = os.environ | {"PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(
        [sys.executable, "-m", "core", "bench", *flags],
        cwd=REPOSITORY, env=environ, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode("cp1252"))["status"] == "complete"
    assert b"UnicodeEncodeError" not in done.stderr

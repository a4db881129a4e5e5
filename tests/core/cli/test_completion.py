"""What bash completes."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from core.cli.exit_codes import EXIT_OK
from core.cli.main import main
from core.runtime.paths import REPOSITORY


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("-m core in", ["ingest"]),
        ("-m core kb re", ["rename"]),
        ("-m core bench --fail", ["--fail-under"]),
        ("-m core bench --lanes sync,async-", ["sync,async-bounded", "sync,async-batch"]),
        ("-m core ingest --same-name k", ["keep"]),
        ("-m pytest in", []),
    ],
)
def test_bash_completes_commands_flags_and_choices(
    line: str, offered: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["--show-completion"]) == EXIT_OK
    script = f'{capfd.readouterr().out}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _overlap_completion\n'
    script += 'printf "%s\\n" "${COMPREPLY[@]}"'
    command = ["bash", "-c", script, "bash", sys.executable, *line.split()]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == offered

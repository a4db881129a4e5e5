"""The command `server` where none of ours runs; a real one is in tests/core/servers/test_standalone.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.exit_codes import EXIT_FAILED, EXIT_OK
from core.cli.main import main


@pytest.mark.parametrize(
    ("action", "code", "said"),
    [("status", EXIT_FAILED, "no server is running\n"), ("stop", EXIT_OK, "no server was running\n")],
)
def test_server_that_is_not_there_is_said_to_be_none(
    action: str,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OVERLAP_DATA_DIR", str(tmp_path / "data"))
    assert main(["server", action]) == code
    assert capsys.readouterr().out == said
    assert not (tmp_path / "data").exists()

"""How commands end, told where people look."""

from __future__ import annotations

import pytest

from core.cli.exit_codes import EXIT_CODES, EXIT_OK, EXIT_STOPPED, EXIT_UNREAD, EXIT_USAGE
from core.cli.main import main
from core.runtime.paths import REPOSITORY


def test_exit_codes_are_told_in_the_help_and_in_the_documentation(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    assert EXIT_CODES in " ".join(capsys.readouterr().out.split())
    told = (REPOSITORY / "docs/command-line.md").read_text(encoding="utf-8")
    for code in (EXIT_OK, 1, EXIT_USAGE, EXIT_STOPPED, EXIT_UNREAD):
        assert f"| {code} |" in told

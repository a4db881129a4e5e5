"""An exported script against a real Milvus server: it does the work of the trial that it repeats."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config.settings import Target
from tests.script_runs import assert_scripts_do_the_work_of_their_trials


def test_scripts_on_a_server_do_the_work_of_their_trials(
    server: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILVUS_TOKEN", server.token.value)
    token = ("--token-env", "MILVUS_TOKEN") if server.token else ()
    assert_scripts_do_the_work_of_their_trials(server.uri, ("sync", "async"), tmp_path, token)

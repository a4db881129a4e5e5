"""An exported script against a real Milvus server: it takes as long as the trial that it repeats."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config.settings import Target
from tests.script_runs import assert_script_reproduces


def test_script_on_a_server_takes_as_long_as_its_trial(
    server: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILVUS_TOKEN", server.token.value)
    token = ("--token-env", "MILVUS_TOKEN") if server.token else ()
    # Without Strong, whose wait for the server's next time tick is as long as where in it a trial begins; and
    # one call after another: a hundred at once scatter by more than a script may differ, on two cores.
    size = ("--counts", "100", "--consistency", "Bounded")
    plan = ("--target", server.uri, *token, "--op", "search", "--lanes", "sync", *size)
    assert_script_reproduces("sync", plan, tmp_path)

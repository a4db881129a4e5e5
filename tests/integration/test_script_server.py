"""An exported script against a real Milvus server: it takes as long as the trial that it repeats."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import Target
from tests.script_runs import assert_script_reproduces


# Without Strong, whose wait for the server's next time tick is as long as where in it a trial begins.
@pytest.mark.parametrize("lane", ["sync", "async"])
def test_script_on_a_server_takes_as_long_as_its_trial(
    lane: str, server: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILVUS_TOKEN", server.token.value)
    token = ("--token-env", "MILVUS_TOKEN") if server.token else ()
    size = ("--counts", "100", "--consistency", "Bounded")
    assert_script_reproduces(
        lane, ("--target", server.uri, *token, "--op", "search", "--lanes", lane, *size), tmp_path
    )

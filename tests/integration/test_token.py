"""A token-protected server: the contract again, and a wrong token.

In a process of its own: pymilvus keeps what it learnt of an address, and can't reach a second server
there that wants a token after one that wanted none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.runtime.paths import REPOSITORY
from core.servers.standalone import LocalMilvus, LocalServer

TOKEN = "root:Milvus"


@pytest.fixture(scope="module")
def protected(milvus: LocalMilvus, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    milvus.stop()
    local = LocalMilvus(tmp_path_factory.mktemp("protected"), flags=["--authorization-enabled"])
    yield local.start()
    local.stop()


def _run(*argv: str, uri: str, token: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"MILVUS_URI": uri, "MILVUS_TOKEN": token}
    return subprocess.run(
        [sys.executable, "-m", *argv],
        cwd=REPOSITORY,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_contract_holds_on_a_token_protected_server(protected: LocalServer) -> None:
    contract = "tests/integration/test_contract.py"
    done = _run(
        "pytest", contract, "-k", "server", "-q", "-p", "no:cacheprovider", uri=protected.uri, token=TOKEN
    )
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


@pytest.mark.parametrize("token", ["root:wrong", "nobody:Milvus", "no token at all", ""])
def test_wrong_token_is_a_sentence_without_it(token: str, protected: LocalServer) -> None:
    done = _run("core", "kb", "list", uri=protected.uri, token=token)
    assert done.returncode == 1
    assert "refused the token. Correct MILVUS_TOKEN and try again." in done.stderr
    assert "Traceback" not in done.stderr
    assert not token or token not in done.stdout + done.stderr

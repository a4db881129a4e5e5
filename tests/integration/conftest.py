"""A real Milvus server: the one at MILVUS_URI, or one from PyPI that is started for these tests."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config.settings import Target
from core.servers.standalone import LocalMilvus

# Read here: a fixture takes every setting away before a test.
URI, TOKEN = os.environ.get("MILVUS_URI", ""), os.environ.get("MILVUS_TOKEN", "")


@pytest.fixture(scope="package")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalMilvus]:
    """A server of these tests' own, to be started, killed and stopped; skips where none can be started."""
    if URI.startswith("http"):
        pytest.skip("the server at MILVUS_URI is not ours to be killed")
    if shutil.which("milvus-server", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("no MILVUS_URI is set, and the package milvus (Linux x86-64) is not installed")
    local = LocalMilvus(tmp_path_factory.mktemp("milvus"))
    yield local
    local.stop()
    assert local.running() is None


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Target:
    """Where the server is; skips where there is none and none can be started."""
    if URI.startswith("http"):
        return Target.parse(URI, TOKEN)
    milvus: LocalMilvus = request.getfixturevalue("milvus")
    # It goes on from test to test, unless one has stopped it to have another one at its address.
    started = milvus.start()
    assert milvus.running() == started
    return Target(uri=started.uri)

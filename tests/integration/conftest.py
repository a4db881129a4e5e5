"""A real Milvus server: the one at MILVUS_URI, or one from PyPI that is started for these tests."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Target
from core.local_server import LocalMilvus

# Read here: a fixture takes every setting away before a test.
URI, TOKEN = os.environ.get("MILVUS_URI", ""), os.environ.get("MILVUS_TOKEN", "")


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Where the server is; skips where there is none and none can be started."""
    if URI.startswith("http"):
        yield Target.parse(URI, TOKEN)
        return
    if shutil.which("milvus-server", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("no MILVUS_URI is set, and the package milvus (Linux x86-64) is not installed")
    milvus = LocalMilvus(tmp_path_factory.mktemp("milvus"))
    started = milvus.start()
    assert milvus.running() == started
    yield Target(uri=started.uri)
    assert milvus.stop()
    assert milvus.running() is None

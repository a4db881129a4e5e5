"""A real Milvus server: the one at MILVUS_URI, or one from PyPI that is started for these tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core import store
from core.config import Target
from core.errors import StoreError

# Read here: a fixture takes every setting away before a test.
URI, TOKEN = os.environ.get("MILVUS_URI", ""), os.environ.get("MILVUS_TOKEN", "")
PORT = 19530
START_TIMEOUT_S = 180.0
POLL_S = 1.0
END_TIMEOUT_S = 30.0


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Where the server is; skips where there is none and none can be started."""
    if URI.startswith("http"):
        yield Target.parse(URI, TOKEN)
        return
    command = shutil.which("milvus-server", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("no MILVUS_URI is set, and the package milvus (Linux x86-64) is not installed")
    folder = tmp_path_factory.mktemp("milvus")
    with (folder / "server.log").open("w") as log:
        argv = [command, "--data", str(folder / "data"), "--proxy-port", str(PORT)]
        process = subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        target = Target(uri=f"http://127.0.0.1:{PORT}")
        _wait_until_ready(process, target, folder)
        yield target
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    # The command hands Ctrl-C on to the server that it has started; on SIGTERM it leaves it behind.
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_TIMEOUT_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], target: Target, folder: Path) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline_s:
        try:
            store.server_version(target)
            return
        except StoreError:
            pass
        try:
            process.wait(POLL_S)
        except subprocess.TimeoutExpired:
            continue
        break
    raise RuntimeError(f"Milvus did not start: {(folder / 'server.log').read_text()[-500:]}")

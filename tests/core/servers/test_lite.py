"""core.servers.lite: a real Milvus Lite over TCP, its start, its end, and when it can't start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import BenchError
from core.servers.lite import LiteServer

pytestmark = pytest.mark.slow

PARENT = """
import signal, sys
from pathlib import Path
from core.servers.lite import LiteServer
server = LiteServer(Path(sys.argv[1]))
print(server.port, flush=True)
signal.pause()
"""
MAX_PATH = 260 if sys.platform == "win32" else os.pathconf("/", "PC_PATH_MAX")


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_client_uses_the_server_until_it_is_closed(tmp_path: Path) -> None:
    from pymilvus import MilvusClient

    folder = tmp_path / "new" / "lite"
    with LiteServer(folder) as server:
        assert server.uri == f"http://127.0.0.1:{server.port}"
        client = MilvusClient(server.uri)
        try:
            client.create_collection("rows", dimension=4)
            client.insert("rows", [{"id": 1, "vector": [1.0, 0.0, 0.0, 0.0]}])
            assert client.list_collections() == ["rows"]
        finally:
            client.close()
        assert any(folder.iterdir())
    assert not is_open(server.port)
    assert not folder.exists()
    server.close()


def test_existing_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    with pytest.raises(BenchError, match=r"can't make its folder .*: File exists"):
        LiteServer(tmp_path)
    assert (tmp_path / "kept.txt").read_text() == "kept"


def test_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BenchError, match="can't make its folder"):
        LiteServer(tmp_path / "file" / "lite")


def test_server_that_ends_at_its_start_gives_its_reason(tmp_path: Path) -> None:
    # A path so long that the folder can be made, but none of the files in it.
    folder = tmp_path
    while (room := MAX_PATH - 3 - len(str(folder))) > 0:
        folder /= "x" * min(200, room)
    with pytest.raises(BenchError, match=r"ended with exit code 1 at its start. .*File name too long"):
        LiteServer(folder)
    assert not folder.exists()


def test_server_that_starts_too_late_is_ended(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="not ready within 0 s"):
        LiteServer(tmp_path / "lite", timeout_s=0)
    assert not (tmp_path / "lite").exists()


def test_killed_parent_leaves_neither_server_nor_folder(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", PARENT, str(tmp_path / "lite")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, encoding="utf-8") as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        parent.kill()
    deadline_s = time.monotonic() + 30
    while is_open(port):
        assert time.monotonic() < deadline_s
    assert not (tmp_path / "lite").exists()

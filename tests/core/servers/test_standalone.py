"""The local Milvus server's life; with a real Milvus it is started by tests/integration."""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.main import main
from core.servers.standalone import PORT, LocalMilvus, LocalServerError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not sys.platform.startswith("linux") or platform.machine() != "x86_64",
        reason="that Milvus is there for Linux on x86-64 only",
    ),
]


def program(folder: Path, body: str) -> Path:
    path = folder / "milvus-server"
    path.write_text(f"#!{sys.executable}\n{body}\n")
    path.chmod(0o755)
    return path


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()


def test_no_server_is_running_at_first(tmp_path: Path) -> None:
    milvus = LocalMilvus(tmp_path)
    assert milvus.running() is None
    assert milvus.stop() is False


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_damaged_note_of_the_last_server_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "milvus").mkdir()
    (tmp_path / "milvus" / "server.json").write_text(text)
    assert LocalMilvus(tmp_path).running() is None


def test_process_that_got_the_servers_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "milvus").mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        note = {"pid": other.pid, "uri": "http://127.0.0.1:1", "started_s": 0.0}
        (tmp_path / "milvus" / "server.json").write_text(json.dumps(note))
        assert LocalMilvus(tmp_path).stop() is False
        assert is_alive(other.pid)
        other.kill()


def test_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", PORT))
        taken.listen()
        with pytest.raises(LocalServerError, match=f"port {PORT}"):
            LocalMilvus(tmp_path, command=program(tmp_path, "")).start()


def test_server_that_ends_at_its_start_says_where_its_log_is(tmp_path: Path) -> None:
    milvus = LocalMilvus(tmp_path, command=program(tmp_path, "print('no disk', flush=True); exit(3)"))
    with pytest.raises(LocalServerError, match="exit code 3") as caught:
        milvus.start()
    assert str(milvus.log) in str(caught.value)
    assert milvus.log.read_text() == "no disk\n"
    assert milvus.running() is None


def test_server_that_does_not_get_ready_is_ended(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    body = f"import os, signal\nopen({str(note)!r}, 'w').write(str(os.getpid()))\nsignal.pause()"
    milvus = LocalMilvus(tmp_path, command=program(tmp_path, body))
    with pytest.raises(LocalServerError, match="not ready within 0 s"):
        milvus.start(timeout_s=0)
    assert milvus.running() is None
    assert not note.exists() or not note.read_text() or not is_alive(int(note.read_text()))


def test_server_that_is_healthy_but_takes_no_calls_is_not_ready(tmp_path: Path) -> None:
    body = (
        "from http.server import BaseHTTPRequestHandler, HTTPServer\n"
        "class Health(BaseHTTPRequestHandler):\n"
        "    def do_GET(self):\n"
        "        self.send_response(200)\n"
        "        self.end_headers()\n"
        "HTTPServer(('127.0.0.1', 9091), Health).serve_forever()"
    )
    milvus = LocalMilvus(tmp_path, command=program(tmp_path, body))
    try:
        with pytest.raises(LocalServerError, match="not ready within 2 s"):
            milvus.start(timeout_s=2)
        assert milvus.running() is None
    finally:
        milvus.stop()


def test_status_says_that_none_is_running(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["server", "status"]) == 1
    assert capsys.readouterr().out == "no server is running\n"
    assert main(["server", "stop"]) == 0
    assert capsys.readouterr().out == "no server was running\n"

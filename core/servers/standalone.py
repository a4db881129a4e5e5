"""A real Milvus server on this machine without Docker: the standalone server that PyPI has.

It is Milvus 2.3.5, for Linux on x86-64, and it listens on every network interface: it has no setting
for that. It is meant for a talk or a try-out, not for data that must stay private on an open network.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path

from core.config.environ import bare_environ, environ_without_secrets
from core.errors import OverlapError

PACKAGE = "milvus==2.3.5"
LAUNCHER = Path(__file__).with_name("standalone_launcher.py")
PORT = 19530
# Where it listens besides; another server there would stop it in the middle of its start.
OTHER_PORTS = (2379, 2380, 9091, 13333, 19529, 19531, 21121, 21123, 21124, 53100)
HEALTH_URL = "http://127.0.0.1:9091/healthz"
HEALTH_TIMEOUT_S = 5.0
# Usually 5 to 15 s are enough.
START_TIMEOUT_S = 150.0
END_TIMEOUT_S = 30.0
POLL_S = 0.5
OPEN_TO_ALL = (
    "It listens on all network interfaces, because Milvus 2.3.5 can't be told otherwise: "
    "on a network that you don't trust, put a firewall before it, and stop it after the talk."
)

Say = Callable[[str], object]


class LocalServerError(OverlapError):
    """The local Milvus server can't be started or stopped; the message says what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalServer:
    """A server that was started here.

    Attributes:
        pid: Of its process group.
        started_s: In s since 1970.
    """

    pid: int
    uri: str
    started_s: float


class LocalMilvus:
    """The one local server of a data folder, over the lives of the programs that use it.

    Args:
        command: The server's program; found or installed when not given.
        flags: More of the flags of core/servers/standalone_launcher.py.
    """

    def __init__(self, data_dir: Path, *, command: Path | None = None, flags: Sequence[str] = ()) -> None:
        self._given, self._flags = command, tuple(flags)
        # The server as this program's child; None when another program has started it.
        self._process: subprocess.Popen[bytes] | None = None
        self.folder = data_dir.absolute() / "milvus"
        self.log = self.folder / "server.log"
        self._state = self.folder / "server.json"

    def running(self) -> LocalServer | None:
        """The server that `start` has started, as long as it lives."""
        try:
            server = LocalServer(**json.loads(self._state.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return server if self._is_ours(server.pid) else None

    def start(self, say: Say = lambda text: None, *, timeout_s: float = START_TIMEOUT_S) -> LocalServer:
        """Start it, installing it first where it is missing; returns once it answers.

        Args:
            say: Is told what is going on, about once a second.
            timeout_s: Seconds until it must answer, without those for installing it.

        Raises:
            LocalServerError: It can't be installed or started here.
        """
        server = self.running()
        if server is not None:
            return server
        _check_platform()
        command = self._command(say)
        _check_ports()
        self.folder.mkdir(parents=True, exist_ok=True)
        server = self._launch(command)
        try:
            assert self._process is not None
            self._wait_until_ready(self._process, say, timeout_s)
        except BaseException:
            self._end(server.pid)
            raise
        return server

    def _launch(self, command: Sequence[str]) -> LocalServer:
        argv = [*command, "--data", str(self.folder / "data"), "--proxy-port", str(PORT), *self._flags]
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=bare_environ(),
                start_new_session=True,
            )
        uri = f"http://127.0.0.1:{PORT}"
        server = LocalServer(pid=self._process.pid, uri=uri, started_s=time.time())
        self._state.write_text(json.dumps(asdict(server)))
        return server

    def stop(self) -> bool:
        """End it; its data stays. Returns whether there was one."""
        server = self.running()
        if server is not None:
            self._end(server.pid)
            _wait_until_closed()
        self._state.unlink(missing_ok=True)
        return server is not None

    def kill(self) -> None:
        """End it at once, as a crash would; its data stays."""
        server = self.running()
        if server is not None:
            _kill_group(server.pid)
        if self._process is not None:
            self._process.wait()
            self._process = None
        if server is not None:
            _wait_until_closed()

    def _command(self, say: Say) -> list[str]:
        if self._given is not None:
            return [str(self._given)]
        own = self.folder / "venv" / "bin" / "python"
        for python in (Path(sys.executable), own):
            if shutil.which("milvus-server", path=str(python.parent)):
                return [str(python), str(LAUNCHER)]
        say(f"installing {PACKAGE} from PyPI (81 MB)")
        venv = own.parent.parent
        for argv in (
            [sys.executable, "-m", "venv", str(venv)],
            [str(venv / "bin" / "pip"), "install", "--quiet", PACKAGE],
        ):
            done = subprocess.run(
                argv, capture_output=True, text=True, check=False, env=environ_without_secrets()
            )
            if done.returncode:
                shutil.rmtree(venv, ignore_errors=True)
                raise LocalServerError(
                    f"{PACKAGE} could not be installed: {_last_line(done.stderr)}. "
                    "Connect to the internet once, and start it again."
                )
        return [str(own), str(LAUNCHER)]

    def _wait_until_ready(self, process: subprocess.Popen[bytes], say: Say, timeout_s: float) -> None:
        begun_s = time.monotonic()
        while (waited_s := time.monotonic() - begun_s) < timeout_s:
            # Before its last part is there, it calls the others healthy and takes no calls yet.
            if _is_open(PORT) and _is_healthy():
                return
            say(f"starting, {waited_s:.0f} s (usually 5 to 15 s)")
            with suppress(subprocess.TimeoutExpired):
                process.wait(POLL_S)
                raise LocalServerError(
                    f"Milvus ended at its start (exit code {process.returncode}). "
                    f"Its log says why: {self.log}"
                )
        raise LocalServerError(f"Milvus was not ready within {timeout_s:g} s. Its log says why: {self.log}")

    def _is_ours(self, pid: int) -> bool:
        """Whether that process is the server, and not another one that was given its number since."""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return str(self.folder / "data").encode() in words

    def _end(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        until_s = time.monotonic() + END_TIMEOUT_S
        while self._lives(pid) and time.monotonic() < until_s:
            time.sleep(POLL_S)
        _kill_group(pid)
        if self._process is not None:
            self._process.wait()
            self._process = None
        self._state.unlink(missing_ok=True)

    def _lives(self, pid: int) -> bool:
        return self._is_ours(pid) and (self._process is None or self._process.poll() is None)


def _kill_group(pid: int) -> None:
    if sys.platform == "win32":
        return  # no such server is there
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def can_be_had() -> bool:
    """Whether such a server is there for this machine."""
    return sys.platform.startswith("linux") and platform.machine() == "x86_64"


def _check_platform() -> None:
    if not can_be_had():
        raise LocalServerError(
            "The Milvus server without Docker is there for Linux on x86-64 only. "
            "Use docker compose, or point MILVUS_URI at a server elsewhere."
        )


def _check_ports() -> None:
    taken = [port for port in (PORT, *OTHER_PORTS) if _is_open(port)]
    if taken:
        ports = ", ".join(map(str, taken))
        raise LocalServerError(
            f"Something listens on port {ports} of this machine already. "
            "If it is a Milvus, point MILVUS_URI at it; otherwise end it first."
        )


def _is_healthy() -> bool:
    """Whether all its parts are ready. A client that connects before can be left waiting for minutes."""
    try:
        with urllib.request.urlopen(HEALTH_URL, timeout=HEALTH_TIMEOUT_S) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except urllib.error.HTTPError as exc:
        exc.close()
        return False
    except OSError:
        return False


def _wait_until_closed() -> None:
    """A process of its group may take a moment longer to end, and a start would find its ports taken."""
    until_s = time.monotonic() + END_TIMEOUT_S
    while any(_is_open(port) for port in (PORT, *OTHER_PORTS)) and time.monotonic() < until_s:
        time.sleep(POLL_S)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "no reason was given"
